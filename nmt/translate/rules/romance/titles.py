"""Titles before names, between English and French or Spanish: Mr. Baker is M. Baker and el Sr. Baker.

A model that has seen few titles makes other words of them, and of the name. So it is shown a mask for both. How a title is
written depends on whether one speaks of a person, to them, or writes the greeting of a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nmt.text.spans import Span
from nmt.translate.rules.romance.pairs import is_romance_pair, span_said

_BOTH, _MR, _MRS, _MISS = "Mr and Mrs", "Mr", "Mrs", "Miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Titles:
    """The titles of a language, by the English ones."""

    read: dict[str, str]
    """A pattern of each as it is written."""
    dear: str
    """A pattern of what a greeting begins with."""
    of: dict[str, str]
    """Said of a person."""
    to: dict[str, str]
    """Said to a person."""
    greeting: dict[str, str]


_ENGLISH = _Titles(
    read={_BOTH: r"Mr\.? (?:and|&) Mrs\.?", _MR: r"Mr\.?|Mister", _MRS: r"Mrs\.?|Ms\.?|Mx\.?", _MISS: "Miss"},
    dear="Dear",
    of={title: title for title in (_BOTH, _MR, _MRS, _MISS)},
    to={title: title for title in (_BOTH, _MR, _MRS, _MISS)},
    greeting={title: f"Dear {title}" for title in (_BOTH, _MR, _MRS, _MISS)},
)
_LANGUAGES = {
    "fr": _Titles(
        read={
            _BOTH: r"(?:M\.|[Mm]onsieur) et (?:Mme|[Mm]adame)",
            _MR: r"M\.|[Mm]onsieur",
            _MRS: "Mme|[Mm]adame",
            _MISS: "Mlle|[Mm]ademoiselle",
        },
        dear="Chers?|Chère",
        of={_BOTH: "M. et Mme", _MR: "M.", _MRS: "Mme", _MISS: "Mlle"},
        to={_BOTH: "Monsieur et Madame", _MR: "Monsieur", _MRS: "Madame", _MISS: "Mademoiselle"},
        greeting={
            _BOTH: "Chers Monsieur et Madame",
            _MR: "Cher Monsieur",
            _MRS: "Chère Madame",
            _MISS: "Chère Mademoiselle",
        },
    ),
    "es": _Titles(
        read={
            _BOTH: r"(?:[Ll]os )?(?:Sres\.?|[Ss]eñores)",
            _MR: r"(?:[Ee]l )?(?:Sr\.?|[Ss]eñor)",
            _MRS: r"(?:[Ll]a )?(?:Sra\.?|[Ss]eñora)",
            _MISS: r"(?:[Ll]a )?(?:Srta\.?|[Ss]eñorita)",
        },
        dear="(?:Estimad|Querid)(?:o|a|os)",
        of={_BOTH: "los señores", _MR: "el Sr.", _MRS: "la Sra.", _MISS: "la Srta."},
        to={_BOTH: "señores", _MR: "Sr.", _MRS: "Sra.", _MISS: "Srta."},
        greeting={_BOTH: "Estimados señores", _MR: "Estimado Sr.", _MRS: "Estimada Sra.", _MISS: "Estimada Srta."},
    ),
}
_BEFORE = {
    code: {title: re.compile(rf"(?<![\w-])(?P<dear>^(?:{one.dear}) )?(?:{read}) $") for title, read in one.read.items()}
    for code, one in {**_LANGUAGES, "en": _ENGLISH}.items()
}
_ARTICLE_BEFORE = re.compile(r"(?<![\w’'-])(?:[Ll]e|[Ee]l|[Ll]a) $")
_DEGREES = ("Dr", "Prof")
"""Titles that are alike in English but for the article: le Dr Moreau is Dr Moreau."""
_ADDRESS = re.compile(r"(?:^|, )$")
_GOES_ON = re.compile(r"[,.!?:;]|$")
_ARTICLE = re.compile(r"\b(?:([Dd])e|([Aa])) el (?=Sr\.)")


def titles(sentence: str, names: Sequence[Span], *, source: str, target: str) -> Iterator[Span]:
    """Those of the `names` in `sentence` that have a title, each with it as `target` says it."""
    if not is_romance_pair(source, target):
        return
    written = _LANGUAGES.get(target, _ENGLISH)
    for name in names:
        before = sentence[: name.start]
        found = ((title, match) for title, pattern in _BEFORE[source].items() if (match := pattern.search(before)))
        title, match = next(found, ("", None))
        if match is None:
            own, article = sentence[name.start : name.end], _ARTICLE_BEFORE.search(before)
            if target == "en" and article and own.startswith(_DEGREES):
                yield Span(article.start(), name.end, translation=own)
            continue
        is_address = _ADDRESS.search(before[: match.start()]) and _GOES_ON.match(sentence, name.end)
        forms = written.greeting if match["dear"] else written.to if is_address else written.of
        yield span_said(sentence, match.start(), name.end, f"{forms[title]} {sentence[name.start : name.end]}")


def contracted(text: str) -> str:
    """A Spanish `text` with del and al before a title, where a model wrote de and a before its article."""
    return _ARTICLE.sub(lambda match: f"{match[1]}el " if match[1] else f"{match[2]}l ", text)
