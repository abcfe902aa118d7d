"""The way of single sentences: shown to the model in a form that it knows, checked, and asked for again where that failed.

1. A sentence is tidied (invisible characters, capitals), and spans that a model would harm are masked.
2. Its translation must hold each mask once and each number of the source, must not be empty, and must not stutter.
3. Where it does not, numbers are masked, too, the search is made to have each mask and to repeat nothing.
4. Where even that fails, the parts between the spans are translated one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence, Set
from dataclasses import dataclass, field, replace

from nmt.config.search import SearchOptions
from nmt.translate.ask import Ask, Sentence
from nmt.translate.casing import Case, case_of, in_case, usual_case
from nmt.translate.protect import Masked, Span, between, find_spans, is_language, mask
from nmt.translate.result import Hypothesis, SentenceTranslation


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a plan knows of the model that will translate."""

    source_language: str
    target_language: str
    encode: Callable[[str], Sequence[int]]
    """A text in subwords."""
    fits: Callable[[str], bool]
    """Whether a sentence is short enough."""
    characters: Set[str]
    """Those that the vocabulary has learned to write."""
    masks: Sequence[str]
    """Words that the model copies, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A sentence as the model is shown it."""

    asked: Sentence
    tidy: str
    """Without invisible characters, in its usual case: what spans count in."""
    case: Case
    spans: Sequence[Span] = field(default=())
    masked: Masked

    @property
    def hard(self) -> bool:
        return bool(self.masked.masks)

    def with_masks(self) -> Sentence:
        return replace(self.asked, text=self.masked.text, carried=self.masked.masks)


def translate_sentences(
    sentences: Sequence[Sentence], options: SearchOptions, *, attention: bool, abilities: Abilities
) -> Generator[Ask, Sequence[SentenceTranslation], list[SentenceTranslation]]:
    """Translate each sentence; see above."""
    shown = [_show(sentence, options, abilities) for sentence in sentences]
    outcomes = [_Outcome() for _ in sentences]

    # Nearly all sentences have no masks, and cost no more than the best translation of each.
    for hard in (False, True):
        members = {number: one for number, one in enumerate(shown) if one is not None and one.hard is hard}
        if members:
            asked = tuple(replace(one.asked, text=one.masked.text) for one in members.values())
            answers = yield Ask(asked, _all_of_the_beam(options) if hard else options, attention)
            for (number, one), found in zip(members.items(), answers, strict=True):
                outcomes[number].add(one, found, options, abilities)

    members = {
        number: again
        for number, one in enumerate(shown)
        if one is not None and not outcomes[number].good and (again := _masked_again(one, options, abilities)) is not None
    }
    if members:
        answers = yield Ask(tuple(one.with_masks() for one in members.values()), _strict(options), attention)
        for (number, one), found in zip(members.items(), answers, strict=True):
            outcomes[number].add(one, found, options, abilities)

    members = {number: one for number, one in enumerate(shown) if one is not None and outcomes[number].translation is None}
    parts = {number: between(one.tidy, one.spans) for number, one in members.items()}
    language = [(number, text) for number in members for text, is_span in parts[number] if not is_span and is_language(text)]
    if language:
        asked = tuple(replace(members[number].asked, text=text.strip(), required=()) for number, text in language)
        rest = iter((yield Ask(asked, _strict(options), attention=False)))
        for number, one in members.items():
            translated = [
                _first_with_text(next(rest), text) if not is_span and is_language(text) else text
                for text, is_span in parts[number]
            ]
            outcomes[number].translation = _of_parts(one, translated, abilities)
    return [outcome.translation or unchanged(sentence.text) for outcome, sentence in zip(outcomes, sentences, strict=True)]


@dataclass(slots=True)
class _Outcome:
    """The best translation of a sentence so far."""

    translation: SentenceTranslation | None = None
    good: bool = False
    """Whether there is no need to ask again."""

    def add(self, one: _Shown, found: SentenceTranslation, options: SearchOptions, abilities: Abilities) -> None:
        """Take what the model made of a sentence's masked form, if it is better than what there is."""
        good: list[Hypothesis] = []
        rest: list[Hypothesis] = []
        for hypothesis in found.hypotheses:
            restored = one.masked.restored(hypothesis)
            if restored is None:
                continue
            worth = options.sampling or is_worth(restored.text, one.tidy)  # samples are taken as they are drawn
            text = one.asked.text  # where the model left it as it was
            if restored.text != one.tidy:
                text = in_case(restored.text, one.case, language=abilities.target_language)
            if worth or says_something(text):
                (good if worth else rest).append(replace(restored, text=text))
        hypotheses = [*good, *rest][: options.n_best]
        if hypotheses and not self.good and (good or self.translation is None):
            self.translation = replace(one.masked.restored_source(found, hypotheses), source=one.asked.text)
            self.good = bool(good)


def unchanged(text: str) -> SentenceTranslation:
    """A sentence that is its own translation, with probability 1."""
    whole = Hypothesis(text=text, score=0.0, log_probability=0.0, tokens=(), attention=())
    return SentenceTranslation(source=text, source_tokens=(), hypotheses=(whole,))


def _show(sentence: Sentence, options: SearchOptions, abilities: Abilities) -> _Shown | None:
    """None where there is nothing to translate in it."""
    text, case = tidied(sentence.text), Case.usual
    # Prefixes and phrases are given in the case that they should have.
    free = not (sentence.prefix or sentence.required or options.forbidden)
    if free:
        case = case_of(text, abilities.encode, language=abilities.source_language)
    spans = find_spans(text, abilities.characters)
    if case is not Case.usual:
        text = _in_usual_case(text, spans, abilities)
    if spans and not is_language("".join(part for part, is_span in between(text, spans) if not is_span)):
        return None
    if not spans:
        plain = Masked(sentence=text, text=text, spans=(), masks=(), left=())
        return _Shown(asked=sentence, tidy=text, case=case, masked=plain)
    if not free:
        spans = [span for span in spans if not span.soft]
    masked = mask(text, spans, _words(options, abilities), soft=False)
    if masked is None:  # more spans than masks: it is translated in parts
        masked = Masked(sentence=text, text=text, spans=(), masks=(), left=tuple(text[s.start : s.end] for s in spans))
    return _Shown(asked=sentence, tidy=text, case=case, spans=spans, masked=masked)


def _in_usual_case(text: str, spans: Sequence[Span], abilities: Abilities) -> str:
    """`text` in its usual case but for its spans, which stay where they are."""
    parts = between(text, spans)
    changed = [
        part if is_span else usual_case(part, abilities.encode, language=abilities.source_language)
        for part, is_span in parts
    ]
    # A few letters change their number with their case, and spans would no longer be where they were.
    return "".join(changed) if list(map(len, changed)) == [len(part) for part, _ in parts] else text


def _masked_again(one: _Shown, options: SearchOptions, abilities: Abilities) -> _Shown | None:
    masked = mask(one.tidy, one.spans, _words(options, abilities), soft=True)
    return None if masked is None else replace(one, masked=masked)


def _words(options: SearchOptions, abilities: Abilities) -> list[str]:
    forbidden = [phrase.lower() for phrase in options.forbidden]
    return [word for word in abilities.masks if not any(phrase in word.lower() for phrase in forbidden)]


def _all_of_the_beam(options: SearchOptions) -> SearchOptions:
    return options if options.sampling else options.model_copy(update={"n_best": options.beam_size})


def _strict(options: SearchOptions) -> SearchOptions:
    """Plain beam search that repeats nothing, all of whose hypotheses are returned."""
    beam_size = max(options.beam_size, 4)
    return options.model_copy(
        update={"sampling": False, "diversity_groups": 1, "beam_size": beam_size, "n_best": beam_size, "max_repeats": 1}
    )


def _first_with_text(found: SentenceTranslation, text: str) -> str:
    """The best translation of a part, between the blanks that it stood between."""
    best = next((one.text for one in found.hypotheses if is_worth(one.text, text)), text.strip())
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return text[:start] + best + text[end:]


def _of_parts(one: _Shown, parts: Sequence[str], abilities: Abilities) -> SentenceTranslation:
    text = "".join(parts)
    text = one.asked.text if text == one.tidy else in_case(text, one.case, language=abilities.target_language)
    whole = Hypothesis(text=text, score=0.0, log_probability=0.0, tokens=(), attention=())
    return SentenceTranslation(source=one.asked.text, source_tokens=(), hypotheses=(whole,))


_STUTTER = re.compile(r"(?<!\w)(\w+(?:\W+\w+){0,7})(?:\W+\1)+(?!\w)", re.IGNORECASE)
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_JOINERS = re.compile("(?<=[A-Za-z\u00c0-\u024f])[\u200c\u200d](?=[A-Za-z\u00c0-\u024f])")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}


def tidied(sentence: str) -> str:
    """A sentence without what nobody sees: blanks of every width are spaces, soft hyphens and marks of direction go.

    Full-width letters and ligatures are written with the usual ones.
    """
    if sentence.isascii():
        return sentence
    text = _JOINERS.sub("", _INVISIBLE.sub("", _BLANKS.sub(" ", sentence)))
    return text.translate(_FULL_WIDTH | _LIGATURES)


def is_worth(text: str, source: str) -> bool:
    """Whether `text` may be a translation of `source`: it says something, and does not stutter where the source does not."""
    return says_something(text) and (_STUTTER.search(text) is None or _STUTTER.search(source) is not None)


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in `text`."""
    return any(map(str.isalnum, text))
