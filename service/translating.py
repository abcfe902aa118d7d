"""The core that every wire format calls: from texts to translations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from nmt.config.formality import Formality, has_formality
from nmt.config.language import fallbacks
from nmt.config.search import SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError, MissingPackageError
from nmt.translate.ask import Ask
from nmt.translate.cost import SearchSize
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.plan import Plan, advance
from nmt.translate.result import SentenceTranslation, Translation
from nmt.translate.source import AUTO, Detection, Origin, detected, origin_of
from nmt.translate.translator import PairScore, Translator

from .access import metered
from .beside import beside_the_loop
from .clients import CLIENT
from .errors import BadText, NoFormality, NotOffered, TooLate
from .models import Models
from .scheduler import Scheduler

SCORED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Translated:
    """The translation of each text of a request, in order, and the translator that made it."""

    origins: list[Origin]
    translations: list[Translation]

    @property
    def translators(self) -> list[Translator]:
        """The translator of each text."""
        return [origin.translator for origin in self.origins]

    @property
    def translator(self) -> Translator:
        """The translator of the first text."""
        return self.origins[0].translator

    def detections(self) -> list[Detection]:
        """The language of each text, by its standard tag. It is certain where a translator has known it by itself."""
        return [
            Detection(
                fallbacks(translation.language or origin.translator.source_language)[0],
                origin.probability if translation.language in ("", origin.left_in) else 1.0,
            )
            for origin, translation in zip(self.origins, self.translations, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a service, by their standard tags, in alphabetical order."""

    names: dict[str, str]
    """In English, of all of them."""
    targets: dict[str, list[str]]
    """The languages to which each is translated."""


class Translating:
    """Finds the model for a request and drives the plan of its texts with the scheduler, for at most `seconds`."""

    def __init__(self, models: Models, scheduler: Scheduler, *, seconds: float) -> None:
        self._models, self._scheduler, self._seconds = models, scheduler, seconds

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        """Translators by (source, target) language; the first of each pair is its default. Raises NotReady."""
        self._models.require_ready()
        return self._models.pairs()

    def languages(self) -> Languages:
        """The languages of all models. Raises NotReady."""
        names: dict[str, str] = {}
        targets: dict[str, list[str]] = {}
        for (source, target), translators in self.pairs().items():
            names[fallbacks(source)[0]] = translators[0].source_language_name
            names[fallbacks(target)[0]] = translators[0].target_language_name
            targets.setdefault(fallbacks(source)[0], []).append(fallbacks(target)[0])
        return Languages(dict(sorted(names.items())), {tag: sorted(targets.get(tag, ())) for tag in sorted(names)})

    async def detect(self, texts: Sequence[str]) -> list[list[Detection]]:
        """The languages that each text may be in, the most probable first. Raises NotReady."""
        known = list(self.languages().names)
        return await asyncio.to_thread(lambda: [detected(text, known) for text in texts])

    @metered
    async def translate(
        self,
        texts: Sequence[str],
        options: SearchOptions,
        *,
        source: str,
        target: str,
        model: str | None = None,
        attention: bool = False,
        markup: Markup = PLAIN,
        glossary: Glossary | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
        interactive: bool = True,
    ) -> Translated:
        """Translate `texts` from one language to another, by the model called `model` or the default of the pair.

        With `source` "auto" each text is in the language that it most probably is in. One that surely is in `target`, or in
        a language from which no model translates to it, comes back as it is. What is not `interactive` goes after what
        somebody waits for. The other arguments are as in `Translator.translate`. A caller that is cancelled frees its place
        in the queue.
        Raises NotReady, UnknownPair, UnknownModel, NoFormality, BadText, RequestTooLarge, Overloaded, TooLate.
        """
        origins = await self._origins(texts, source, target, model, markup)
        if not interactive:
            CLIENT.set(CLIENT.get().in_background)
        translators = [origin.translator for origin in origins]
        _require_formality(formality, translators[0], target)
        drives = [
            _Drive(
                translator,
                [number for number, own in enumerate(translators) if own is translator],
                translator.plan(
                    [text for text, own in zip(texts, translators, strict=True) if own is translator],
                    options,
                    attention=attention,
                    markup=markup,
                    glossary=glossary,
                    split_sentences=split_sentences,
                    localise_numbers=localise_numbers,
                    formality=formality,
                    left_in=[origin.left_in for origin in origins if origin.translator is translator],
                ),
                sum(len(text) for text, own in zip(texts, translators, strict=True) if own is translator),
            )
            for translator in dict.fromkeys(translators)
        ]
        translations: dict[int, Translation] = {}
        try:
            async with asyncio.timeout(self._seconds):
                await beside_the_loop(sum(map(len, texts)), _begin, drives)
                # Once: what plans ask for later belongs to work that was accepted.
                self._scheduler.admit({drive.translator: drive.cost for drive in drives})
                for drive in drives:
                    translations |= zip(drive.members, await self._finished(drive), strict=True)
                return Translated(origins, [translations[number] for number in range(len(texts))])
        except TimeoutError as error:
            raise TooLate(self._seconds) from error
        except InputError as error:
            raise BadText(str(error)) from error
        except MissingPackageError as error:
            raise NotOffered(str(error)) from error

    async def _origins(
        self, texts: Sequence[str], source: str, target: str, model: str | None, markup: Markup
    ) -> list[Origin]:
        if source != AUTO:
            return [Origin(self._models.find(source, target, model), "", 1.0)] * len(texts)
        possible, known = self._models.translating_to(target, model), list(self.languages().names)
        return await asyncio.to_thread(lambda: [origin_of(text, possible, known, markup) for text in texts])

    def find(self, source: str, target: str) -> Translator:
        """The default translator of a pair. Raises NotReady, UnknownPair."""
        return self._models.find(source, target, None)

    def require_pair(self, source: str, target: str, *, formality: Formality, model: str | None = None) -> None:
        """Raises NotReady, UnknownPair, UnknownModel, NoFormality as `translate` does; `source` may be "auto"."""
        models = self._models
        found = models.translating_to(target, model)[0] if source == AUTO else models.find(source, target, model)
        _require_formality(formality, found, target)

    async def score(self, pairs: Sequence[tuple[str, str]], *, source: str, target: str) -> list[PairScore]:
        """The score of the target of each pair, given its source. Raises NotReady, UnknownPair."""
        translator = self.find(source, target)
        found: list[PairScore] = []
        for start in range(0, len(pairs), SCORED_AT_ONCE):
            # A few at a time, so that translations come between.
            some = pairs[start : start + SCORED_AT_ONCE]
            try:
                found += await self._scheduler.run(partial(translator.score_pairs, some))
            except MissingPackageError as error:
                raise NotOffered(str(error)) from error
        return found

    async def _finished(self, drive: _Drive) -> list[Translation]:
        arrived = asyncio.get_running_loop().time()
        while isinstance(drive.step, Ask):
            answer = await self._scheduler.answer(drive.translator, drive.step, drive.sizes, arrived=arrived)
            await beside_the_loop(drive.characters, drive.advance, answer)
        assert drive.step is not None
        return drive.step


@dataclass(slots=True)
class _Drive:
    """The plan of the texts of a request that one translator translates, on its way."""

    translator: Translator
    members: list[int]
    """Numbers of these texts in the request."""
    plan: Plan
    characters: int
    """Of these texts."""
    step: Ask | list[Translation] | None = None
    """What the plan asks for now, or its end; None before it has begun."""
    sizes: list[SearchSize] = field(default_factory=list)
    """Of the searches for `step`."""

    def advance(self, answer: Sequence[SentenceTranslation] | None = None) -> None:
        """Go on with the answer to `step`."""
        self.step = advance(self.plan, answer)
        self.sizes = self.translator.sizes(self.step) if isinstance(self.step, Ask) else []

    @property
    def cost(self) -> int:
        """Cost of what the plan asks for now."""
        return sum(size.cost for size in self.sizes)


def _begin(drives: Sequence[_Drive]) -> None:
    for drive in drives:
        drive.advance()


def _require_formality(formality: Formality, translator: Translator, target: str) -> None:
    """Raises NoFormality where a register is asked for in a language that has only one."""
    if formality in ("more", "less") and not has_formality(translator.target_language):
        raise NoFormality(formality, target)
