"""Greetings to people by what they are: found, and said in English by the shipped models."""

from __future__ import annotations

import pytest
from support.known import CHECKPOINTS, said

from nmt import Translator
from nmt.translate.rules.greetings import _ROLES


def test_every_one_is_said_in_english() -> None:
    for role, english in _ROLES.items():
        for begin in ("Sehr geehrte", "Liebe", "Hallo"):
            assert said(f"{begin} {role},", "de", "en") == [(role, english)]
    assert said("Liebe Mieterinnen und Mieter!", "de", "en") == [("Mieterinnen und Mieter", "tenants")]


@pytest.mark.parametrize(
    ("source", "line", "found"),
    [
        ("de", "Hochachtungsvoll", [("Hochachtungsvoll", "Yours faithfully")]),
        ("de", "MfG, Klaus", [("MfG", "Kind regards")]),
        ("de", "i. V. Karl Schmitz", [("i. V. Karl Schmitz", "p.p. Karl Schmitz")]),
        ("de", "gez. Dr. Braun", [("gez. Dr. Braun", "signed Dr. Braun")]),
        ("en", "Respectfully,", [("Respectfully", "Hochachtungsvoll")]),
        ("en", "Cheers,", [("Cheers,", "Viele Grüße,")]),
        ("de", "Alles Gute zum Geburtstag", []),
        ("de", "Gruß an alle", []),
        ("en", "Cheers", []),
        ("en", "Love is all", []),
        ("en", "Sincerely sorry", []),
    ],
)
def test_lines_that_end_a_letter(source: str, line: str, found: list[tuple[str, str]]) -> None:
    assert [one for one in said(line, source, "en" if source == "de" else "de") if one[1]] == found


@pytest.mark.parametrize(
    "sentence",
    ["Liebe Spieler sind da.", "Lieber Mieter,", "Die Mieter, alle", "Liebe Mieterin,", "Ihr lieben Azubis,"],
)
def test_of_others(sentence: str) -> None:
    assert not any(english for _, english in said(sentence, "de", "en"))


@pytest.mark.parametrize("model", ["broad-de-en", "broad-de-en-fast"])
def test_shipped_models_greet_them(model: str) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    roles = list(_ROLES)[::8]
    for role, found in zip(roles, translator.translate([f"Sehr geehrte {role}," for role in roles]), strict=True):
        assert found.text == f"Dear {_ROLES[role]},"
