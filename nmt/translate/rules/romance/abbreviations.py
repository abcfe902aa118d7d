"""Abbreviations between English and French or Spanish that a model is shown written out: p. ej. is por ejemplo.

Of others (nmt.translate.rules.abbreviations) all models know more: of e.g. one of everyday sentences makes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nmt.translate.rules.abbreviations import with_full_stop
from nmt.translate.rules.romance.pairs import is_romance_pair

_WORDS = {
    "en": {
        "e.g.": "for example", "etc.": "and other things", "i.e.": "that is", "vs.": "against",
        "a.k.a.": "also called", "approx.": "about",
    },
    "fr": {
        "appt": "appartement", "apt.": "appartement", "av.": "avenue", "bcp": "beaucoup", "bd": "boulevard",
        "bd.": "boulevard", "boul.": "boulevard", "c.-à-d.": "c'est-à-dire", "cf.": "voir", "env.": "environ",
        "etc.": "et d'autres choses", "ex.": "exemple", "max.": "au maximum", "min.": "au minimum",
        "p. ex.": "par exemple", "qqch": "quelque chose", "qqn": "quelqu'un", "RDV": "rendez-vous",
        "rdv": "rendez-vous", "s.v.p.": "s'il vous plaît", "stp": "s'il te plaît", "svp": "s'il vous plaît",
        "SVP": "s'il vous plaît", "tél.": "téléphone", "vs": "contre",
    },
    "es": {
        "aprox.": "aproximadamente", "av.": "avenida", "avda.": "avenida", "Avda.": "Avenida", "c/": "calle",
        "dpto.": "departamento", "etc.": "y otras cosas", "máx.": "como máximo", "mín.": "como mínimo",
        "p. ej.": "por ejemplo", "p.ej.": "por ejemplo", "por ej.": "por ejemplo", "tel.": "teléfono",
        "tfno.": "teléfono", "Ud.": "usted", "ud.": "usted", "Uds.": "ustedes", "uds.": "ustedes", "Vd.": "usted",
        "Vds.": "ustedes", "vs.": "contra",
    },
}  # fmt: skip
# Before a number.
_PARTS = {
    "en": {
        "no.": "number", "No.": "Number",
    },
    "fr": {
        "chap.": "chapitre", "n°": "numéro", "no": "numéro", "nº": "numéro", "p.": "page", "pp.": "pages",
    },
    "es": {
        "cap.": "capítulo", "n.º": "número", "núm.": "número", "nº": "número", "p.": "página", "pág.": "página",
        "págs.": "páginas",
    },
}  # fmt: skip
_INITIALS = 3  # characters up to which an abbreviation with a capital may be initials
_BLANKS = r"[ \u00a0\u202f]?"


def _pattern(code: str) -> re.Pattern[str]:
    words, parts = (
        "|".join(re.escape(word).replace(r"\ ", _BLANKS) for word in sorted(own[code], key=len, reverse=True))
        for own in (_WORDS, _PARTS)
    )
    begin = "|".join(re.escape(word.capitalize()) for word in _WORDS[code] if word.islower() and len(word) > _INITIALS)
    return re.compile(rf"(?<![\w.@/–-])(?:(?:{words}|^(?:{begin}))(?![\w@/-]|\.\w)|(?:{parts})(?={_BLANKS}\d))")


_PATTERNS = {code: _pattern(code) for code in _WORDS}
_KEYS = {code: {word.replace(" ", ""): full for word, full in (_WORDS[code] | _PARTS[code]).items()} for code in _WORDS}
_BLANK = re.compile(_BLANKS.removesuffix("?"))


def in_full(
    text: str, *, source: str, target: str, is_kept: Callable[[str], bool] | None = None
) -> Iterator[tuple[int, int, str]]:
    """Where the abbreviations of `text` begin and end, and each written out, save those that are to be kept."""
    if not is_romance_pair(source, target):
        return
    for match in _PATTERNS[source].finditer(text):
        if (match[0] == "etc." and match.start() == 0) or (is_kept and is_kept(match[0])):
            continue
        own = _BLANK.sub("", match[0])
        full = _KEYS[source].get(own) or _KEYS[source][own.lower()]
        if match.start() == 0 and text[0].isupper():
            full = full[0].upper() + full[1:]
        yield *match.span(), with_full_stop(match, full)
