"""The plan of a translation: from texts to sentences, and from their translations back to texts.

A plan is a generator that does no work of a model itself. It yields an `Ask`, is sent one SentenceTranslation for each
sentence of it, and returns one Translation for each text. A loop that calls a model can drive it (`Translator.translate`),
and so can a service that awaits its scheduler: both drive it with `advance`.

With markup, a text is first taken apart into several: see `nmt.translate.markup.document`.

    texts ──split──> sentences ──place required phrases──> Ask ──(driver)──> SentenceTranslations ──assemble──> Translations
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from nmt.config.formality import Formality
from nmt.config.search import SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.text.language import foreign_language
from nmt.text.segment import Segmentation, segment
from nmt.text.tokenizer import without_surrogates
from nmt.translate.ask import Ask, Sentence
from nmt.translate.formality import in_register, register_of
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.markup.plain import has_markup
from nmt.translate.result import SentenceTranslation, Translation
from nmt.translate.rules.address import Register
from nmt.translate.sentences import translate_sentences
from nmt.translate.shown import Abilities

if TYPE_CHECKING:
    from nmt.translate.markup.document import Document

Plan = Generator[Ask, Sequence[SentenceTranslation], list[Translation]]


class _Ways(NamedTuple):
    """What all texts of a plan have in common besides the options of their search."""

    split_sentences: Split
    glossary: Glossary | None
    localise_numbers: bool
    register: Register | None


def plan(
    texts: Sequence[str],
    options: SearchOptions,
    *,
    abilities: Abilities,
    attention: bool,
    prefixes: Sequence[str] = (),
    markup: Markup = PLAIN,
    glossary: Glossary | None = None,
    formality: Formality = "default",
    split_sentences: Split = "sentences",
    localise_numbers: bool = False,
    left_in: Sequence[str] = (),
) -> Plan:
    """Translate each text by its sentences, and put every separator and tag back in its place.

    `prefixes` has the beginning of the translation of each text's first sentence, or is empty. Terms of `glossary` get the
    translations that it has for them, and people are addressed with `formality`. `split_sentences` is as in
    `nmt.text.segment`. With `localise_numbers` numbers get the form of the target language, where their reading is sure. A
    text that is surely in another language than the source comes back as it is, unless something is asked of the words of
    its translation; `left_in` has the language of each text of which that is known, "" for others, or is empty.
    Raises InputError.
    """
    beginnings = one_each(prefixes, len(texts), of="texts")
    languages = left_in or [""] * len(texts)
    ways = _Ways(split_sentences, glossary, localise_numbers, register_of(formality, abilities.target_language))
    documents = [_document(checked(text), markup, abilities, split_sentences) for text in texts]
    parts = [(text,) if document is None else document.parts for text, document in zip(texts, documents, strict=True)]
    # The attention tells where the tags go.
    attention = attention or any(document is not None for document in documents)
    found = yield from _plan_parts(parts, options, abilities, attention, beginnings, languages, ways)
    return [
        own[0]
        if document is None
        else replace(document.assembled(own), language=own[0].language if own else "", note=own[0].note if own else "")
        for document, own in zip(documents, found, strict=True)
    ]


def _document(text: str, markup: Markup, abilities: Abilities, split_sentences: Split) -> Document | None:
    """`text`, if there is markup to be taken apart from its words: in plain text, tags in pairs and cases."""
    wraps = split_sentences == "nonewlines" and len(text.splitlines()) > 1
    if markup.format == "text" and (abilities.is_plain or wraps or not has_markup(text)):
        return None

    from nmt.translate.markup.document import Document

    return Document(text, markup, split_sentences)


def _plan_parts(
    texts: Sequence[Sequence[str]],
    options: SearchOptions,
    abilities: Abilities,
    attention: bool,
    beginnings: Sequence[str],
    left_in: Sequence[str],
    ways: _Ways,
) -> Generator[Ask, Sequence[SentenceTranslation], list[list[Translation]]]:
    """Translate texts that have one or several parts: one translation for each part. Phrases are for whole texts."""
    wanted, options = options.required, options.model_copy(update={"required": ()})
    languages = [
        "" if prefix or wanted or options.forbidden else _language(" ".join(parts), abilities) or known
        for parts, prefix, known in zip(texts, beginnings, left_in, strict=True)
    ]
    segmentations = [
        [
            Segmentation((), (without_surrogates(part),))
            if language
            else split(part, ways.split_sentences, language=abilities.source_language, fits=abilities.fits)
            for part in parts
        ]
        for parts, language in zip(texts, languages, strict=True)
    ]
    sentences = [
        Sentence(sentence, prefix if position == 0 else "")
        for own, prefix in zip(segmentations, beginnings, strict=True)
        for position, sentence in enumerate(sentence for segmentation in own for sentence in segmentation.sentences)
    ]
    sizes = [sum(len(segmentation.sentences) for segmentation in own) for own in segmentations]
    sentences = yield from _place(wanted, sentences, sizes, options)
    translate = partial(
        translate_sentences,
        attention=attention,
        abilities=abilities,
        glossary=ways.glossary,
        localise_numbers=ways.localise_numbers,
    )
    translations = yield from in_register(
        sentences, options, ways.register, abilities=abilities, glossary=ways.glossary, translate=translate
    )
    found = iter(translations if options.sampling else [one.distinct for one in translations])
    notes = ["" if size else _note(wanted, prefix) for size, prefix in zip(sizes, beginnings, strict=True)]
    return [
        [
            replace(_assemble(part, segmentation, list(islice(found, len(segmentation.sentences))), language), note=note)
            for part, segmentation in zip(parts, own, strict=True)
        ]
        for parts, own, language, note in zip(texts, segmentations, languages, notes, strict=True)
    ]


def _note(wanted: Sequence[str], prefix: str) -> str:
    """Why a text without sentences has nothing of what its translation should have; empty where that is nothing."""
    missing = ", ".join(repr(phrase) for phrase in (prefix, *wanted) if phrase)
    return f"the text has no letter or digit, so that it came back as it is, without {missing}" if missing else ""


def advance(plan: Plan, answer: Sequence[SentenceTranslation] | None = None) -> Ask | list[Translation]:
    """Send a plan the answer to its last ask (None at its start). Returns its next ask, or the finished texts."""
    try:
        return next(plan) if answer is None else plan.send(answer)
    except StopIteration as finished:
        translations: list[Translation] = finished.value
        return translations


def _language(text: str, abilities: Abilities) -> str:
    """The language of a text that is to come back as it is, since it is surely in another than the source."""
    return foreign_language(text, source=abilities.source_language, target=abilities.target_language)


def split(text: str, where: Split = "sentences", *, language: str, fits: Callable[[str], bool]) -> Segmentation:
    """The sentences of `text` and what stands between them. A lone surrogate becomes U+FFFD. Raises InputError."""
    return segment(without_surrogates(checked(text)), language=language, split=where, fits=fits)


def checked(text: str) -> str:
    """`text`, if it is one. Raises InputError."""
    if not isinstance(text, str):
        raise InputError(f"a text should be a string, not {type(text).__name__}")
    return text


def one_each(values: Sequence[str], count: int, *, of: str) -> Sequence[str]:
    """`values`, or as many empty ones where there are none. Raises InputError where there is not one for each."""
    if isinstance(values, str) or len(values) not in (0, count):
        raise InputError(f"prefixes should be a list with one for each of the {count} {of}, or empty")
    return [checked(value) for value in values] or [""] * count


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


def _assemble(text: str, segmentation: Segmentation, sentences: Sequence[SentenceTranslation], language: str) -> Translation:
    """The translation of `text`, which is in a foreign `language` or "", from those of the sentences of `segmentation`."""
    n_best = max((len(sentence.hypotheses) for sentence in sentences), default=1)
    texts = tuple(
        segmentation.join([sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)].text for sentence in sentences])
        for rank in range(n_best)
    )
    return Translation(source=text, sentences=tuple(sentences), texts=texts, language=language)
