"""deep-translator's LibreTranslate client against a running service (SERVICE_URL), through every method of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from deep_translator import LibreTranslator
from deep_translator.exceptions import ServerException

ADDRESS = f"{os.environ['SERVICE_URL']}/"


def translator(source: str = "en", target: str = "de") -> LibreTranslator:
    return LibreTranslator(source=source, target=target, api_key="any", custom_url=ADDRESS)


def test_a_text() -> None:
    assert translator().translate("proton beam") == "Protonenstrahl"
    assert translator("auto").translate("haz de protones") == "Protonenstrahl"
    assert translator("German", "Spanish").translate("Protonenstrahl") == "haz de protones"
    assert translator().translate("Käse & 100 %\n+1") == "Käse & 100 %\n+1"


def test_a_list() -> None:
    assert translator().translate_batch(["proton beam", "other"]) == ["Protonenstrahl", "other"]


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("proton beam", encoding="utf-8")
    assert translator().translate_file(str(path)) == "Protonenstrahl"


def test_an_error() -> None:
    with pytest.raises(ServerException):
        translator(target="Irish").translate("proton beam")
