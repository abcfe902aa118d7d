"""Roman numbers up to 39, as centuries and rulers have them."""

from __future__ import annotations

_VALUES = {"I": 1, "V": 5, "X": 10}
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


def from_roman(digits: str) -> int:
    """XIX is 19."""
    values = [_VALUES[digit] for digit in digits]
    return sum(-own if own < max(values[place:]) else own for place, own in enumerate(values))


def to_roman(number: int) -> str:
    """19 is XIX."""
    tens, ones = divmod(number, 10)
    return "X" * tens + _ONES[ones]
