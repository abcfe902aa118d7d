"""German compounds of which the first leaves out what the second has: Vor- und Nachname, Ein-/Ausgang, into English.

Where the first is a noun of its own (Obst- und Gemüsehändler), models take it for one, and are seldom wrong. A particle
alone tells them nothing: of An- und Abreise they make the ancient and departure. So those that a list has are translated by
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Span

# What the compounds have in common; what stands before that in each, with the English of the whole.
_COMPOUNDS = {
    "name": {"vor": "first name", "nach": "last name", "zu": "last name", "familien": "family name"},
    "gang": {"ein": "entrance", "aus": "exit"},
    "gänge": {"ein": "entrances", "aus": "exits", "zu": "additions", "ab": "departures"},
    "fahrt": {
        "ein": "entrance", "aus": "exit", "zu": "access", "ab": "departure", "an": "arrival", "hin": "outward journey",
        "rück": "return journey",
    },
    "reise": {
        "an": "arrival", "ab": "departure", "ein": "entry", "aus": "exit", "hin": "outward journey",
        "rück": "return journey",
    },
    "flug": {"hin": "outbound flight", "rück": "return flight", "ab": "departure"},
    "weg": {"hin": "way there", "rück": "way back"},
    "teil": {"vor": "advantage", "nach": "disadvantage"},
    "teile": {"vor": "advantages", "nach": "disadvantages"},
    "tag": {"sonn": "Sunday", "feier": "public holiday", "werk": "working day"},
    "tage": {"sonn": "Sundays", "feier": "public holidays", "werk": "working days"},
    "tags": {"sonn": "on Sundays", "feier": "public holidays", "werk": "on weekdays"},
    "mittag": {"vor": "morning", "nach": "afternoon"},
    "stieg": {"auf": "ascent", "ab": "descent", "ein": "entry", "aus": "exit"},
    "steigen": {"ein": "getting on", "aus": "getting off"},
    "kauf": {"an": "purchase", "ein": "purchase", "ver": "sale"},
    "fuhr": {"ein": "import", "aus": "export"},
    "fuhren": {"ein": "imports", "aus": "exports"},
    "gabe": {"ein": "input", "aus": "output"},
    "zahlung": {"ein": "deposit", "aus": "withdrawal"},
    "zahlungen": {"ein": "deposits", "aus": "withdrawals"},
    "meldung": {"an": "registration", "ab": "deregistration"},
    "laden": {"be": "loading", "ent": "unloading"},
    "ladung": {"be": "loading", "ent": "unloading"},
    "bau": {"auf": "assembly", "ab": "dismantling"},
    "bildung": {"aus": "training", "fort": "further training", "weiter": "further training"},
    "seite": {"vorder": "front", "rück": "back", "innen": "inside", "außen": "outside", "ober": "top", "unter": "bottom"},
    "speise": {"vor": "starter", "nach": "dessert"},
    "speisen": {"vor": "starters", "nach": "desserts"},
    "bereitung": {"vor": "preparation", "nach": "follow-up"},
    "nahme": {"zu": "increase", "ab": "decrease"},
    "handel": {"groß": "wholesale trade", "einzel": "retail trade"},
    "händler": {"groß": "wholesalers", "einzel": "retailers"},
    "leitung": {"zu": "supply line", "ab": "drain line"},
    "luft": {"zu": "supply air", "ab": "exhaust air"},
}  # fmt: skip
_JOINS = {" und ": " and ", " u. ": " and ", " & ": " & ", " oder ": " or ", " sowie ": " and ", " bzw. ": " or ", "/": "/"}
_PAIR = re.compile(
    rf"(?<![\w-])(?P<first>[^\W\d_]{{2,}})-(?P<join>{'|'.join(map(re.escape, _JOINS))})(?P<second>[^\W\d_]{{4,}})(?![\w-])"
)


def ellipses(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The pairs of compounds in the German `sentence` of which the first is cut short, each in English."""
    for match in _PAIR.finditer(sentence) if (source, target) == ("de", "en") and "-" in sentence else ():
        found = _english(match["first"].lower(), match["second"].lower())
        if found:
            first, second = found
            before, _, head = first.rpartition(" ")
            is_shared = before and second.endswith(f" {head}")  # first and last name
            yield Span(*match.span(), translation=f"{before if is_shared else first}{_JOINS[match['join']]}{second}")


def _english(first: str, second: str) -> tuple[str, str] | None:
    for ending in ("", "n", "s"):  # of another case: an Sonn- und Feiertagen
        stem = second.removesuffix(ending)
        for common, kinds in _COMPOUNDS.items():
            if stem.endswith(common) and first in kinds and (other := kinds.get(stem.removesuffix(common))):
                return kinds[first], other
    return None
