"""The models of the service: loaded and warmed in the background, found by language pair."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nmt.checkpoint.together import is_model, translates
from nmt.config.language import fallbacks
from nmt.config.process import set_threads
from nmt.errors import ConfigurationError, NmtError, one_line
from nmt.translate.source import AUTO
from nmt.translate.translator import Translator

from .errors import NotReady, UnknownModel, UnknownPair
from .settings import Settings

logger = logging.getLogger(__name__)

# Each model translates one before it is served: the first call is slow, and the log shows a person that all is well.
QUESTIONS = {
    "de": "Wo ist der Bahnhof?",
    "en": "Where is the station?",
    "es": "¿Dónde está la estación?",
    "fr": "Où est la gare ?",
    "it": "Dov'è la stazione?",
}


Stamp = tuple[tuple[str, int, int, int], ...]


class Reloaded(NamedTuple):
    """Names of models."""

    loaded: tuple[str, ...]
    """New, or in another state than before."""
    removed: tuple[str, ...]


class Models:
    """`load` runs once, in a thread; until it returns, nothing is found. `reload` looks again, while all is served on."""

    def __init__(self, settings: Settings, *, threads: int | None = None) -> None:
        """They compute in `threads` threads, by default those of the settings.

        Raises ConfigurationError where there is no model.
        """
        self._settings, self._threads = settings, threads or settings.threads
        _model_directories(settings.models)
        self._loaded: dict[Path, tuple[Stamp, Translator]] = {}
        self._seen: dict[Path, Stamp] = {}  # of all that was tried, loaded or not
        self._translators: dict[str, Translator] = {}
        self._turn = threading.Lock()
        self.unusable: dict[str, str] = {}
        """Names of folders whose models could not be loaded, each with the reason."""
        self.failure: ConfigurationError | None = None
        """The reason where no model at all could be loaded."""
        self.ready = False
        self._is_abandoned = False

    def load(self) -> None:
        """Load and warm every model. One that cannot be loaded is left out, and `unusable` says why."""
        try:
            self.reload()
        except ConfigurationError as error:
            self.failure = error
        except OSError as error:
            self.failure = ConfigurationError(f"{self._settings.models}: cannot be read: {error.strerror}")
        else:
            self.ready = not self._is_abandoned

    def reload(self) -> Reloaded:
        """Load and warm models that are new or have changed, and forget those that are gone.

        All others stay as they are. A model that cannot be loaded any more is served as it was. Whoever holds a translator
        keeps it until its request is answered.
        Raises ConfigurationError where no model is left that can be served; those that were loaded are served on.
        """
        with self._turn:
            directories = _model_directories(self._settings.models)
            self._seen = {directory: _stamp(directory) for directory in directories}
            loaded = {
                directory: before for directory, before in self._loaded.items() if before[0] == self._seen.get(directory)
            }
            unusable: dict[str, str] = {}
            for directory in directories:
                if self._is_abandoned:
                    return Reloaded((), ())
                if directory in loaded:
                    continue
                before = self._loaded.get(directory)
                try:
                    translator = self._load(directory, [own for _, own in loaded.values()])
                    loaded[directory] = self._seen[directory], translator
                except Exception as error:  # whatever is wrong with one model, the others are served
                    reason = str(error) if isinstance(error, NmtError) else f"{type(error).__name__}: {error}"
                    unusable[directory.name] = one_line(reason.replace(f"{self._settings.models}/", ""))
                    logger.error("model=%s cannot be served: %s", directory.name, one_line(reason))
                    if before is not None:
                        loaded[directory] = before
            self.unusable = unusable
            if not loaded:
                raise ConfigurationError(f"no model can be served: {'; '.join(unusable.values())}")
            old, new = self._translators, {translator.name: translator for _, translator in loaded.values()}
            self._loaded, self._translators = loaded, new
            self._tell_defaults()
            return Reloaded(
                loaded=tuple(sorted(name for name, translator in new.items() if old.get(name) is not translator)),
                removed=tuple(sorted(old.keys() - new.keys())),
            )

    def compute_in(self, threads: int) -> None:
        """Compute in so many threads from now on, also with models that are loaded."""
        self._threads = threads
        set_threads(threads)

    def has_changed(self) -> bool:
        """Whether the folder is another than it was at the last look, which tried to load all that was there."""
        try:
            directories = _model_directories(self._settings.models)
        except ConfigurationError:
            return False
        return {directory: _stamp(directory) for directory in directories} != self._seen

    def _tell_defaults(self) -> None:
        for (source, target), translators in self.pairs().items():
            if len(translators) > 1:
                others = ",".join(translator.name for translator in translators[1:])
                logger.info("pair=%s-%s default=%s others=%s", source, target, translators[0].name, others)

    @property
    def is_loaded(self) -> bool:
        """Whether `load` has come to its end."""
        return self.ready or self.failure is not None

    def abandon(self) -> None:
        """Let `load` return after the model that it is loading now."""
        self._is_abandoned = True

    def _load(self, directory: Path, others: Sequence[Translator]) -> Translator:
        began = time.perf_counter()
        settings = self._settings
        translator = Translator.load(directory, device=settings.device, threads=self._threads, runtime=settings.runtime)
        question = QUESTIONS.get(translator.source_language, "1, 2, 3.")
        answer = translator.translate([question])[0].text
        if any(translator.name == other.name for other in others):
            raise ConfigurationError(f"{directory}: there is another model with the name {translator.name}; rename one")
        seconds = time.perf_counter() - began
        logger.info("model=%s seconds=%.1f sample=%r", translator.name, seconds, f"{question} → {answer}")
        if translator.slow_because is not None:
            logger.warning("model=%s runs several times slower than int8 does: %s", translator.name, translator.slow_because)
        return translator

    @property
    def devices(self) -> set[str]:
        """Where the models compute: "cpu", "cuda"."""
        return {translator.device for translator in self._translators.values()}

    def translating_to(self, target: str, model: str | None) -> list[Translator]:
        """The default of each pair with this target language; with a `model`, only the one of that name.

        Raises NotReady, and UnknownPair or UnknownModel naming what there is.
        """
        self.require_ready()
        pairs = self.pairs()
        asked = next((tag for tag in fallbacks(target) if any(fallbacks(own)[0] == tag for _, own in pairs)), None)
        groups = [translators for (_, own), translators in pairs.items() if fallbacks(own)[0] == asked]
        if not groups:
            raise UnknownPair(AUTO, target, list(pairs))
        if model is None:
            return [translators[0] for translators in groups]
        every = [translator for translators in groups for translator in translators]
        named = [translator for translator in every if translator.name == model]
        if not named:
            raise UnknownModel(model, AUTO, target, [translator.name for translator in every])
        return named

    def __len__(self) -> int:
        """How many models are loaded."""
        return len(self._translators)

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        """Translators by (source, target) language, alphabetical, the default first."""
        pairs: dict[tuple[str, str], list[Translator]] = {}
        for _, translator in sorted(self._translators.items()):
            pairs.setdefault((translator.source_language, translator.target_language), []).append(translator)
        return dict(sorted(pairs.items()))

    def require_ready(self) -> None:
        """Raises NotReady until every model is either warm or unusable, and for ever where none is warm."""
        if self.failure is not None:
            raise NotReady("no model could be loaded; the service's log says why", retry_after=60)
        if not self.ready:
            raise NotReady("the models are still being loaded; try again in a moment", retry_after=1)

    def find(self, source: str, target: str, model: str | None) -> Translator:
        """The translator for a language pair; where there is none for de-AT, the one for de.

        Raises NotReady, and UnknownPair or UnknownModel naming what there is.
        """
        self.require_ready()
        pairs = self.pairs()
        # A model's tag is as its recipe wrote it.
        standard = {(fallbacks(pair[0])[0], fallbacks(pair[1])[0]): pair for pair in pairs}
        asked = itertools.product(fallbacks(source), fallbacks(target))
        translators = next((pairs[standard[pair]] for pair in asked if pair in standard), None)
        if translators is None:
            raise UnknownPair(source, target, list(pairs))
        for translator in translators:
            if model in (None, translator.name):
                return translator
        assert model is not None  # without a name the first would have been found
        raise UnknownModel(model, source, target, [translator.name for translator in translators])


def _stamp(directory: Path) -> Stamp:
    """All that tells one state of a model directory from another without reading it; nothing where it is gone."""
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                status = path.stat()
                # A copy may have the time of its original, and the number of a file that was there before it.
                found.append((path.name, status.st_ctime_ns, status.st_size, status.st_ino))
    return tuple(sorted(found))


def _model_directories(models: Path) -> list[Path]:
    if is_model(models):
        return [models]
    directories = sorted(path for path in models.glob("*/") if is_model(path) and translates(path))
    if not directories:
        raise ConfigurationError(
            f"{models}: there is no model in it; a model is a folder with a manifest.json, as `nmt train` writes it"
        )
    return directories
