"""German forms for all genders, which a model is shown in the shorter one that it knows: Kolleg*innen is Kollegen.

English has one form for all, and of what stands beside a star or a colon models lose the rest of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"(?<![\w@/])[A-ZÄÖÜ][a-zäöüß]+"
_ENDS = r"(?![\w/]|\.\w)"
# Several people, one of them, and words beside them.
_PLURAL = re.compile(rf"(?P<base>(?!Au(?:ß|ss)en){_NAME})(?:[*:_]|/-?)innen{_ENDS}|(?P<inner>{_NAME})Innen{_ENDS}")
_SINGULAR = re.compile(rf"(?P<base>{_NAME}er|{_NAME}(?:ent|ant|ist|oge|or))(?:[*:_]|/-?)in{_ENDS}")
_WORDS = re.compile(
    r"(?<![\w/])(?:(?P<stem>(?:[KkDdMmSs]?[Ee]in))(?:[/*:_]e|e[/*:_](?P<ending>[nmr]))"
    r"|(?P<each>[Jj]ed)e[/*:_](?P<each_ending>[rnm])|(?P<the>[Dd]er)[/*:_]die|(?P<article>[Dd]en)[/*:_]die|(?P<he>[Dd])ie[/*:_]der)"
    r"(?![\w/])"
)
_PAIR = re.compile(
    rf"(?<= )(?P<own>{_NAME})/(?:(?:Ihre|Deine|die|eine|deine|ihre) )?(?P<other>[A-ZÄÖÜ][a-zäöüß]+in)(?![\w/])"
)
_PLURALS = {
    "Anwält": "Anwälte", "Ärzt": "Ärzte", "Französ": "Franzosen", "Freund": "Freunde", "Jüd": "Juden",
    "Köch": "Köche", "Nachbar": "Nachbarn",
}  # fmt: skip
_UMLAUTS = str.maketrans("äöü", "aou")
_HINT = re.compile(r"[*:_/][-diesnrmA-ZÄÖÜ]|[a-zäöüß]In")


def usual_forms(text: str) -> Iterator[tuple[int, int, str]]:
    """The forms for all genders in a German `text`: from where to where each is, and the one that is shown."""
    if _HINT.search(text) is None:
        return
    for match in _PLURAL.finditer(text):
        yield match.start(), match.end(), _plural(match["base"] or match["inner"])
    for match in _SINGULAR.finditer(text):
        yield match.start(), match.end(), match["base"]
    for match in _WORDS.finditer(text):
        yield match.start(), match.end(), _masculine(match)
    for match in _PAIR.finditer(text):
        if _is_of(match["own"], match["other"]):
            yield match.start(), match.end(), match["own"]


def _plural(base: str) -> str:
    """The plural of the men of a word that women form with `base` and -innen."""
    if base in ("Bauer", "Bäuer"):
        return "Bauern"
    for stem, plural in _PLURALS.items():
        if base.lower().endswith(stem.lower()):
            joined = base[: len(base) - len(stem)]
            return joined + (plural if not joined else plural.lower())
    return base if base.endswith("er") else f"{base}en"


def _masculine(match: re.Match[str]) -> str:
    if match["stem"]:
        return match["stem"] + (f"e{match['ending']}" if match["ending"] else "")
    if match["each"]:
        return f"{match['each']}e{match['each_ending']}"
    return match["the"] or match["article"] or f"{match['he']}er"


def _is_of(own: str, other: str) -> bool:
    """Whether `other` is the woman for the man `own`: Koch and Köchin, Kollege and Kollegin."""
    stem = other.removesuffix("in").lower().translate(_UMLAUTS)
    return own.lower().translate(_UMLAUTS).rstrip("e") == stem.rstrip("e")
