"""Signs before the letter of a menu or a button that opens it from the keyboard: &File of Qt and Windows, _File of GTK.

They are no part of a word, and a model takes them for one: &Datei öffnen ──> Datei öffnen ──> Open file ──> &Open file.
"""

from __future__ import annotations

import re

_SIGN = re.compile(
    r"(?<![^\s\"'„“])&(?=[^\W\d_])(?!\w+;)"  # at a word
    r"|(?<![^\W\d_]{5})(?<=[^\W\d_])&(?=[a-zà-ÿ]{3})"  # within one, such as Be&arbeiten
    r"|^_(?=[^\W\d_a-zà-ÿ])|(?<=\s)_(?=[^\W\d_])"
)
_START = re.compile(r"(?<![\w%{<$@&\\/.-])[^\W\d_]")
"""The first letter of a word that is no placeholder."""


def without_key(text: str) -> tuple[str, str, str]:
    """`text` without its sign, the sign, and the letter after it; as it is where it has no sign, or several."""
    match = _SIGN.search(text)
    if match is None or text.count(match[0]) > 1:
        return text, "", ""
    place = match.start()
    return text[:place] + text[place + 1 :], match[0], text[place + 1]


def with_key(text: str, sign: str, letter: str) -> str:
    """`text` with the sign before the first word that begins with the letter, or else before its first word."""
    starts = [match.start() for match in _START.finditer(text)]
    if not sign or not starts:
        return text
    place = next((start for start in starts if text[start].lower() == letter.lower()), starts[0])
    return text[:place] + sign + text[place:]
