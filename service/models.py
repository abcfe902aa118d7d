"""The models that the service has: loaded and warmed in the background, found by language pair."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from nmt.checkpoint.together import is_model, translates
from nmt.errors import ConfigurationError
from nmt.translate.translator import Translator
from service.errors import ApiError, quoted
from service.settings import Settings

logger = logging.getLogger(__name__)

# Translated once before the service calls itself ready: the first call is slow, and its result tells that all is well.
QUESTIONS = {
    "de": "Wo ist der Bahnhof?",
    "en": "Where is the station?",
    "es": "¿Dónde está la estación?",
    "fr": "Où est la gare ?",
    "it": "Dov'è la stazione?",
}


class Models:
    """`load` runs once, in the worker thread; until it is through, every question is answered 503."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._directories = _model_directories(settings.models)
        self._translators: dict[str, Translator] = {}
        self.failure: Exception | None = None
        self.ready = False

    def load(self) -> None:
        """Load and warm every model. Raises ModelDirectoryError, ConfigurationError, DeviceError."""
        for directory in self._directories:
            began = time.perf_counter()
            translator = Translator.load(
                directory,
                device=self._settings.device,
                threads=self._settings.threads,
                runtime=self._settings.runtime,
            )
            question = QUESTIONS.get(translator.source_language, "1, 2, 3.")
            answer = translator.translate([question])[0].text
            if translator.name in self._translators:
                raise ConfigurationError(f"{directory}: there is another model with the name {translator.name}; rename one")
            self._translators[translator.name] = translator
            seconds = time.perf_counter() - began
            logger.info("model=%s seconds=%.1f sample=%r", translator.name, seconds, f"{question} → {answer}")
        for (source, target), translators in self.pairs().items():
            if len(translators) > 1:
                others = ",".join(translator.name for translator in translators[1:])
                logger.info("pair=%s-%s default=%s others=%s", source, target, translators[0].name, others)
        self.ready = True

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        """Translators by (source, target) language, alphabetical, the default first."""
        pairs: dict[tuple[str, str], list[Translator]] = {}
        for _, translator in sorted(self._translators.items()):
            pairs.setdefault((translator.source_language, translator.target_language), []).append(translator)
        return dict(sorted(pairs.items()))

    def require_ready(self) -> None:
        """Raises ApiError (503) until every model is loaded and warm."""
        if self.failure is not None:
            raise ApiError(503, "not_ready", "a model could not be loaded; the service's log says why", retry_after=60)
        if not self.ready:
            raise ApiError(503, "not_ready", "the models are still being loaded; try again in a moment", retry_after=1)

    def find(self, source: str, target: str, model: str | None) -> Translator:
        """The translator for a language pair. Raises ApiError: 503 while loading, 404 naming what there is."""
        self.require_ready()
        pairs = self.pairs()
        translators = pairs.get((source.lower(), target.lower()))
        if translators is None:
            known = ", ".join(f"{source}→{target}" for source, target in pairs)
            raise ApiError(
                404, "pair_not_loaded", f"no model translates {quoted(source)} to {quoted(target)}; there are: {known}"
            )
        for translator in translators:
            if model in (None, translator.name):
                return translator
        names = ", ".join(translator.name for translator in translators)
        raise ApiError(
            404, "model_not_loaded", f"no model {quoted(model or '')} translates {source}→{target}; there are: {names}"
        )


def _model_directories(models: Path) -> list[Path]:
    if is_model(models):
        return [models]
    directories = sorted(path for path in models.glob("*/") if is_model(path) and translates(path))
    if not directories:
        raise ConfigurationError(
            f"{models}: there is no model in it; a model is a folder with a manifest.json, as `nmt train` writes it"
        )
    return directories
