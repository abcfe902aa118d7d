"""Numbers with signs of units, between English and German: 2 m, 16 GB.

Models change a sign for another now and then: 2 m becomes 2 mm, and 2,962 m 2,962 M. A translation is to have the number
with its sign, or with a word for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Span

# Each with how the words for it begin, in both languages.
_UNITS = {
    "mm": "millimet", "cm": "[cz]entimet", "dm": "de[cz]imet", "m": "met", "km": "[ck]ilomet", "mg": "milligram",
    "g": "gram", "kg": "kilo", "t": "ton", "ml": "millilit", "cl": "[cz]entilit", "dl": "de[cz]ilit", "l": "lit", "L": "lit",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "kWh": "kilowatt", "V": "volt", "mA": "milliamp", "A": "amp",
    "mAh": "milliamp", "Ah": "amp", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz",
    "KB": "kilob", "MB": "megab", "GB": "gigab", "TB": "terab", "lm": "lumen", "ha": "he[ck]t", "dB": "de[cz]ibel",
    "mph": "(?:miles|meilen)", "rpm": "(?:revolutions|u/min|umdrehung)",
}  # fmt: skip
_SIGNS = "|".join(sorted(_UNITS, key=len, reverse=True))
_MEASURE = re.compile(rf"(?<![\w.,$€£:/-])(?P<number>\d+(?:[.,–-]\d+)*) ?(?P<unit>{_SIGNS})(?![\w²³/-])")
_SEPARATOR = re.compile("[.,–-]")


def measures(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The numbers with signs of units in `sentence`; English and German only."""
    for match in _MEASURE.finditer(sentence) if {source, target} == {"en", "de"} else ():
        number = _SEPARATOR.sub("[.,–-]", match["number"])
        said = rf"(?<!\w){number}[ -]?(?:{match['unit']}(?!\w)|(?i:{_UNITS[match['unit']]}))"
        yield Span(*match.span(), soft=True, translation=match[0], kept=said)
