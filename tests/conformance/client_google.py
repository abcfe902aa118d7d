"""google-cloud-translate's basic client against a running service (SERVICE_URL), through every method of it."""

from __future__ import annotations

import os

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import translate_v2

CLIENT = translate_v2.Client(
    credentials=AnonymousCredentials(), client_options={"api_endpoint": os.environ["SERVICE_URL"]}, target_language="de"
)


def test_a_text() -> None:
    assert CLIENT.translate("proton beam", source_language="en") == {
        "translatedText": "Protonenstrahl",
        "input": "proton beam",
    }
    assert CLIENT.translate("haz de protones", target_language="en", format_="text", model="nmt") == {
        "translatedText": "proton beam",
        "detectedSourceLanguage": "es",
        "input": "haz de protones",
        "model": "nmt",
    }


def test_a_list() -> None:
    found = CLIENT.translate(["proton beam", ""])
    assert [entry["translatedText"] for entry in found] == ["Protonenstrahl", ""]


def test_detection() -> None:
    assert CLIENT.detect_language("Das ist ein Haus in der Stadt.")["language"] == "de"
    found = CLIENT.detect_language(["Das ist ein Haus.", "This is a house."])
    assert [entry["language"] for entry in found] == ["de", "en"]
    assert all(0 < entry["confidence"] <= 1 for entry in found)


def test_languages() -> None:
    found = CLIENT.get_languages("en")
    assert {"language": "de", "name": "German"} in found
    assert len(found) == 4


def test_an_error() -> None:
    with pytest.raises(BadRequest, match="no model translates 'en' to 'zz'"):
        CLIENT.translate("proton beam", source_language="en", target_language="zz")
    with pytest.raises(BadRequest, match="cid should be empty"):
        CLIENT.translate("proton beam", customization_ids=["5"])
