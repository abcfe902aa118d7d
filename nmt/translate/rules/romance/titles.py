"""Titles before names, between English and French or Spanish: Mr. Baker is M. Baker and el Sr. Baker.

A model that has seen few titles makes other words of them, and of the name. So it is shown a mask for both. How a title is
written depends on whether one speaks of a person, to them, or writes the greeting of a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nmt.text.spans import Span
from nmt.translate.rules.given_names import given_names
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
_ARTICLE_BEFORE = re.compile(r"(?<![\w’'-])(?:(?P<of>[Dd](?:u|el|e la))|(?P<to>[Aa](?:u|l| la))|[Ll]e|[Ee]l|[Ll]a) $")
_DEGREE = re.compile(r"(?:(?P<doctor>Dra?)|Profa?)\b\.? ")
"""A title that is part of a name, and alike in all languages but for the article: le Dr Moreau is Dr Moreau."""
_DEGREES = {
    "fr": {"doctor": ("le Dr", "Docteur", "Cher Docteur"), "professor": ("le professeur", "Professeur", "Cher Professeur")},
    "es": {"doctor": ("el Dr.", "Dr.", "Estimado Dr."), "professor": ("el Prof.", "Prof.", "Estimado Prof.")},
}
"""Said of a person, said to one, and in the greeting of a letter."""
_ADDRESS = re.compile(r"(?:^|, )$")
_GOES_ON = re.compile(r"[,.!?:;]|$")
_DEAR = re.compile("^Dear $")
_FRENCH_ARTICLE = re.compile(r"\b(?:([Dd])e|([àÀ])) (?:le (?=Dr |professeur [A-ZÀ-ÖØ-Þ])|Le (?=Caire\b))")
_ARTICLE = re.compile(r"\b(?:([Dd])e|([Aa])) el (?=Sr\.|Dr\.|Prof\.|Reino Unido)")


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
            if degree := _DEGREE.match(sentence, name.start, name.end):
                yield _with_degree(sentence, name, degree, source, target)
            continue
        is_address = _ADDRESS.search(before[: match.start()]) and _GOES_ON.match(sentence, name.end)
        forms = written.greeting if match["dear"] else written.to if is_address else written.of
        yield span_said(sentence, match.start(), name.end, f"{forms[title]} {sentence[name.start : name.end]}")


def _with_degree(sentence: str, name: Span, degree: re.Match[str], source: str, target: str) -> Span:
    """A name with the title of a doctor or a professor as `target` says it."""
    own, before = sentence[degree.end() : name.end], sentence[: name.start]
    if target == "en":
        article = _ARTICLE_BEFORE.search(before)
        word = "of " if article and article["of"] else "to " if article and article["to"] else ""
        title = ("Dr" if degree["doctor"] else "Prof") + "." * degree[0].endswith(". ")
        return span_said(sentence, article.start() if article else name.start, name.end, f"{word}{title} {own}")
    dear = _DEAR.search(before) if source == "en" else None
    start = dear.start() if dear else name.start
    is_address = _ADDRESS.search(sentence[:start]) and _GOES_ON.match(sentence, name.end)
    title = _DEGREES[target]["doctor" if degree["doctor"] else "professor"][2 if dear else 1 if is_address else 0]
    if target == "es" and own.split()[0].endswith("a") and own.split()[0] in given_names("es"):
        for masculine, feminine in (("el ", "la "), ("Estimado", "Estimada"), ("Dr.", "Dra."), ("Prof.", "Profa.")):
            title = title.replace(masculine, feminine)
    return span_said(sentence, start, name.end, f"{title} {own}")


def contracted(text: str, *, language: str) -> str:
    """`text` with del, al, du and au before a title or a place, where a model wrote de and a before its article."""
    if language == "fr":
        return _FRENCH_ARTICLE.sub(
            lambda match: f"{match[1]}u " if match[1] else ("Au " if match[2] == "À" else "au "), text
        )
    return _ARTICLE.sub(lambda match: f"{match[1]}el " if match[1] else f"{match[2]}l ", text) if language == "es" else text
