"""The plan of a translation: from texts to sentences, and from their translations back to texts.

A plan is a generator that does no work of a model itself. It yields an `Ask`, is sent one SentenceTranslation for each
sentence of it, and returns one Translation for each text. A loop that calls a model can drive it (`Translator.translate`),
and so can a service that awaits its scheduler: both drive it with `advance`.

    texts ──split──> sentences ──place required phrases──> Ask ──(driver)──> SentenceTranslations ──assemble──> Translations
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.segment import Segmentation, segment
from nmt.text.tokenizer import without_surrogates
from nmt.translate.result import SentenceTranslation, Translation


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to translate, and what is asked of its translation alone."""

    text: str
    prefix: str = ""
    """What the translation begins with."""
    required: tuple[str, ...] = ()
    """Phrases that the translation has."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request of a plan to its driver: translate these sentences."""

    sentences: tuple[Sentence, ...]
    options: SearchOptions
    """For all of them. `required` is empty: each sentence has its own."""
    attention: bool
    """Whether hypotheses have their attention."""


Plan = Generator[Ask, Sequence[SentenceTranslation], list[Translation]]


def plan(
    texts: Sequence[str],
    options: SearchOptions,
    *,
    language: str,
    fits: Callable[[str], bool],
    attention: bool,
    prefixes: Sequence[str] = (),
) -> Plan:
    """Translate each text by its sentences, and put every separator back in its place.

    `language` is the code of the texts' language, `fits` says whether a sentence is short enough for the model. `prefixes`
    has the beginning of the translation of each text's first sentence, or is empty. Raises InputError.
    """
    segmentations = [split(text, language=language, fits=fits) for text in texts]
    beginnings = one_each(prefixes, len(texts), of="texts")
    sentences = [
        Sentence(text, prefix if position == 0 else "")
        for segmentation, prefix in zip(segmentations, beginnings, strict=True)
        for position, text in enumerate(segmentation.sentences)
    ]
    sizes = [len(segmentation.sentences) for segmentation in segmentations]
    wanted, options = options.required, options.model_copy(update={"required": ()})
    sentences = yield from _place(wanted, sentences, sizes, options)
    found = iter((yield Ask(tuple(sentences), options, attention)))
    return [
        _assemble(text, segmentation, list(islice(found, size)))
        for text, segmentation, size in zip(texts, segmentations, sizes, strict=True)
    ]


def advance(plan: Plan, answer: Sequence[SentenceTranslation] | None = None) -> Ask | list[Translation]:
    """Send a plan the answer to its last ask (None at its start). Returns its next ask, or the finished texts."""
    try:
        return next(plan) if answer is None else plan.send(answer)
    except StopIteration as finished:
        translations: list[Translation] = finished.value
        return translations


def split(text: str, *, language: str, fits: Callable[[str], bool]) -> Segmentation:
    """The sentences of `text` and what stands between them. A lone surrogate becomes U+FFFD. Raises InputError."""
    if not isinstance(text, str):
        raise InputError(f"a text should be a string, not {type(text).__name__}")
    return segment(without_surrogates(text), language=language, fits=fits)


def one_each(values: Sequence[str], count: int, *, of: str) -> Sequence[str]:
    """`values`, or as many empty ones where there are none. Raises InputError where there is not one for each."""
    if isinstance(values, str) or len(values) not in (0, count):
        raise InputError(f"prefixes should be a list with one for each of the {count} {of}, or empty")
    return values or [""] * count


def _place(
    phrases: Sequence[str], sentences: list[Sentence], sizes: Sequence[int], options: SearchOptions
) -> Generator[Ask, Sequence[SentenceTranslation], list[Sentence]]:
    """Give each phrase to one sentence of each text: the one whose log-probability suffers least from it.

    `sizes` are the numbers of sentences of the texts. Only where a text has several sentences is there anything to find
    out. All sentences are then translated without any phrase and once more with each phrase alone.
    """
    if not phrases:
        return sentences
    if max(sizes, default=0) < 2:
        return [replace(sentence, required=tuple(phrases)) for sentence in sentences]
    trials = [*sentences, *(replace(sentence, required=(phrase,)) for phrase in phrases for sentence in sentences)]
    tried = yield Ask(tuple(trials), options.model_copy(update={"n_best": 1}), attention=False)
    free, *constrained = _rows([_log_probability(one) for one in tried], len(sentences))
    placed: list[tuple[str, ...]] = [()] * len(sentences)
    for phrase, having in zip(phrases, constrained, strict=True):
        # A sentence without tokens is its own translation, and can have no phrase.
        gains = [new - old if new > -math.inf else new for new, old in zip(having, free, strict=True)]
        end = 0
        for size in sizes:
            start, end = end, end + size
            if size:
                placed[max(range(start, end), key=gains.__getitem__)] += (phrase,)
    return [replace(sentence, required=own) for sentence, own in zip(sentences, placed, strict=True)]


def _rows(values: list[float], width: int) -> Iterator[list[float]]:
    return (values[start : start + width] for start in range(0, len(values), width))


def _log_probability(sentence: SentenceTranslation) -> float:
    return sentence.hypotheses[0].log_probability if sentence.source_tokens else -math.inf


def _assemble(text: str, segmentation: Segmentation, sentences: Sequence[SentenceTranslation]) -> Translation:
    """The translation of `text` from those of the sentences of `segmentation`."""
    n_best = max((len(sentence.hypotheses) for sentence in sentences), default=1)
    texts = tuple(
        segmentation.join([sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)].text for sentence in sentences])
        for rank in range(n_best)
    )
    return Translation(source=text, sentences=tuple(sentences), texts=texts)
