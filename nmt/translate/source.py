"""The language of a text, and the choice of a model by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nmt.config.language import base_language
from nmt.text.language import Ranking, detect, has_other_words, has_script_of, identifiable_languages, is_long_enough
from nmt.translate.markup.document import Document
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.translator import Translator

AUTO = "auto"
"""What stands for a source language that is to be found out."""

UNDETERMINED = "und"
"""BCP 47's tag of a text that is in no language, such as a number."""

_SURE = 0.8
_LIKELY = 0.4
"""The least probability of a language that none knows here, where that of all such languages is `_NONE_KNOWN`."""
_NONE_KNOWN = 0.98
# Parts of a text that may be in other languages than the rest: a mail that quotes another, a greeting before a sentence.
_PARTS = re.compile(r"(?<=[.!?:;,])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Detection:
    """A language that a text may be in."""

    language: str
    probability: float
    """Given that the text is in one of the languages that were compared; 0 for a text without letters."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a text is translated from."""

    translator: Translator
    left_in: str
    """The language of a text that is to come back as it is, since no model translates it to the target; or ""."""
    probability: float
    """That the text is in that language, or else in the source of `translator`; 0 for a text without letters."""


def origin_of(text: str, translators: Sequence[Translator], languages: Iterable[str] = (), markup: Markup = PLAIN) -> Origin:
    """The language that `text` is most probably in, and the one of `translators`, all to one target, that is for it.

    `languages` are others that the text may be in, besides the sources and the target. It is left as it is only where it is
    surely in the target, in one of these, or, if it has some words, in any language; and where no part of it is surely in a
    source. Tags say nothing of the language. Raises InputError where there are no translators.
    """
    if markup.format != "text":
        text = "\n".join(Document(text, markup).parts)
    sources = {base_language(translator.source_language): translator for translator in reversed(translators)}
    targets = {base_language(translator.target_language): translator.target_language for translator in translators}
    known = dict.fromkeys([*sources, *targets, *map(base_language, languages)])
    found = detected(text, known)
    best = found[0]
    probabilities = {one.language: one.probability for one in found}
    source = next((one.language for one in found if one.language in sources), None) or detect(text, sources)[0][0]
    is_sure = best.probability > _SURE and (best.language in known or is_long_enough(text))
    is_other = best.language not in known and has_other_words(text, known)
    is_left = (is_sure or is_other) and best.language not in sources
    parts = _PARTS.split(text)
    if is_left and not (len(parts) > 1 and any(_is_in_one_of(sources, part, {*known, best.language}) for part in parts)):
        return Origin(sources[source], targets.get(best.language, best.language), best.probability)
    return Origin(sources[source], "", probabilities.get(source, 0.0))


def _is_in_one_of(languages: Collection[str], text: str, known: Iterable[str]) -> bool:
    best, probability = detect(text, known)[0]
    return best in languages and probability > _SURE


def detected(text: str, languages: Iterable[str]) -> list[Detection]:
    """The languages that `text` may be in, the most probable first: those of `languages`, or another that it surely is in.

    Raises InputError where no language is given.
    """
    given = list(languages)
    if not has_letters(text):
        return [Detection(UNDETERMINED, 0.0)]
    ranking = Ranking(text)
    ranked = ranking.among((*given, *_others(tuple(given))))
    best, probability = ranked[0]
    if best not in given and (
        probability > _SURE or _is_in_none(ranked, given, text) or not any(has_script_of(text, tag) for tag in given)
    ):
        return [Detection(best, probability)]
    return [Detection(*one) for one in ranking.among(given)]


def _is_in_none(ranked: Sequence[tuple[str, float]], given: Collection[str], text: str) -> bool:
    """Whether a text of a few words is surely in none of the languages `given`, though less surely in the best of others."""
    others = sum(probability for language, probability in ranked if language not in given)
    return ranked[0][1] > _LIKELY and others > _NONE_KNOWN and has_other_words(text, given)


@lru_cache(maxsize=16)
def _others(given: tuple[str, ...]) -> list[str]:
    return sorted(identifiable_languages().difference(map(base_language, given)))


def load_detection() -> None:
    """Load the table that languages are told apart by, which the first text loads otherwise: 75 MB, in half a second."""
    identifiable_languages()


def has_letters(text: str) -> bool:
    """Whether a text is in a language at all."""
    return any(character.isalpha() for character in text)
