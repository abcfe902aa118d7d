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
from array import array
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.spans import Characters, Span, between, find_spans, is_language, numbers_of
from nmt.translate.abbreviations import written_out
from nmt.translate.ask import Ask, Sentence
from nmt.translate.casing import Case, case_of, in_case, usual_case, within_sentence
from nmt.translate.finish import finished
from nmt.translate.glossary import Glossary, lacks, with_articles, with_capital
from nmt.translate.known import find_known
from nmt.translate.numerals import localised_numbers, with_localised_numbers
from nmt.translate.phrases import meets, pattern_of
from nmt.translate.protect import Masked, is_number, mask, says_something
from nmt.translate.quotes import closed, loses_quotes, quotes_as_in, usual_quotes
from nmt.translate.repetition import repeats, without_loops
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.tidy import Tidied, tidied

_BEAM_SIZE = 3  # of a second search, which should not cost much
_MOST_MASKS = 5  # that a search for all of them seldom fails at
_MOST_CHARACTERS = 200  # of a sentence for it; of longer ones the parts are asked for at once, which costs less
_LENGTH_RATIO = 1.5  # most target tokens for each of the source in it, so that a loop ends soon
_BEFORE_PART = re.compile(r"\s*(?:[,;:)\]]+\s+)?")
_AFTER_PART = re.compile(r"(?:\s+[(\[]+|[,;:])?\s*$")
_NGRAM = 3  # tokens that do not come twice in it

Asking = Generator[Ask, Sequence[SentenceTranslation], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a plan knows of the model that will translate."""

    source_language: str
    target_language: str
    encode: Callable[[str], Sequence[int]]
    """A text in subwords."""
    fits: Callable[[str], bool]
    """Whether a sentence is short enough."""
    is_plain: bool = False
    """Whether sentences are asked for as they are, and answers taken as they come."""
    can_write: Callable[[str], bool]
    """Whether the vocabulary has a spelling of a word."""
    characters: Characters
    symbols: Sequence[str] = ()
    """Symbols that the vocabulary has for spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A sentence as the model is shown it."""

    asked: Sentence
    tidied: Tidied
    text: str
    """Tidied and in its usual case: what spans count in."""
    case: Case
    spans: Sequence[Span]
    masked: Masked | None
    """None where it has more spans than there are masks, or nothing besides them that needs a model."""
    end: str
    """What is added to it as the end of a sentence, and taken away from its translation."""
    terms: Sequence[Span] = ()
    """Those that are no spans yet, in their case."""
    glossary: Glossary | None = None
    is_free: bool
    """Whether a user asks for no words of its translation, which nothing may then change."""

    @property
    def has_spans(self) -> bool:
        """Whether its translation is to have anything of it."""
        return self.masked is not None and bool(self.masked.masks or self.masked.left)

    def is_as_asked(self, text: str, options: SearchOptions) -> bool:
        """Whether the translation `text` has the words that a user asks for, and none that are forbidden."""
        return self.is_free or meets(
            text, prefix=self.asked.prefix, required=self.asked.required, forbidden=options.forbidden
        )

    def without_spans(self) -> _Shown:
        """The sentence as it is."""
        whole = Masked(self.tidied, self.text, self.text, (), (), (), 0, len(self.text))
        return replace(self, spans=(), terms=(), masked=whole)

    @property
    def targets(self) -> list[str]:
        """The translations of `terms`."""
        return [term.translation for term in self.terms if term.translation is not None]

    def as_written(self, text: str, abilities: Abilities) -> str:
        """The translation `text` of what is no span, in the case of the sentence and with marks of quotation as there."""
        text = quotes_as_in(text, self.tidied.text, self.text)
        return in_case(text, self.case, language=abilities.target_language)

    def fitted(self, text: str, abilities: Abilities) -> str:
        """The translation `text` with a capital at its beginning and articles that fit the translations of terms."""
        targets = [span.translation for span in (*self.terms, *self.spans) if span.translation is not None]
        if targets and self.glossary is not None:
            text = with_articles(text, targets, language=abilities.target_language)
        if targets and self.text[:1].isupper():
            text = with_capital(text, targets)
        return text

    def lacks_terms(self, text: str, abilities: Abilities) -> bool:
        """Whether the translation `text` lacks one of `terms`."""
        if self.glossary is None or not self.terms:
            return False
        return lacks(text, self.targets, inflect=self.glossary.inflect, language=abilities.target_language)


def translate_sentences(
    sentences: Sequence[Sentence],
    options: SearchOptions,
    *,
    attention: bool,
    abilities: Abilities,
    glossary: Glossary | None = None,
    localise_numbers: bool = False,
) -> Generator[Ask, Sequence[SentenceTranslation], list[SentenceTranslation]]:
    """Translate each sentence; see above. With `localise_numbers`, numbers get the form of the target language."""
    if glossary is not None and options.sampling:
        raise InputError("a glossary is for beam search; leave out sampling")
    if abilities.is_plain and (glossary is not None or localise_numbers):
        what = "a glossary" if glossary is not None else "localise_numbers"
        raise InputError(f"{what} is not for a plain translator, which leaves translations as they come; leave out is_plain")
    if abilities.is_plain:
        return list((yield Ask(tuple(sentences), options, attention))) if sentences else []
    shown = {
        number: one for number, sentence in enumerate(sentences) if (one := _show(sentence, options, abilities, glossary))
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
        _with_localised_numbers(found, sentence, abilities) if _is_free(sentence, options) else found
        for found, sentence in zip(translations, sentences, strict=True)
    ]


def _find(
    shown: Mapping[int, _Shown],
    outcomes: Mapping[int, _Outcome],
    options: SearchOptions,
    *,
    attention: bool,
    abilities: Abilities,
) -> Asking:
    """Ask for the sentences in one way after the other, for each until its outcome is good; see above."""
    ask = partial(_ask, outcomes=outcomes, options=options, attention=attention, abilities=abilities)
    all_of_the_beam, strict = _all_of_the_beam(options), _strict(options)

    def lacking(members: Mapping[int, _Shown]) -> dict[int, _Shown]:
        """Those whose translation lacks a span or a term so far."""
        return {number: one for number, one in members.items() if not outcomes[number].keeps_spans}

    # Most sentences have no spans, and cost no more than the best translation of each. Of others, it may be another of the
    # beam that has them.
    for has_spans, search in ((False, options), (True, all_of_the_beam)):
        yield from ask({number: one for number, one in shown.items() if one.has_spans is has_spans}, search)

    with_terms = lacking({number: one for number, one in shown.items() if one.terms})
    masked_terms = {number: _terms_as_spans(one, options, abilities) for number, one in with_terms.items()}
    shown = {**shown, **masked_terms}
    yield from ask(masked_terms, all_of_the_beam)

    again = {
        number: _all_masked(one, options, abilities)
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
    yield from _ask_parts(lost, _plain(options), outcomes, attention=attention, abilities=abilities)
    members = {
        number: one.without_spans()
        for number, one in lost.items()
        if (found := outcomes[number].translation) and not one.is_as_asked(found.hypotheses[0].text, options)
    }
    yield from ask(members, options)


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


def _show(sentence: Sentence, options: SearchOptions, abilities: Abilities, glossary: Glossary | None) -> _Shown | None:
    """None where there is nothing to translate in it."""
    tidy = tidied(sentence.text)
    # Prefixes and phrases are given in the case that they should have.
    is_free = _is_free(sentence, options)
    if is_free:
        has_entry = glossary.has if glossary is not None else _has_no_entry
        tidy = written_out(tidy, language=abilities.source_language, is_kept=has_entry)
    text, case = tidy.text, Case.usual
    spans = find_spans(text, abilities.characters)
    if is_free:
        text, spans = usual_quotes(text, spans, language=abilities.source_language)
        spans = _with_known(text, spans, abilities)
        case = case_of(_rest(text, spans), abilities.encode, language=abilities.source_language)
        spans = [_in_case(span, case, abilities) for span in spans]
    if case is not Case.usual:
        text = _in_usual_case(text, spans, abilities)
    terms: list[Span] = []
    if glossary is not None:
        terms, spans = _terms(text, spans, case, options, abilities, glossary)
    if not is_free:
        spans = [span for span in spans if not span.soft]
    all_spans = sorted([*spans, *terms], key=lambda span: span.start)
    needs_model = not is_free or is_language(_rest(text, all_spans))
    if not needs_model and not any(span.translation is not None for span in all_spans):
        return None
    if not needs_model:
        spans, terms = all_spans, []
    return _Shown(
        asked=sentence,
        tidied=tidy,
        text=text,
        case=case,
        spans=spans,
        masked=_mask(tidy, text, spans, options, abilities, soft=False) if needs_model else None,
        end="." if case is Case.lower and text[-1].isalnum() else "",
        terms=terms,
        glossary=glossary,
        is_free=is_free,
    )


def _has_no_entry(_: str) -> bool:
    return False


def _in_case(span: Span, case: Case, abilities: Abilities) -> Span:
    if span.translation is None:
        return span
    return replace(span, translation=in_case(span.translation, case, language=abilities.target_language))


def _with_known(text: str, spans: Sequence[Span], abilities: Abilities) -> list[Span]:
    """`spans` and what a rule knows, in place of soft spans there; none of which a part is hard."""
    found = [
        span
        for span in find_known(text, source=abilities.source_language, target=abilities.target_language)
        if all(other.soft or not other.overlaps(span.start, span.end) for other in spans)
    ]
    others = [span for span in spans if not any(span.overlaps(one.start, one.end) for one in found)]
    return sorted([*others, *found], key=lambda span: span.start)


def _rest(text: str, spans: Sequence[Span]) -> str:
    """`text` without its spans."""
    return "".join(part for part, is_span in between(text, spans) if not is_span) if spans else text


def _terms(
    text: str, spans: Sequence[Span], case: Case, options: SearchOptions, abilities: Abilities, glossary: Glossary
) -> tuple[list[Span], list[Span]]:
    """The terms in `text`, and the spans besides them. A term within a hard span, or one of part of it, is left alone."""
    terms: list[Span] = []
    for term in glossary.terms(text, language=abilities.source_language):
        within = [span for span in spans if span.overlaps(term.start, term.end)]
        covers = all(span.soft or (term.start <= span.start and span.end <= term.end) for span in within)
        if covers and not any(re.search(pattern_of(phrase), term.target) for phrase in options.forbidden):
            spans = [span for span in spans if span not in within]
            target = in_case(term.target, case, language=abilities.target_language)
            terms.append(Span(term.start, term.end, translation=target))
    return terms, list(spans)


def _terms_as_spans(one: _Shown, options: SearchOptions, abilities: Abilities) -> _Shown:
    spans = sorted([*one.spans, *one.terms], key=lambda span: span.start)
    masked = _mask(one.tidied, one.text, spans, options, abilities, soft=False)
    return replace(one, spans=spans, terms=(), masked=masked)


def _is_free(sentence: Sentence, options: SearchOptions) -> bool:
    """Whether a user asks for no words of a translation, which nothing may then change."""
    return not (sentence.prefix or sentence.required or options.forbidden)


def _all_masked(one: _Shown, options: SearchOptions, abilities: Abilities) -> _Shown:
    return replace(one, masked=_mask(one.tidied, one.text, one.spans, options, abilities, soft=True))


def _in_usual_case(text: str, spans: Sequence[Span], abilities: Abilities) -> str:
    """`text` in its usual case but for its spans, which stay where they are."""
    parts = between(text, spans)
    changed = [
        part if is_span else usual_case(part, abilities.encode, language=abilities.source_language)
        for part, is_span in parts
    ]
    # A few letters change their number with their case, and spans would no longer be where they were.
    same = not spans or list(map(len, changed)) == [len(part) for part, _ in parts]
    return "".join(changed) if same else text


def _mask(
    one: Tidied, text: str, spans: Sequence[Span], options: SearchOptions, abilities: Abilities, *, soft: bool
) -> Masked | None:
    def may_be_mask(word: str) -> bool:
        return abilities.can_write(word) and not any(phrase.lower() in word.lower() for phrase in options.forbidden)

    return mask(one, text, spans, may_be_mask, soft=soft, symbols=abilities.symbols)


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
    members: Mapping[int, _Shown],
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


def _carried(one: _Shown, masked: Masked, abilities: Abilities) -> tuple[str, ...]:
    """The words that a search is made to have: masks and translations of terms, as far as the vocabulary can write them.

    Beside other masks, times in digits are none: models copy them, and a search for several words puts them anywhere.
    """
    others = [mask for mask, span in zip(masked.masks, masked.spans, strict=True) if not span.shown]
    words = dict.fromkeys((*(others or masked.masks), *one.targets))
    return tuple(filter(abilities.can_write, words))


def _judge(
    outcome: _Outcome,
    one: _Shown,
    masked: Masked,
    found: SentenceTranslation,
    options: SearchOptions,
    abilities: Abilities,
) -> None:
    """Take what the model made of a masked text, if it is better than what there is."""
    # Samples are taken as they are drawn, and words that a user asked for stay.
    as_found = options.sampling or not one.is_free
    candidates: list[tuple[bool, bool, bool, Hypothesis]] = []
    for hypothesis in found.hypotheses:
        hypothesis = masked.as_shown(_without_end(hypothesis, one.end))
        corrected = hypothesis
        if not as_found and hypothesis.text != masked.text:
            corrected = masked.corrected(without_loops(hypothesis, masked.text))
        if one.is_free:
            text = closed(corrected.text, masked.text)
            text = masked.outside(text, partial(one.as_written, abilities=abilities))
            corrected = corrected if text == corrected.text else replace(corrected, text=text)
        restored = masked.restored(corrected)
        if restored is None or (not restored.tokens and masked.has_ends):
            continue
        says = as_found or says_something(masked, hypothesis.text)
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
        is_as_it_was = hypothesis.text == masked.text and all(span.translation is None for span in masked.spans)
        text = one.tidied.whole(masked.start, masked.stop) if is_as_it_was else restored.text
        text = one.fitted(text, abilities)
        if not (as_found or is_as_it_was):
            source = one.tidied.text[masked.start : masked.stop] if masked.has_ends else one.tidied.text
            text = _finished(text, source, abilities)
        if one.spans and not one.is_as_asked(text.join(masked.ends), options):
            continue
        candidates.append((says, keeps, good, restored if text == restored.text else replace(restored, text=text)))
    if not candidates:
        return
    best = max(range(len(candidates)), key=lambda place: (*candidates[place][:3], -place))
    says, keeps, good, first = candidates[best]
    if not says:
        return
    if outcome.translation is not None and (keeps, good) <= (outcome.keeps_spans, outcome.is_good):
        return
    rest = [hypothesis for place, (*_, hypothesis) in enumerate(candidates) if place != best]
    before = outcome.translation
    outcome.translation = masked.restored_source(found, [first, *rest][: options.n_best])
    if before is not None and before.source_tokens == outcome.translation.source_tokens:
        outcome.translation = _filled(outcome.translation, before, options.n_best)
    outcome.keeps_spans, outcome.is_good = keeps, good


def _finished(text: str, source: str, abilities: Abilities) -> str:
    return finished(text, source, source_language=abilities.source_language, language=abilities.target_language)


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


def _ask_parts(
    members: Mapping[int, _Shown],
    search: SearchOptions,
    outcomes: Mapping[int, _Outcome],
    *,
    attention: bool,
    abilities: Abilities,
) -> Asking:
    """Have the parts between the spans translated one by one."""
    asked: list[Sentence] = []
    parts: dict[int, list[tuple[str, bool]]] = {}
    for number, one in members.items():
        wishes = one.asked
        for text, is_span in parts.setdefault(number, between(one.text, one.spans)):
            if not is_span and is_language(text):
                start, end = _core(text)
                asked.append(replace(wishes, text=text[start:end]))
                wishes = Sentence("", avoided=wishes.avoided)  # the first part has the prefix and all required phrases
    answers = iter((yield Ask(tuple(asked), search, attention)) if asked else ())
    for number, one in members.items():
        pieces: list[SentenceTranslation] = []
        start = 0
        for text, is_span in parts[number]:
            end = start + len(text)
            if text:
                translation = next((span.translation for span in one.spans if is_span and span.start == start), None)
                own = one.tidied.whole(start, end) if translation is None else translation
                if is_span or not is_language(text):
                    pieces.append(_copied(own))
                elif one.is_free:
                    pieces.append(_translated(one, text, own, next(answers), is_first=start == 0, abilities=abilities))
                else:
                    pieces.append(_in_edges(text, next(answers)))
            start = end
        outcomes[number].translation = _joined(one, pieces, abilities)


def _copied(text: str) -> SentenceTranslation:
    """A part that is its own translation: a token that attends to itself, where it is more than a blank."""
    token = (text.strip(),) if text.strip() else ()
    whole = Hypothesis(
        text=text, score=0.0, log_probability=0.0, tokens=token, attention=(array("f", [1.0]),) if token else ()
    )
    return SentenceTranslation(source=text, source_tokens=token, hypotheses=(whole,))


def _translated(
    one: _Shown, text: str, own: str, found: SentenceTranslation, *, is_first: bool, abilities: Abilities
) -> SentenceTranslation:
    """The best translation of a part, between what it stood between; `own` is the part as the source has it."""
    start, end = _core(text)
    shown = text[start:end]
    best = without_loops(found.hypotheses[0], shown) if found.hypotheses else None
    if best is None or not is_language(best.text) or numbers_of(best.text):
        return _copied(own)
    if best.text == shown:  # left as it was
        return replace(found, hypotheses=(replace(best, text=own),))
    said = best.text
    # A part is no sentence: it gets no capital and no end of one.
    if said[-1] in ".!?" and shown[-1] not in ".!?:":
        said = said.rstrip(".!?").rstrip() or said
    if not is_first and shown[0].islower():
        said = within_sentence(said, language=abilities.target_language)
    said = one.as_written(said, abilities)
    return _in_edges(text, replace(found, hypotheses=(replace(best, text=said),)))


def _core(text: str) -> tuple[int, int]:
    """Where the words of a part begin and end, which a model is shown: in `), and then (` it might lose a bracket."""
    start, end = _BEFORE_PART.match(text), _AFTER_PART.search(text)
    return (start.end() if start else 0), (end.start() if end else len(text))


def _in_edges(text: str, found: SentenceTranslation) -> SentenceTranslation:
    """The best translation that was `found` of the part `text`, between what is no word before and after it."""
    best = found.hypotheses[0]
    start, end = _core(text)
    return replace(found, hypotheses=(replace(best, text=text[:start] + best.text + text[end:]),))


def _joined(one: _Shown, parts: Sequence[SentenceTranslation], abilities: Abilities) -> SentenceTranslation:
    """The translation of a sentence from those of its parts."""
    best = [part.hypotheses[0] for part in parts]
    has_attention = all(bool(own.attention) or not own.tokens for own in best)
    width, before = sum(len(part.source_tokens) for part in parts), 0
    rows: list[array[float]] = []
    for part, own in zip(parts, best, strict=True):
        after = width - before - len(part.source_tokens)
        rows += [array("d", (*[0.0] * before, *row, *[0.0] * after)) for row in own.attention if has_attention]
        before += len(part.source_tokens)
    text = one.fitted("".join(own.text for own in best), abilities)
    whole = Hypothesis(
        text=_finished(text, one.tidied.text, abilities) if one.is_free else text,
        score=sum(own.score for own in best),
        log_probability=sum(own.log_probability for own in best),
        tokens=tuple(token for own in best for token in own.tokens),
        attention=tuple(rows),
    )
    source_tokens = tuple(token for part in parts for token in part.source_tokens)
    return SentenceTranslation(source=one.asked.text, source_tokens=source_tokens, hypotheses=(whole,))
