"""Verdicts on the translation of a case: whether it is right; None where that cannot be told.

Each is given the case, its translation, and the translation of its usual form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from nmt.check.cases import Case
from nmt.check.formality import Address, has_register
from nmt.check.tags import is_around_its_words, keeps_markup

_NUMBER = re.compile(r"([$€£¥]?) ?([\d.,]+)")  # or an amount of money
_WORD = re.compile(r"\w+")
_QUOTE = re.compile(r"[\"„“”»«›‹‚‘]|(?<!\w)'|['’](?!\w)")
_PAIRS = frozenset(('""', "„“", "“”", "»«", "«»", "›‹", "‹›", "‚‘", "‘’", "''"))
_LEAST_DOUBLED = 4  # letters of a word that no language needs twice in a row: die Leute, die die Tür öffnen
_NGRAM = 3  # words


def keeps_spans(case: Case, text: str, _: str) -> bool:
    """Each span to the byte and as often; a number as another language writes it, an amount of money, too: $1.50, 1,50 $."""
    return all(
        any(_digits(form) in _digits(text) for form in (span, f"{number[2]} {number[1]}".rstrip()))
        if (number := _NUMBER.fullmatch(span))
        else text.count(span) == case.text.count(span)
        for span in case.keeps
    )


def _digits(text: str) -> str:
    return re.sub("[.,]", "", text)


def has_formality(case: Case, text: str, _: str) -> bool:
    return has_register(Address(case.text, case.address), text, case.format)  # type: ignore[arg-type]


def keeps_numbers(case: Case, text: str, _: str) -> bool:
    return Counter(re.findall(r"\d+", text)) == Counter(re.findall(r"\d+", case.text))


def says(case: Case, text: str, _: str) -> bool:
    return re.search(case.says, text, re.I) is not None


def keeps_quotes(case: Case, text: str, _: str) -> bool:
    """As many marks of quotation, of which each two are a pair of some language."""
    marks = _QUOTE.findall(text)
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return len(marks) == len(_QUOTE.findall(case.text)) and all("".join(pair) in _PAIRS for pair in pairs)


def is_same_in_capitals(_: Case, text: str, plain: str) -> bool:
    return in_capitals(text) == in_capitals(plain)


def is_same_in_lower_case(_: Case, text: str, plain: str) -> bool:
    return in_lower_case(text) == in_lower_case(plain)


def in_capitals(text: str) -> str:
    return text.upper()


def in_lower_case(text: str) -> str:
    return text.lower().rstrip(".?!")


def is_same(case: Case, text: str, plain: str) -> bool:
    """A no-break space may come back between what stays, as in 5 km; a text that stays whole is no translation."""
    return text != case.text and text.replace("\u00a0", " ") == plain.replace("\u00a0", " ")


def is_unchanged(case: Case, text: str, _: str) -> bool:
    return text == case.text


def is_translated(case: Case, text: str, _: str) -> bool:
    return bool(text.strip()) and text.lower() != case.text.lower()


def keeps_sign(case: Case, text: str, plain: str) -> bool:
    """The sign is there as often, and beside it are the words that are there without it.

    Within a sentence a sign may change the words, but not add many.
    """
    [sign] = case.keeps
    if text.count(sign) != case.text.count(sign):
        return False
    words, usual = _words(text.replace(sign, " ")), _words(plain)
    if case.text.startswith(sign) or case.text.endswith(sign):
        return words == usual
    return 0 < len(words) <= 1.5 * max(len(usual), len(_words(case.text))) + 2


def is_sober(case: Case, text: str, _: str) -> bool:
    """Neither empty nor much longer than the text, without loops and without the names of a tokeniser's own symbols."""
    is_long = len(text) > 4 * len(case.text) + 20 or len(text.split()) > 2 * len(case.text.split()) + 3
    symbols = ("<pad>", "<unk>", "</s>", "\u2581", "\u2047")
    has_symbols = any(text.count(symbol) > case.text.count(symbol) for symbol in symbols)
    # Signs count as words here.
    has_loop = _repeated(text.split()) > _repeated(case.text.split())
    return bool(text.strip()) and not is_long and not has_symbols and not has_loop


def repeats_nothing(case: Case, text: str, _: str) -> bool:
    """No trigram comes twice, and no word of some length twice in a row, that does not so in the text or the reference."""
    words = _words(text)
    standards = [_words(case.text), _words(case.reference)]
    if _repeated(words) > max(map(_repeated, standards)):
        return False
    return _doubled(words) <= max(map(_doubled, standards))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _repeated(words: Sequence[str]) -> bool:
    """Whether a trigram comes twice."""
    trigrams = [tuple(words[place : place + _NGRAM]) for place in range(len(words) - _NGRAM + 1)]
    return len(set(trigrams)) < len(trigrams)


def _doubled(words: Sequence[str]) -> int:
    """How many words are the same as the one before."""
    return sum(word == after and len(word) >= _LEAST_DOUBLED for word, after in pairwise(words))


def keeps_tags(case: Case, text: str, _: str) -> bool:
    return text != case.text and keeps_markup(case.format, case.text, text)


def tags_are_right(case: Case, text: str, _: str) -> bool | None:
    return is_around_its_words(text, case.tags)
