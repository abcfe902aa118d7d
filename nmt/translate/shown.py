"""A sentence as a model is shown it: in a form that it knows, with masks for what it would harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nmt.config.search import SearchOptions
from nmt.text.spans import DASH, Characters, Span, between, find_spans, is_language
from nmt.translate.ask import Sentence
from nmt.translate.glossary import Glossary, lacks, with_articles, with_capital
from nmt.translate.phrases import meets, pattern_of
from nmt.translate.protect import Masked, mask
from nmt.translate.quotes import quotes_as_in, usual_quotes
from nmt.translate.rules.abbreviations import written_out
from nmt.translate.rules.capital_words import usual_words, with_capital_words
from nmt.translate.rules.casing import Case, case_of, in_case, is_single_word, usual_case
from nmt.translate.rules.chat import chat_words
from nmt.translate.rules.finish import finished
from nmt.translate.rules.gender import usual_forms
from nmt.translate.rules.genitive import with_apostrophes
from nmt.translate.rules.given_names import given_names
from nmt.translate.rules.known import find_known
from nmt.translate.rules.names import names
from nmt.translate.rules.romance.abbreviations import in_full
from nmt.translate.rules.romance.marks import going_on
from nmt.translate.rules.romance.ordinals import in_usual_form
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.slashes import amounts_per_unit
from nmt.translate.rules.umlauts import umlauts
from nmt.translate.tidy import Tidied, tidied, with_no_breaks

_FIRST_CAPITALS = ("fr", "es")
"""Languages that have words with such capitals at the beginning of a sentence; in others they are names."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBERED = re.compile(r"\d{1,3}\.(?= +[^\W\d])")
"""What begins a line of a numbered list; in German it may be an ordinal."""
_DASH = re.compile(r"[\d.,:]* ?–[\d.,: ]*")
"""A dash that a vocabulary lacks, with the numbers beside it: of a range that is said in another way."""


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
class ShownSentence:
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

    def without_spans(self) -> ShownSentence:
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

    def finished(self, text: str, source: str, abilities: Abilities) -> str:
        """The translation `text` of `source`, which is of the sentence, in the outward form of that."""
        languages = {"source_language": abilities.source_language, "language": abilities.target_language}
        if self.case is Case.usual:
            text = with_capital_words(text, source, **languages)
        return with_no_breaks(finished(text, source, **languages), self.tidied.source)

    def fitted(self, text: str, abilities: Abilities) -> str:
        """The translation `text` with a capital at its beginning and articles that fit the translations of terms."""
        targets = [span.translation for span in (*self.terms, *self.spans) if span.translation is not None and not span.soft]
        if targets and self.glossary is not None:
            text = with_articles(text, targets, language=abilities.target_language)
        if targets and self.text[:1].isupper():
            text = with_capital(text, targets)
        if (
            self.spans
            and self.spans[0].start == 0
            and not self.spans[0].kept
            and is_romance_pair(abilities.source_language, abilities.target_language)
        ):
            text = going_on(text, self.text, self.spans[0], language=abilities.target_language)
        return text

    def lacks_terms(self, text: str, abilities: Abilities) -> bool:
        """Whether the translation `text` lacks one of `terms`."""
        if self.glossary is None or not self.terms:
            return False
        return lacks(text, self.targets, inflect=self.glossary.inflect, language=abilities.target_language)


def show(
    sentence: Sentence, options: SearchOptions, abilities: Abilities, glossary: Glossary | None
) -> ShownSentence | None:
    """`sentence` as a model is shown it; None where there is nothing to translate in it."""
    tidy = tidied(sentence.text)
    # Prefixes and phrases are given in the case that they should have.
    is_free = leaves_words_free(sentence, options)
    if is_free:
        tidy = _in_known_forms(tidy, abilities, is_kept=glossary.has if glossary else None)
    text, spans, case = tidy.text, _spans(tidy.text, abilities), Case.usual
    if is_free:
        text, spans, case = _in_usual_form(text, spans, abilities)
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
    return ShownSentence(
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


def _in_known_forms(tidy: Tidied, abilities: Abilities, *, is_kept: Callable[[str], bool] | None) -> Tidied:
    """`tidy` with abbreviations, forms for all genders, genitives, words of chats and 5 euros/hour as models know them."""
    source = abilities.source_language
    if source == "de":
        tidy = tidy.written(umlauts(tidy.text, abilities.encode))
    pair = {"source": source, "target": abilities.target_language}
    tidy = tidy.written(in_full(tidy.text, **pair, is_kept=is_kept))
    tidy = written_out(tidy, language=source, is_kept=is_kept)
    if source == "de":
        tidy = tidy.written(usual_forms(tidy.text))
    if (source, abilities.target_language) == ("de", "en"):
        tidy = with_apostrophes(tidy, is_kept=is_kept)
    tidy = tidy.written(chat_words(tidy.text, language=source))
    tidy = tidy.written(in_usual_form(tidy.text, **pair))
    return tidy.written(amounts_per_unit(tidy.text, language=source))


def _spans(text: str, abilities: Abilities) -> list[Span]:
    spans = find_spans(text, abilities.characters)
    if not _shows_markers(abilities) and (numbered := _NUMBERED.match(text)):
        return [Span(0, numbered.end(), shown=DASH), *(span for span in spans if span.start >= numbered.end())]
    return spans


def _in_usual_form(text: str, spans: Sequence[Span], abilities: Abilities) -> tuple[str, list[Span], Case]:
    """`text` with the marks and capitals that models know, its spans, and the case that it has."""
    source = abilities.source_language
    text, own = usual_quotes(text, spans, language=source, known=abilities.characters.usual)
    text, own = _with_small_letters(text, own, abilities)
    found = _with(text, own, find_known(text, source=source, target=abilities.target_language))
    # A name is a soft span, and its capital tells that a sentence such as "Tom is here" is in usual case. So does
    # that of words that begin it and are said in another way.
    others = [span for span in found if not (span.soft or (span.start == 0 and span.translation and text[0].isupper()))]
    case = case_of(_rest(text, others), abilities.encode, language=source)
    found = [_in_case(span, case, abilities) for span in found]
    if (start := _single_word(text, found, abilities)) is not None:
        return text[:start] + text[start:].lower(), found, Case.single
    if case is Case.usual:
        return usual_words(text, found, language=source), found, case
    text = _in_usual_case(text, found, abilities)
    return text, _with(text, found, names(text, language=source)), case


def _with_small_letters(text: str, spans: Sequence[Span], abilities: Abilities) -> tuple[str, list[Span]]:
    """`text` without capitals that the vocabulary lacks, of words that it has in small letters: à for the À of a sentence.

    So are those of a text that is in capitals; but a name begins with its own.
    """
    if not spans:
        return text, []
    source, rest = abilities.source_language, _rest(text, spans)
    is_in_capitals = rest == rest.upper() and (is_language(rest) or len(text) > 1)
    left: list[Span] = []
    for span in spans:
        word = text[span.start : span.end]
        is_usual = _WORD.fullmatch(word) and word != word.lower() and abilities.characters.usual.issuperset(word.lower())
        begins = span.start == 0 and source in _FIRST_CAPITALS and word not in given_names(source)
        if is_usual and is_in_capitals and word.isupper():
            continue  # the case of the sentence tells what it is
        if is_usual and begins and word[1:] == word[1:].lower():
            text = word[0].lower() + text[1:]
        else:
            left.append(span)
    return text, left


def _single_word(text: str, spans: Sequence[Span], abilities: Abilities) -> int | None:
    """Where the word begins that is all of a text, or of a line of a list, and which a model knows without its capital."""
    start = spans[0].end if spans and spans[0].shown is DASH else 0
    start += len(text[start:]) - len(text[start:].lstrip())
    is_one = not _shows_markers(abilities) and len(spans) == bool(start)
    if not is_one or not is_single_word(text[start:], abilities.encode, language=abilities.source_language):
        return None
    return start


def _in_case(span: Span, case: Case, abilities: Abilities) -> Span:
    if span.translation is None:
        return span
    return replace(span, translation=in_case(span.translation, case, language=abilities.target_language))


def _with(text: str, spans: Sequence[Span], known: Sequence[Span]) -> list[Span]:
    """`spans` and what a rule knows, in place of soft spans there, and of hard ones that it keeps as they are."""

    def keeps(one: Span, other: Span) -> bool:
        is_within, own = one.start <= other.start and other.end <= one.end, text[other.start : other.end]
        return is_within and one.translation is not None and (own in one.translation or _DASH.fullmatch(own) is not None)

    found = [
        one
        for one in known
        if all(other.soft or not other.overlaps(one.start, one.end) or keeps(one, other) for other in spans)
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
        covers = all(
            span.soft or (term.start <= span.start and span.end <= term.end) or _is_all(span, text) for span in within
        )
        if covers and not any(re.search(pattern_of(phrase), term.target) for phrase in options.forbidden):
            spans = [span for span in spans if span not in within]
            target = in_case(term.target, case, language=abilities.target_language)
            terms.append(Span(term.start, term.end, translation=target))
    return terms, list(spans)


def _is_all(span: Span, text: str) -> bool:
    """Whether `text` is nothing but what a rule says in another way."""
    return span.translation is not None and span.end - span.start == len(text)


def with_terms_as_spans(one: ShownSentence, options: SearchOptions, abilities: Abilities) -> ShownSentence:
    spans = sorted([*one.spans, *one.terms], key=lambda span: span.start)
    masked = _mask(one.tidied, one.text, spans, options, abilities, soft=False)
    return replace(one, spans=spans, terms=(), masked=masked)


def leaves_words_free(sentence: Sentence, options: SearchOptions) -> bool:
    """Whether a user asks for no words of a translation, which nothing may then change."""
    return not (sentence.prefix or sentence.required or options.forbidden)


def all_masked(one: ShownSentence, options: SearchOptions, abilities: Abilities) -> ShownSentence:
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

    return mask(
        one,
        text,
        spans,
        may_be_mask,
        soft=soft,
        symbols=abilities.symbols,
        shows_markers=_shows_markers(abilities),
    )


def _shows_markers(abilities: Abilities) -> bool:
    """Whether the model has seen what begins a line of a list: models of everyday sentences have hardly."""
    return not is_romance_pair(abilities.source_language, abilities.target_language)
