"""The way of single sentences: shown to the model in a form that it knows, checked, and asked for again where that failed.

1. A sentence is tidied (invisible characters, abbreviations, quotation marks, capitals), and spans that a model would harm
   are masked.
2. Its translation must hold each mask once and each number and name of the source, must say something, and must not repeat
   itself. It gets the outward form of the source: its capitals, marks of quotation, and marks at the end.
3. Where it does not, numbers are masked, too, and the search is made to have each mask and to repeat nothing.
4. Where spans are lost even so, or the sentence is long, the parts between them are translated one by one. The first has
   the prefix and the required phrases.
5. Where a translation with its spans is not what a user asked for, the sentence is shown as it is: a required phrase may
   have cost a mask, and a span may have a forbidden one.

Terms of a glossary whose translations the sentence's lacks become spans, too, and what is put back are their translations:
models write masks where the terms belong, whereas a search that must have a word often adds it at the end. Where masks are
lost, the search must have the translations themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.spans import apart, find_spans
from nmt.translate.ask import Ask, Sentence
from nmt.translate.glossary import Glossary
from nmt.translate.insets import Apart, taken_apart
from nmt.translate.lists import loses_items, separators
from nmt.translate.numerals import localised_numbers, with_localised_numbers
from nmt.translate.parts import ask_parts
from nmt.translate.protect import Masked, is_number, says_something
from nmt.translate.quotes import closed, loses_quotes
from nmt.translate.repetition import repeats, said_once, without_loops
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.rules.casing import Case
from nmt.translate.shown import Abilities, ShownSentence, all_masked, leaves_words_free, show, with_terms_as_spans

_BEAM_SIZE = 3  # of a second search, which should not cost much
_MOST_MASKS = 5  # that a search for all of them seldom fails at
_MOST_CHARACTERS = 200  # of a sentence for it; of longer ones the parts are asked for at once, which costs less
_LENGTH_RATIO = 1.5  # most target tokens for each of the source in it, so that a loop ends soon
_NGRAM = 3  # tokens that do not come twice in it

Asking = Generator[Ask, Sequence[SentenceTranslation], None]
TranslatingSentences = Generator[Ask, Sequence[SentenceTranslation], list[SentenceTranslation]]


def translate_sentences(
    sentences: Sequence[Sentence],
    options: SearchOptions,
    *,
    attention: bool,
    abilities: Abilities,
    glossary: Glossary | None = None,
    localise_numbers: bool = False,
) -> TranslatingSentences:
    """Translate each sentence; see above. With `localise_numbers`, numbers get the form of the target language."""
    if glossary is not None and options.sampling:
        raise InputError("a glossary is for beam search; leave out sampling")
    if abilities.is_plain and (glossary is not None or localise_numbers):
        what = "a glossary" if glossary is not None else "localise_numbers"
        raise InputError(f"{what} is not for a plain translator, which leaves translations as they come; leave out is_plain")
    if abilities.is_plain:
        return list((yield Ask(tuple(sentences), options, attention))) if sentences else []
    taken = {
        number: insets
        for number, sentence in enumerate(sentences)
        if not options.sampling
        and leaves_words_free(sentence, options)
        and not (sentence.carried or sentence.avoided)
        and (insets := taken_apart(sentence.text, abilities, is_term=glossary.has if glossary else None))
    }
    if taken:
        translate = partial(
            translate_sentences,
            options=options,
            attention=True,  # which tells where marks go
            abilities=abilities,
            glossary=glossary,
            localise_numbers=localise_numbers,
        )
        translations = yield from _joined_again(sentences, taken, translate)
        return translations if attention else list(map(_without_attention, translations))
    shown = {
        number: one for number, sentence in enumerate(sentences) if (one := show(sentence, options, abilities, glossary))
    }
    outcomes = {number: _Outcome() for number in shown}
    yield from _find(shown, outcomes, options, attention=attention, abilities=abilities)
    translations = [
        outcomes[number].translation or unchanged(sentence.text) if number in outcomes else unchanged(sentence.text)
        for number, sentence in enumerate(sentences)
    ]
    if not localise_numbers:
        return translations
    return [
        _with_localised_numbers(found, sentence, abilities) if leaves_words_free(sentence, options) else found
        for found, sentence in zip(translations, sentences, strict=True)
    ]


def _joined_again(
    sentences: Sequence[Sentence],
    taken: Mapping[int, Apart],
    translate: Callable[[Sequence[Sentence]], TranslatingSentences],
) -> TranslatingSentences:
    """Translate each sentence, and by its parts what is taken apart."""
    texts = [
        [Sentence(text) for text in taken[number].texts] if number in taken else [sentence]
        for number, sentence in enumerate(sentences)
    ]
    found = iter((yield from translate(list(chain.from_iterable(texts)))))
    parts = [list(islice(found, len(own))) for own in texts]
    return [taken[number].joined(own) if number in taken else own[0] for number, own in enumerate(parts)]


def _without_attention(found: SentenceTranslation) -> SentenceTranslation:
    return replace(found, hypotheses=tuple(replace(one, attention=()) for one in found.hypotheses))


def _find(
    shown: Mapping[int, ShownSentence],
    outcomes: Mapping[int, _Outcome],
    options: SearchOptions,
    *,
    attention: bool,
    abilities: Abilities,
) -> Asking:
    """Ask for the sentences in one way after the other, for each until its outcome is good; see above."""
    ask = partial(_ask, outcomes=outcomes, options=options, attention=attention, abilities=abilities)
    all_of_the_beam, strict = _all_of_the_beam(options), _strict(options)

    def lacking(members: Mapping[int, ShownSentence]) -> dict[int, ShownSentence]:
        """Those whose translation lacks a span or a term so far."""
        return {number: one for number, one in members.items() if not outcomes[number].keeps_spans}

    # Most sentences have no spans, and cost no more than the best translation of each. Of others, it may be another of the
    # beam that has them.
    for has_spans, search in ((False, options), (True, all_of_the_beam)):
        yield from ask({number: one for number, one in shown.items() if one.has_spans is has_spans}, search)

    with_terms = lacking({number: one for number, one in shown.items() if one.terms})
    masked_terms = {number: with_terms_as_spans(one, options, abilities) for number, one in with_terms.items()}
    shown = {**shown, **masked_terms}
    yield from ask(masked_terms, all_of_the_beam)

    again = {
        number: all_masked(one, options, abilities)
        for number, one in shown.items()
        if one.masked and not outcomes[number].is_good and not options.sampling
    }
    # Where only other words are wanted, there is a choice among all of the beam; it is looked for longer.
    for wants_words, search in ((True, _all_of_the_beam(strict)), (False, strict)):
        members = {
            number: one
            for number, one in again.items()
            if one.masked and one.has_spans is not wants_words and _may_be_asked_again(one.masked)
        }
        yield from ask(members, search, required=True)
    yield from ask(lacking(with_terms), strict, required=True)

    lost = lacking({number: one for number, one in shown.items() if one.spans})
    translations = yield from ask_parts(lost, _plain(options), attention=attention, abilities=abilities)
    for number, translation in translations.items():
        outcomes[number].translation = translation
    members = {
        number: one.without_spans()
        for number, one in lost.items()
        if (found := outcomes[number].translation) and not one.is_as_asked(found.hypotheses[0].text, options)
    }
    yield from ask(members, options)

    lists = {
        number: by_item for number, one in shown.items() if (by_item := _by_item(one, outcomes[number], options, abilities))
    }
    translations = yield from ask_parts(lists, _plain(options), attention=attention, abilities=abilities)
    for number, translation in translations.items():
        outcomes[number].translation = translation


def _by_item(one: ShownSentence, outcome: _Outcome, options: SearchOptions, abilities: Abilities) -> ShownSentence | None:
    """A list whose translation lost items or got others, with all between them as spans; None for anything else."""
    if options.sampling or one.terms or not one.is_free or outcome.translation is None:
        return None
    found = separators(one.text, source=abilities.source_language, target=abilities.target_language)
    if not found or not loses_items(outcome.translation.hypotheses[0].text, one.text):
        return None
    return replace(one, spans=apart([*found, *one.spans]))


def _with_localised_numbers(found: SentenceTranslation, sentence: Sentence, abilities: Abilities) -> SentenceTranslation:
    text = sentence.text
    spans = [
        span for span in find_spans(text, abilities.characters) if not (span.soft or is_number(text[span.start : span.end]))
    ]
    forms = localised_numbers(text, spans, source=abilities.source_language, target=abilities.target_language)
    return with_localised_numbers(found, forms) if forms else found


@dataclass(slots=True)
class _Outcome:
    """The best translation of a sentence so far."""

    translation: SentenceTranslation | None = None
    keeps_spans: bool = False
    is_good: bool = False
    """Whether there is no need to ask again."""


def unchanged(text: str) -> SentenceTranslation:
    """A sentence that is its own translation, with probability 1."""
    whole = Hypothesis(text=text, score=0.0, log_probability=0.0, tokens=(), attention=())
    return SentenceTranslation(source=text, source_tokens=(), hypotheses=(whole,))


def _may_be_asked_again(masked: Masked) -> bool:
    """Whether a search for all its masks is likely to succeed, and short."""
    return len(masked.masks) <= _MOST_MASKS and len(masked.text) <= _MOST_CHARACTERS


def _all_of_the_beam(options: SearchOptions) -> SearchOptions:
    return options if options.sampling else options.model_copy(update={"n_best": options.beam_size})


def _strict(options: SearchOptions) -> SearchOptions:
    """A second beam search, which is short and repeats nothing."""
    changes = {
        "sampling": False,
        "diversity_groups": 1,
        "beam_size": _BEAM_SIZE,
        "n_best": min(options.n_best, _BEAM_SIZE),
        "max_length_ratio": min(options.max_length_ratio, _LENGTH_RATIO),
        "no_repeat_ngram": options.no_repeat_ngram or _NGRAM,
        "max_repeats": 1,
    }
    return options.model_copy(update=changes)


def _plain(options: SearchOptions) -> SearchOptions:
    """Beam search without anything else, which every runtime has its fastest way for."""
    return options.model_copy(update={"sampling": False, "diversity_groups": 1, "n_best": 1})


def _ask(
    members: Mapping[int, ShownSentence],
    search: SearchOptions,
    *,
    outcomes: Mapping[int, _Outcome],
    options: SearchOptions,
    attention: bool,
    abilities: Abilities,
    required: bool = False,
) -> Asking:
    """Have the masked texts of `members` translated, with all masks where they are `required`, and judge the answers.

    Those without a masked text are left out.
    """
    shown = {number: (one, one.masked) for number, one in members.items() if one.masked}
    if not shown:
        return
    asked = [
        replace(
            one.asked,
            text=masked.text + one.end,
            carried=(*one.asked.carried, *(_carried(one, masked, abilities) if required else ())),
        )
        for one, masked in shown.values()
    ]
    answers = yield Ask(tuple(asked), search, attention)
    for (number, (one, masked)), found in zip(shown.items(), answers, strict=True):
        _judge(outcomes[number], one, masked, found, options, abilities)


def _carried(one: ShownSentence, masked: Masked, abilities: Abilities) -> tuple[str, ...]:
    """The words that a search is made to have: masks and translations of terms, as far as the vocabulary can write them.

    Beside other masks, times in digits are none: models copy them, and a search for several words puts them anywhere.
    """
    others = [mask for mask, span in zip(masked.masks, masked.spans, strict=True) if not span.shown]
    copied = [
        mask
        for mask, span in zip(masked.masks, masked.spans, strict=True)
        if span.shown and re.search(span.shown.said, mask)
    ]
    words = dict.fromkeys((*(others or copied), *one.targets))
    return tuple(filter(abilities.can_write, words))


def _judge(
    outcome: _Outcome,
    one: ShownSentence,
    masked: Masked,
    found: SentenceTranslation,
    options: SearchOptions,
    abilities: Abilities,
) -> None:
    """Take what the model made of a masked text, if it is better than what there is."""
    candidates = [
        candidate
        for hypothesis in found.hypotheses
        if (candidate := _candidate(one, masked, hypothesis, options, abilities))
    ]
    best = max(candidates, key=lambda one: (one.says, one.keeps_spans, one.is_good), default=None)  # the first of equals
    if best is None or not best.says:
        return
    before = outcome.translation
    if before is not None and (best.keeps_spans, best.is_good) <= (outcome.keeps_spans, outcome.is_good):
        return
    rest = [candidate.hypothesis for candidate in candidates if candidate is not best]
    outcome.translation = masked.restored_source(found, [best.hypothesis, *rest][: options.n_best])
    if before is not None and before.source_tokens == outcome.translation.source_tokens:
        outcome.translation = _filled(outcome.translation, before, options.n_best)
    outcome.keeps_spans, outcome.is_good = best.keeps_spans, best.is_good


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A hypothesis in the outward form of its source, and what it is worth."""

    hypothesis: Hypothesis
    says: bool
    """Whether it says something besides its spans."""
    keeps_spans: bool
    is_good: bool


def _candidate(
    one: ShownSentence, masked: Masked, hypothesis: Hypothesis, options: SearchOptions, abilities: Abilities
) -> _Candidate | None:
    """`hypothesis` of a masked text with its spans put back; None where that cannot be, or is not what a user asked for."""
    hypothesis = masked.as_shown(_without_end(hypothesis, one.end))
    # 1. Samples are taken as they are drawn, and words that a user asked for stay. Of others, loops are cut out.
    as_found = options.sampling or not one.is_free
    corrected = hypothesis
    if not as_found and hypothesis.text != masked.text:
        corrected = masked.corrected(without_loops(hypothesis, masked.text))
        if one.case is Case.single:
            corrected = said_once(corrected)
    if one.is_free:
        text = closed(corrected.text, masked.text)
        text = masked.outside(text, partial(one.as_written, abilities=abilities))
        corrected = corrected if text == corrected.text else replace(corrected, text=text)
    # 2. Spans are put back, if all are there.
    restored = masked.restored(corrected)
    if restored is None or (not restored.tokens and masked.has_ends):
        return None
    # 3. What it is worth.
    has_terms = not one.lacks_terms(masked.without_masks(corrected.text), abilities)
    keeps = has_terms and (as_found or masked.keeps(corrected.text))
    good = keeps and (
        as_found
        or not (
            masked.hyphenates(corrected.text)
            or repeats(restored.text, masked.sentence)
            or loses_quotes(hypothesis.text, masked.text)
        )
    )
    # 4. It gets the outward form of the source.
    is_as_it_was = hypothesis.text == masked.text and all(span.translation is None for span in masked.spans)
    text = one.tidied.whole(masked.start, masked.stop) if is_as_it_was else restored.text
    text = one.fitted(text, abilities)
    if not (as_found or is_as_it_was):
        source = one.tidied.text[masked.start : masked.stop] if masked.has_ends else one.tidied.text
        text = one.finished(text, source, abilities)
    if one.spans and not one.is_as_asked(text.join(masked.ends), options):
        return None
    return _Candidate(
        hypothesis=restored if text == restored.text else replace(restored, text=text),
        says=as_found or says_something(masked, hypothesis.text),
        keeps_spans=keeps,
        is_good=good,
    )


def _without_end(hypothesis: Hypothesis, end: str) -> Hypothesis:
    if not end or not hypothesis.text.endswith(end):
        return hypothesis
    last = len(hypothesis.tokens) - (hypothesis.tokens[-1:] == (end,))
    text = hypothesis.text.removesuffix(end)
    return replace(hypothesis, text=text, tokens=hypothesis.tokens[:last], attention=hypothesis.attention[:last])


def _filled(found: SentenceTranslation, before: SentenceTranslation, count: int) -> SentenceTranslation:
    """`found` with hypotheses of `before` where it has fewer than `count`: all but the first by score."""
    first, *rest = found.hypotheses
    there = {one.text for one in found.hypotheses}
    more = [one for one in before.hypotheses if one.text not in there][: count - len(found.hypotheses)]
    return replace(found, hypotheses=(first, *sorted((*rest, *more), key=lambda one: -one.score)))
