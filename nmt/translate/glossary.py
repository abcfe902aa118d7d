"""Glossaries: terms with the translation that each of them must have.

    Der Bahnhof ist geschlossen.   with Bahnhof -> depot:   The depot is closed.

Terms are found with an automaton (Aho and Corasick 1975) in one pass over a sentence, however many there are. They stand on
word boundaries, and letters must be as in the glossary, with one exception: a term written with a small letter is found with
a capital at the beginning of a sentence. Of terms that overlap the longest counts, and of equally long ones the first.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import ahocorasick

from nmt.config.language import base_language, standard_tag
from nmt.errors import ConfigurationError, InputError
from nmt.files.lines import Lines
from nmt.files.places import TextInput
from nmt.text.language import LANGUAGES
from nmt.translate.tidy import tidied

MAX_ENTRIES = 100_000
MAX_CHARACTERS = 200
"""Of a term, and of its translation."""

Form = Literal["tsv", "csv"]

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HEADERS = {("source", "target"), ("source_entry", "target_entry"), ("source", "target", "source_lang", "target_lang")}
_WITHOUT_BLANKS = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages that are written without blanks between words: a term may stand anywhere."""

_ENDINGS = {
    "de": "e en er ern em es s n ns nen",
    "en": "s es 's ’s",
    "es": "s es",
    "fr": "s x e es",
    "it": "",
    "nl": "s en n e ’s 's",
    "pt": "s es",
}
_OF_ADJECTIVES = frozenset(
    ("er", *(f"{degree}{ending}" for degree in ("", "er", "st", "est") for ending in ("e", "em", "en", "er", "es")))
)
"""What German adjectives have: neues, neueren, neueste; of one in e, such as leise, that e is the first letter."""
_OF_VERBS = frozenset("e st t te test ten tet et est ete etest eten etet end ende enden ender endes endem".split(" "))  # noqa: SIM905
"""What German verbs have in place of the en or n of their infinitive."""
_OF_NOUNS_IN_S = frozenset(("se", "sen", "ses"))
"""What German nouns in s have besides: Busse, Ergebnisses."""
_BEGINS_WITH_VOWEL = re.compile(r"(?!uni(?!n|m)|us[aeu]|eu|ew|one(?!i)|once|ut[ei])[aeiou]|hono|hour|heir", re.I)
_SHORTEST_WITH_STEM = 4  # letters of a term
_ANY_ENDING = 2  # letters of an ending, in languages whose endings are not listed


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term in a sentence: sentence[start:end]."""

    start: int
    end: int
    target: str


@dataclass(frozen=True)
class Glossary:
    """Entries for one direction. It never changes, so that threads may share one.

    Examples:
        >>> terms = nmt.Glossary.parse("Bahnhof\\tdepot", "tsv")
        >>> translator.translate("Wo ist der Bahnhof?", glossary=terms).text
        'Where is the depot?'
    """

    entries: tuple[Entry, ...]
    source_language: str = ""
    """Empty where it is for any."""
    target_language: str = ""
    inflect: bool = False
    """Whether the last word of a term may have an ending of its language: Haus is found in Hauses, depot in depots."""

    def __post_init__(self) -> None:
        """Raises InputError for an empty or too long side, for two translations of one term, and where there is no entry."""
        _check(enumerate(self.entries, 1), "glossary", unit="entry")

    @classmethod
    def of(cls, given: Glossary | Mapping[str, str]) -> Glossary:
        """A glossary, or that of terms with their translations. Raises InputError."""
        if isinstance(given, Glossary):
            return given
        if not isinstance(given, Mapping):
            raise InputError(f"glossary should be a Glossary, or a dict of terms, not {type(given).__name__}")
        for term in itertools.chain.from_iterable(given.items()):
            if not isinstance(term, str):
                raise InputError(f"glossary: a term and its translation should be strings, not {type(term).__name__}")
        return cls(tuple(Entry(source.strip(), target.strip()) for source, target in given.items()))

    def has(self, word: str) -> bool:
        """Whether a term is this word, or has it among others."""
        return any(word in entry.source for entry in self.entries)

    def require_pair(self, source: str, target: str) -> None:
        """Raises InputError where it is for other languages than these."""
        pairs = ((self.source_language, source), (self.target_language, target))
        if any(own and base_language(own) != base_language(asked) for own, asked in pairs):
            raise InputError(
                f"the glossary is for {self.source_language}-{self.target_language}; "
                f"should be for {source}-{target}, as the model is"
            )

    @classmethod
    def read(cls, path: str | Path, *, inflect: bool = False) -> Glossary:
        """A file in UTF-8: CSV if its name ends in .csv (or .csv.gz and the like), otherwise TSV. Raises InputError."""
        lines = Lines(TextInput(str(path)))
        text = "\n".join(lines.texts())
        if lines.invalid:
            raise InputError(f"{path}: line {lines.first_invalid} is not valid UTF-8")
        form: Form = "csv" if ".csv" in [suffix.lower() for suffix in Path(path).suffixes[-2:]] else "tsv"
        return cls.parse(text, form, name=str(path), inflect=inflect)

    @classmethod
    def parse(
        cls,
        text: str,
        form: Form,
        *,
        name: str = "glossary",
        source_language: str = "",
        target_language: str = "",
        inflect: bool = False,
    ) -> Glossary:
        """Lines of two columns, term and translation; empty lines are skipped.

        CSV has commas and may have quotes; TSV has tabs, and a quote is a character like any other. CSV may have two more
        columns, the languages. The first line may be a header: "source" and "target", or two language codes, which are then
        the languages of the glossary. Raises InputError, which calls the text `name`.
        """
        if not isinstance(text, str):
            raise InputError(f"{name} should be the text of a glossary, not {type(text).__name__}")
        rows = [(number, row) for number, row in _rows(text, form, name) if any(cell.strip() for cell in row)]
        pair = source_language, target_language
        if rows and (header := tuple(cell.strip().lower() for cell in rows[0][1])) in _HEADERS:
            rows = rows[1:]
        elif rows and _is_pair(header, pair):
            pair = _agreed(pair, rows[0][1], name, rows[0][0])
            rows = rows[1:]
        numbered: list[tuple[int, Entry]] = []
        for number, row in rows:
            if len(row) == 4 and form == "csv":
                pair = _agreed(pair, row[2:], name, number)
            elif len(row) != 2:
                what = "1 column" if len(row) == 1 else f"{len(row)} columns"
                raise InputError(f"{name}: line {number} has {what}; should be two, a term and its translation")
            numbered.append((number, Entry(row[0].strip(), row[1].strip())))
        _check(numbered, name, unit="line")
        entries = tuple(dict.fromkeys(entry for _, entry in numbered))
        return cls(entries, source_language=pair[0], target_language=pair[1], inflect=inflect)

    def text(self, form: Form) -> str:
        """The entries as `parse` reads them."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n", **_dialect(form))
        # A first entry that reads like a header would be taken for one.
        first = (self.entries[0].source, self.entries[0].target)
        if tuple(side.lower() for side in first) in _HEADERS or _is_pair(
            first, (self.source_language, self.target_language)
        ):
            writer.writerow(("source", "target"))
        writer.writerows((entry.source, entry.target) for entry in self.entries)
        return stream.getvalue()

    @property
    def sha256(self) -> str:
        """A fingerprint of its entries and of how they are found, the same for every file that has them in this order."""
        content = [[entry.source, entry.target] for entry in self.entries]
        return hashlib.sha256(json.dumps([content, self.inflect]).encode()).hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Only its fields go to other processes, which make the automaton themselves."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def terms(self, sentence: str, *, language: str) -> list[Term]:
        """The terms in `sentence`, which is in `language`, in order and apart from each other."""
        found = sorted(self._candidates(sentence, base_language(language)), key=lambda candidate: candidate[:4])
        taken: list[Term] = []
        for *_, term in found:
            if all(term.end <= other.start or other.end <= term.start for other in taken):
                taken.append(term)
        return sorted(taken, key=lambda term: term.start)

    def _candidates(self, sentence: str, language: str) -> Iterator[tuple[int, int, bool, int, Term]]:
        """What stands on word boundaries, each with what it is ranked by: longest, then longest entry, exact, first."""
        begins = next((place for place, character in enumerate(sentence) if character.isalnum()), len(sentence))
        anywhere = language in _WITHOUT_BLANKS
        for last, spelled in self._automaton.iter(sentence):
            for stem, length, target, capitalised in spelled:
                start, end = last + 1 - length, last + 1
                if not anywhere and _in_word(sentence, start):
                    continue
                if stem or (not anywhere and (_in_word(sentence, end) or self.inflect)):
                    ending = re.compile(r"['’]?[^\W\d_]*").match(sentence, end)
                    assert ending is not None
                    is_form = (
                        language == "de" and ending[0] in stem
                        if stem
                        else self.inflect and _is_ending(ending[0], sentence[start:end], language)
                    )
                    if is_form and not _in_word(sentence, ending.end()):
                        end = ending.end()
                    elif stem or _in_word(sentence, end):
                        continue
                if target is not None:
                    yield start - end, -length, False, start, Term(start, end, target)
                if capitalised is not None and start == begins:
                    yield start - end, -length, True, start, Term(start, end, capitalised)

    def prepare(self) -> None:
        """Make what sentences are searched with, which the first sentence does otherwise: 2 s for 100,000 terms."""
        self._automaton  # noqa: B018

    @cached_property
    def _automaton(self) -> Any:
        """From spellings to what they are of: endings that a stem needs (a whole term: none), length, and translations.

        The second translation is for a capital that is the sentence's only.
        """
        spelled: dict[str, dict[frozenset[str], list[str | None]]] = {}
        for entry in self.entries:
            term = tidied(entry.source).text
            for spelling, endings in ((term, frozenset[str]()), *(_stems(term) if self.inflect else ())):
                own = spelled.setdefault(spelling, {}).setdefault(endings, [None, None])
                own[0] = own[0] or entry.target
                capitalised = spelling[0].upper() + spelling[1:]
                if capitalised != spelling:
                    own = spelled.setdefault(capitalised, {}).setdefault(endings, [None, None])
                    own[1] = own[1] or entry.target
        automaton = ahocorasick.Automaton()
        for spelling, kinds in spelled.items():
            automaton.add_word(spelling, [(endings, len(spelling), *targets) for endings, targets in kinds.items()])
        automaton.make_automaton()
        return automaton


def _stems(term: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The stems of a German verb or adjective at the end of `term`, each with the endings of which it needs one."""
    if not term.rpartition(" ")[2].islower() or len(term) < _SHORTEST_WITH_STEM:
        return
    if term.endswith(("eln", "ern")):
        yield term[:-1], _OF_VERBS
        yield f"{term[:-3]}{term[-2]}", frozenset(("e",))  # sammle
    elif term.endswith("en"):
        yield term[:-2], _OF_VERBS
    elif term.endswith(("el", "euer", "auer")):
        yield term[:-2] + term[-1], _OF_ADJECTIVES  # dunkles, teures


def lacks(text: str, targets: Iterable[str], *, inflect: bool = False, language: str = "") -> bool:
    """Whether `text` lacks one of `targets`, each as often as it is among them; at its beginning one may have a capital.

    A target stands on word boundaries, and with `inflect` may have an ending of `language`.
    """
    for target in sorted(targets, key=len, reverse=True):
        found = _target_in(text, target, inflect=inflect, language=base_language(language))
        if found is None:
            return True
        # What stands for one term does not stand for another.
        text = f"{text[: found[0]]}\x00{text[found[1] :]}"
    return False


def with_articles(text: str, targets: Iterable[str], *, language: str) -> str:
    """`text` with the form of the English indefinite article, a or an, that each of `targets` after it has by its sound."""
    if base_language(language) != "en":
        return text
    for target in targets:
        article = "an" if _BEGINS_WITH_VOWEL.match(target) else "a"
        text = re.sub(rf"(?<!\w)([Aa])n?(?= {re.escape(target)}(?!\w))", rf"\1{article[1:]}", text)
    return text


def with_capital(text: str, targets: Iterable[str]) -> str:
    """`text` with a capital at its beginning where one of `targets`, written with a small letter, is there."""
    return text[:1].upper() + text[1:] if any(text.startswith(target) for target in targets) else text


def _target_in(text: str, target: str, *, inflect: bool, language: str) -> tuple[int, int] | None:
    anywhere = language in _WITHOUT_BLANKS
    capitalised = re.escape(target[0].upper() + target[1:])
    for match in re.finditer(rf"{re.escape(target)}|^{capitalised}", text):
        start, end = match.span()
        if inflect and (ending := re.compile(r"[^\W\d_]*").match(text, end)) and _is_ending(ending[0], target, language):
            end = ending.end()
        if anywhere or not (_in_word(text, start) or _in_word(text, end)):
            return start, end
    return None


def _in_word(text: str, place: int) -> bool:
    """Whether there is no word boundary before text[place]."""
    return 0 < place < len(text) and _of_word(text[place - 1]) and _of_word(text[place])


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_ending(letters: str, term: str, language: str) -> bool:
    """Whether `term`, with `letters` after it, may be a form of its last word."""
    if letters == "":
        return True
    if language == "de" and term.rpartition(" ")[2].islower():
        return letters in _OF_ADJECTIVES or (term.endswith("e") and f"e{letters}" in _OF_ADJECTIVES)
    if language == "de" and term.endswith("s") and letters in _OF_NOUNS_IN_S:
        return True
    if language in _ENDINGS:
        return letters in _ENDINGS[language].split()
    return letters.isalpha() and letters.islower() and len(letters) <= _ANY_ENDING


def _dialect(form: Form) -> dict[str, Any]:
    if form == "csv":
        return {"delimiter": ",", "strict": True}
    return {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "quotechar": None}


def _rows(text: str, form: Form, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its line. A row is a line: quotes that are not closed in theirs are a mistake."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), **_dialect(form))
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"{name}: line {number} cannot be read as {form.upper()}: {error}") from error
        yield number, row


def _is_pair(row: Sequence[str], pair: tuple[str, str]) -> bool:
    """Whether a first line names two languages: those of the glossary, or, where it has none yet, two that have names."""
    tags = _tags(row)
    if len(tags) != 2:
        return False
    own, given = tuple(map(base_language, tags)), tuple(map(base_language, pair))
    return own == given if all(pair) else all(code in LANGUAGES for code in own) and own[0] != own[1]


def _tags(cells: Sequence[str]) -> tuple[str, ...]:
    """The language tags in `cells`, or none where one of them is something else."""
    try:
        return tuple(standard_tag(cell.strip()) for cell in cells)
    except ConfigurationError:
        return ()


def _agreed(pair: tuple[str, str], named: Sequence[str], name: str, number: int) -> tuple[str, str]:
    """The languages of a glossary that are `pair` as far as known, after a line that names them."""
    tags = _tags(named)
    if not tags:
        raise InputError(f"{name}: line {number} should name two languages, such as de,en, not {','.join(named)}")
    if any(known and base_language(known) != base_language(tag) for known, tag in zip(pair, tags, strict=True)):
        raise InputError(f"{name}: line {number} is for {'-'.join(tags)}; should be for {'-'.join(pair)} as the others are")
    return pair[0] or tags[0], pair[1] or tags[1]


def _check(numbered: Iterable[tuple[int, Entry]], name: str, *, unit: str) -> None:
    first: dict[str, tuple[int, str]] = {}
    count = 0
    for number, entry in numbered:
        count += 1
        if count > MAX_ENTRIES:
            raise InputError(f"{name}: has more than {MAX_ENTRIES:,} entries, the most that a glossary may have")
        for what, side in (("term", entry.source), ("translation", entry.target)):
            if not tidied(side).text.strip():
                raise InputError(f"{name}: {unit} {number} has no {what}; should be a term and its translation")
            if len(side) > MAX_CHARACTERS:
                raise InputError(
                    f"{name}: {unit} {number} has a {what} of {len(side)} characters; at most {MAX_CHARACTERS} are allowed"
                )
            if _NO_TEXT.search(side):
                raise InputError(
                    f"{name}: {unit} {number} has a {what} with a line end, another control character or a lone surrogate"
                )
        term = tidied(entry.source).text
        before, target = first.setdefault(term, (number, entry.target))
        if target != entry.target:
            raise InputError(
                f"{name}: {unit}s {before} and {number} have two translations of {entry.source!r}: "
                f"{target!r} and {entry.target!r}; should be one"
            )
    if not count:
        raise InputError(f"{name}: has no entries; should have a term and its translation on each line")
