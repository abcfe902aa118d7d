"""Abbreviations that a model is shown written out: 2 Mio. is 2 Millionen, and 3 hrs is 3 hours.

A model takes those that its text seldom had for the end of a sentence or another word: of Fragen bzgl. der Rechnung it makes
He has questions. the bill. What it knows well (usw., z. B., etc.) is not here, nor what depends on its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nmt.translate.rules.english import ordinal
from nmt.translate.rules.roman import from_roman
from nmt.translate.tidy import Tidied

_GERMAN = {
    "abzgl.": "abzüglich", "allg.": "allgemein", "bes.": "besonders", "Bhf.": "Bahnhof", "Bj.": "Baujahr",
    "bspw.": "beispielsweise", "bzgl.": "bezüglich", "d. J.": "dieses Jahres", "d. M.": "dieses Monats",
    "einschl.": "einschließlich",
    "evtl.": "eventuell", "exkl.": "exklusive", "Fa.": "Firma", "Geb.-Datum": "Geburtsdatum", "geb.": "geboren",
    "gem.": "gemäß", "ggf.": "gegebenenfalls", "Hbf.": "Hauptbahnhof", "i. H. v.": "in Höhe von",
    "i. d. R.": "in der Regel", "inkl.": "inklusive", "insb.": "insbesondere", "insbes.": "insbesondere",
    "Jh.": "Jahrhundert", "Jhd.": "Jahrhundert", "k. A.": "keine Angabe", "km/Std.": "km/h", "lt.": "laut",
    "m. E.": "meines Erachtens",
    "m. M. n.": "meiner Meinung nach", "max.": "maximal", "mind.": "mindestens", "Mitgl.": "Mitglieder",
    "mtl.": "monatlich", "o. Ä.": "oder Ähnliches", "o. ä.": "oder Ähnliches", "o. g.": "oben genannte", "od.": "oder",
    "p. a.": "pro Jahr", "rd.": "rund", "s. a.": "siehe auch", "s. o.": "siehe oben", "s. u.": "siehe unten",
    "sof.": "sofort", "sog.": "sogenannte", "Stk.": "Stück", "tgl.": "täglich", "u. a.": "unter anderem",
    "u. Ä.": "und Ähnliches", "u. ä.": "und Ähnliches", "u. U.": "unter Umständen", "v. a.": "vor allem",
    "verh.": "verheiratet", "vermutl.": "vermutlich", "vgl.": "vergleiche", "Whg.": "Wohnung", "z. Hd.": "zu Händen",
    "z. T.": "zum Teil", "z. Z.": "zurzeit", "z. Zt.": "zurzeit", "Zi.": "Zimmer", "zzgl.": "zuzüglich",
}  # fmt: skip
_ENGLISH = {
    "Acct. no.": "Account number", "approx.": "approximately", "avg.": "average", "ASAP": "as soon as possible",
    "cont'd": "continued", "dept.": "department", "DOB": "date of birth", "FYI": "for your information",
    "govt.": "government", "mgmt.": "management", "Pls": "Please", "rm.": "room",
    "temp.": "temperature", "Thx": "Thanks", "w/": "with", "w/o": "without", "U.K.": "UK", "U.N.": "UN",
    "U.S.": "US", "U.S.A.": "USA",
}  # fmt: skip
# After a number: of one, and of several.
_GERMAN_UNITS = {
    "Erw.": ("Erwachsener", "Erwachsene"), "Mio.": ("Million", "Millionen"), "Mrd.": ("Milliarde", "Milliarden"),
    "Tsd.": ("Tausend", "Tausend"), "Std.": ("Stunde", "Stunden"), "Min.": ("Minute", "Minuten"),
    "Sek.": ("Sekunde", "Sekunden"), "J.": ("Jahr", "Jahre"),
    "h": ("Stunde", "Stunden"), "s": ("Sekunde", "Sekunden"),
}  # fmt: skip
_ENGLISH_UNITS = {
    "ft": ("foot", "feet"), "h": ("hour", "hours"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "min": ("minute", "minutes"), "mins": ("minute", "minutes"),
    "mos": ("month", "months"), "oz": ("ounce", "ounces"), "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "wks": ("week", "weeks"), "s": ("second", "seconds"), "yr": ("year", "years"), "yrs": ("year", "years"),
}  # fmt: skip
# Of money: €75k, $1.2M.
_THOUSAND = {"de": ".000", "en": ",000"}
_MANY = {
    "de": {"M": "Millionen", "m": "Millionen", "mn": "Millionen", "bn": "Milliarden", "B": "Milliarden"},
    "en": {"M": "million", "m": "million", "mn": "million", "bn": "billion", "B": "billion"},
}
# Before a time or a date; several days have short forms in other languages too (nmt.translate.rules.short_forms).
_GERMAN_DAYS = {
    "Mo": "Montag", "Di": "Dienstag", "Mi": "Mittwoch", "Do": "Donnerstag", "Fr": "Freitag", "Sa": "Samstag",
    "So": "Sonntag",
}  # fmt: skip
_ENGLISH_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_MONTH = r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]\b|Ju[nl]|Aug|Sep|O[ck]t|Nov|De[cz])"
_DATE = rf"(?:\d{{1,2}}(?:\.|st|nd|rd|th)? {_MONTH}|{_MONTH}\w*\.? \d)"
JOIN_OF_DAYS = r"(?: ?[-–&/+] ?|, ?| (?:to|through|and|bis|und|u\.|&) )"
"""Between the days of a list: Mo, Mi und Fr."""
_CLOSED = r": (?:geschlossen|Ruhetag|frei|zu|closed|off)\b"
_DATE_OR_TIME = rf"(?={_CLOSED}|[,:]? \d{{1,2}}(?:[:.]\d\d| ?[-–] ?\d| ?Uhr| ?[ap]\.?m\b)|, \d{{1,2}}\. ?\d|,? {_DATE})"
# Before a number.
_GERMAN_PARTS = {
    "Abb.": "Abbildung", "Abs.": "Absatz", "Art.": "Artikel", "Gr.": "Größe", "Kap.": "Kapitel", "Max.": "Maximal",
    "Pos.": "Position", "S.": "Seite", "Tab.": "Tabelle", "Ziff.": "Ziffer",
}  # fmt: skip
_ENGLISH_PARTS = {
    "apt.": "apartment", "ch.": "chapter", "fig.": "figure", "Fig.": "Figure", "p.": "page",
    "pp.": "pages",
}  # fmt: skip

# Beside other words: a title before a name, a number of something, a floor, and u. between two words.
_TITLES = {"Fr.": "Frau", "Hr.": "Herr", "Hrn.": "Herrn"}
_NUMBERED = {"Art.": "Artikel", "Best.": "Bestell", "Kd.": "Kunden", "Rg.": "Rechnungs", "Tel.": "Telefon"}
_FLOORS = {"DG": "Dachgeschoss", "EG": "Erdgeschoss", "OG": "Stockwerk", "UG": "Untergeschoss"}
_BEGINS, _ENDS = r"(?<![\w.@/–-])", r"(?![\w@/-]|\.\w)"
_GERMAN_BESIDE = (
    rf"|{_BEGINS}(?P<title>Fr\.|Hrn?\.)(?= (?:Dr\.|Prof\.|[A-ZÄÖÜ][a-zäöüß]))"
    rf"(?! (?:{_MONTH}|Morgen|Nacht|\w*(?:[Aa]ben|[Mm]itta)[dg]))"
    rf"|{_BEGINS}(?P<numbered>(?:{'|'.join(map(re.escape, _NUMBERED))}|[A-ZÄÖÜ][a-zäöüß]+)-Nr\.)(?=[ :])"
    rf"|(?<=[Ii]m \d\. )(?P<floor>OG)\b|(?:(?<=[Ii]m )|(?<=[Ii]ns ))(?P<whole_floor>[DEOU]G)\b"
    r"|(?<=[a-zäöüß] )(?P<joins>u\.)(?= [^\W\d_]{2})"
)

_FULL = {"de": _GERMAN | _GERMAN_PARTS, "en": _ENGLISH | _ENGLISH_PARTS}
_UNITS = {"de": _GERMAN_UNITS, "en": _ENGLISH_UNITS}
DAYS = {"de": _GERMAN_DAYS, "en": _ENGLISH_DAYS}
"""The days of a week by their short forms, from Monday on."""
_WORLD_WARS = {1: "Erste", 2: "Zweite", 3: "Dritte"}
_INITIALS = 3  # characters up to which an abbreviation with a capital may be initials


def _any_of(words: dict[str, str] | dict[str, tuple[str, str]]) -> str:
    """A pattern of these, the longest first, and with or without blanks in them."""
    return "|".join(re.escape(word).replace(r"\ ", r"[ \u00a0\u202f]?") for word in sorted(words, key=len, reverse=True))


def _pattern(
    words: dict[str, str], parts: dict[str, str], units: dict[str, tuple[str, str]], days: dict[str, str], more: str = ""
) -> re.Pattern[str]:
    # At the beginning of a sentence one may have a capital: Ggf.; but M. E. would be initials there, and Max. a name.
    capitals = {
        capital: full
        for word, full in words.items()
        if word.islower() and len(word) > _INITIALS and (capital := word.capitalize()) not in parts
    }
    begins, ends = _BEGINS, _ENDS
    day = rf"(?:{_any_of(days)})\.?"
    return re.compile(
        rf"{begins}(?P<word>{_any_of(words)}|^(?:{_any_of(capitals)})){ends}"
        rf"|{begins}(?P<part>{_any_of(parts)})(?= ?\d)"
        rf"|{begins}(?P<run>{day}(?:{JOIN_OF_DAYS}{day})+)(?![\w-])"
        rf"|{begins}(?P<day>{_any_of(days)})\.?{_DATE_OR_TIME}"
        rf"|(?<=\d )(?P<unit>{_any_of(units)})\.?(?:{ends}|(?=/[^\W\d_]{{2}}))"
        rf"|(?<=[$€£])(?P<thousands>\d{{1,3}})k{ends}|(?<=[$€£])(?P<number>\d+(?:[.,]\d+)?)(?P<many> ?(?:mn|bn|[MmB])){ends}"
        rf"{more}"
        r"|(?<=\d)(?P<per>/mo)\b\.?"
        r"|(?<![\w-])(?P<roman>[IVX]+)(?:\.(?= (?:Jahrhundert|Jh|Weltkrieg))|(?:th|st|nd|rd)?(?= century\b))"
    )


_PATTERNS = {
    "de": _pattern(_GERMAN, _GERMAN_PARTS, _GERMAN_UNITS, _GERMAN_DAYS, _GERMAN_BESIDE),
    "en": _pattern(_ENGLISH, _ENGLISH_PARTS, _ENGLISH_UNITS, _ENGLISH_DAYS),
}
_KEYS = {language: {key.replace(" ", ""): full for key, full in words.items()} for language, words in _FULL.items()}
_MAY_HAVE = re.compile(
    r"\.(?=.)|: (?:gesch|Ruhe|frei|zu|closed|off)|\d|/|(?:[IVX]|th|st|nd|rd) century|ASAP|DOB|FYI|Pls|Thx|cont'd"
)  # as most sentences do not
_AT_END = {language: tuple(words) for language, words in _FULL.items()}
_BLANKS = re.compile(r"[ \u00a0\u202f]")
_ONE = re.compile(r"(?<![\d.,])1 $")


def written_out(one: Tidied, *, language: str, is_kept: Callable[[str], bool] | None = None) -> Tidied:
    """`one` with its abbreviations written out, save those that are to be kept. A full stop stays where it ends the text."""
    if language not in _PATTERNS or not (_MAY_HAVE.search(one.text) or one.text.endswith(_AT_END[language])):
        return one
    matches = (match for match in _PATTERNS[language].finditer(one.text) if not match["run"])
    found = (match for match in matches if not (is_kept and is_kept(match[0])))
    return one.written((*match.span("many" if match["number"] else 0), _full(match, language)) for match in found)


def _full(match: re.Match[str], language: str) -> str:
    kind = match.lastgroup
    if kind == "title":
        return _TITLES[match[0]]
    if kind == "numbered":
        what = match[0].removesuffix("-Nr.")
        return f"{_NUMBERED.get(what, what)}nummer"
    if kind in ("floor", "whole_floor"):
        return _FLOORS[match[0]]
    if kind == "per":
        return " per month"
    if kind == "joins":
        return "und"
    if kind == "roman":
        return _ordinal(match)
    if match["thousands"]:
        return match["thousands"] + _THOUSAND[language]
    if match["number"]:
        return f" {_MANY[language][match['many'].strip()]}"  # the number may be a span with its sign
    if match["day"]:
        return DAYS[language][match["day"]]
    if match["unit"]:
        one, several = _UNITS[language][match["unit"]]
        full = one if _ONE.search(match.string, 0, match.start()) else several
    else:
        own = _BLANKS.sub("", match[0])
        full = _KEYS[language].get(own) or _KEYS[language][own.lower()].capitalize()
    return with_full_stop(match, full)


def with_full_stop(match: re.Match[str], full: str) -> str:
    """`full` in place of an abbreviation, with the full stop of one that ends the sentence as well."""
    ends = match[0].endswith(".") and not any(map(str.isalnum, match.string[match.end() :]))
    return full + "." * (ends and not match.string.startswith((".", "!", "?"), match.end()))


def _ordinal(match: re.Match[str]) -> str:
    """What a Roman number of a century, or of a World War, is with other digits, or in a word."""
    number = from_roman(match["roman"])
    if match.string.startswith(" Weltkrieg", match.end()) and number in _WORLD_WARS:
        is_subject = re.search(r"\b[Dd]er $", match.string[: match.start()]) is not None
        return _WORLD_WARS[number] + "n" * (not is_subject)
    return f"{number}." if match[0].endswith(".") else ordinal(number)
