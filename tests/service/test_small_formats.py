"""The wire formats of Immersive Translate, DeepLX and MTranServer over a real socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.server import Service

from nmt.translate.markup.options import Markup
from nmt.translate.translator import Translator
from service.wire.immersive import _as_html, _as_text

TEXT = "Der Hund schläft im Garten."
IMMERSIVE: dict[str, Any] = {"source_lang": "de", "target_lang": "en", "text_list": [TEXT]}
DEEPLX: dict[str, Any] = {"source_lang": "DE", "target_lang": "EN", "text": TEXT}
MTRAN: dict[str, Any] = {"from": "de", "to": "en", "text": TEXT}


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


def translated(translator: Translator, text: str, format: Any = "text") -> str:
    return translator.translate([text], markup=Markup(format=format))[0].text


def test_immersive_translates_a_list_with_its_empty_texts(service: Service, translator: Translator) -> None:
    answer = service.client.post("/imme", json=IMMERSIVE | {"text_list": [TEXT, "", "1"], "source_lang": None})
    assert answer.json() == {
        "translations": [{"detected_source_lang": "de", "text": text} for text in (translated(translator, TEXT), "", "1")]
    }


@given(st.lists(st.sampled_from(["<b0>", "</b0>", "<b1/>", "<", ">", "&", "&lt;", "&amp;", "a ", '"', "'", "{0}", "b2>"])))
def test_a_text_of_immersive_becomes_html_and_back(parts: list[str]) -> None:
    text = "".join(parts)
    assert _as_text(_as_html(text)) == text


def test_deeplx_translates_text_and_markup(service: Service, translator: Translator) -> None:
    answer = service.client.post("/deeplx/translate?token=any", json=DEEPLX)
    assert answer.status_code == 200
    body = answer.json()
    assert isinstance(body.pop("id"), int)
    assert body == {
        "code": 200,
        "data": translated(translator, TEXT),
        "alternatives": [],
        "source_lang": "DE",
        "target_lang": "EN",
        "method": "Free",
    }
    for source in ("auto", "AUTO", "", None):
        found = service.client.post("/deeplx/translate", json=DEEPLX | {"source_lang": source}).json()
        assert (found["source_lang"], found["data"]) == ("DE", body["data"])
    markup = "<p>Der <b>Hund</b></p>"
    found = service.client.post("/deeplx/translate", json=DEEPLX | {"text": markup, "tag_handling": "html"}).json()
    assert found["data"] == translated(translator, markup, "html")


def test_mtran_translates_text_and_markup(service: Service, translator: Translator) -> None:
    answer = service.client.post("/mtran/translate", json=MTRAN, headers={"Authorization": "Bearer any"})
    assert (answer.status_code, answer.json()) == (200, {"result": translated(translator, TEXT)})
    markup = "<p>Der <b>Hund</b></p>"
    found = service.client.post("/mtran/translate?token=any", json=MTRAN | {"text": markup, "html": True, "from": "auto"})
    assert found.json() == {"result": translated(translator, markup, "html")}


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/imme", IMMERSIVE | {"text_list": []}, 400, "text_list has 0 items; at least 1 should be there"),
        ("/imme", IMMERSIVE | {"text_list": None}, 400, "text_list is missing"),
        ("/imme", IMMERSIVE | {"text_list": ["a"] * 129}, 400, "text_list has 129 items; at most 128 are allowed"),
        ("/imme", IMMERSIVE | {"text_list": TEXT}, 400, "text_list should be a valid list"),
        ("/imme", IMMERSIVE | {"target_lang": "zz"}, 400, "no model translates 'de' to 'zz'"),
        ("/imme", IMMERSIVE | {"text": "a"}, 400, "there is no field 'text'; did you mean text_list?"),
        ("/imme", ["a"], 400, "the body should be a JSON object"),
        ("/deeplx/translate", DEEPLX | {"text": ["a"]}, 400, "text should be one string, not a list"),
        ("/deeplx/translate", DEEPLX | {"text": ""}, 400, "text is missing"),
        ("/deeplx/translate", DEEPLX | {"tag_handling": "docx"}, 400, "tag_handling should be 'html' or 'xml'"),
        ("/deeplx/translate", DEEPLX | {"source_lang": "zz"}, 400, "no model translates 'zz' to 'EN'"),
        ("/deeplx/translate", DEEPLX | {"text": "a" * 10_001}, 400, "text has 10,001 characters"),
        ("/deeplx/translate", DEEPLX | {"beam": 1}, 400, "there is no field 'beam'"),
        ("/mtran/translate", MTRAN | {"to": "zz"}, 400, "no model translates 'de' to 'zz'"),
        ("/mtran/translate", MTRAN | {"from": None}, 400, "from is missing"),
        ("/mtran/translate", MTRAN | {"html": "perhaps"}, 400, "html should be a valid boolean"),
        ("/mtran/translate", MTRAN | {"source": "de"}, 400, "there is no field 'source'; there are from, to, text"),
        ("/mtran/translate/batch", MTRAN, 404, "there is nothing here"),
    ],
)
def test_what_is_wrong_is_said_in_the_shape_of_each(
    service: Service, path: str, body: object, status: int, message: str
) -> None:
    answer = service.client.post(path, json=body)
    assert answer.status_code == status
    if path.startswith("/deeplx"):
        assert answer.json()["code"] == status
        assert answer.json()["message"].startswith(message)
    else:
        assert list(answer.json()) == ["error"]
        assert answer.json()["error"].startswith(message)


def test_a_byte_order_mark_before_the_body_is_no_part_of_it(service: Service) -> None:
    content = json.dumps(MTRAN).encode("utf-8-sig")
    assert service.client.post("/mtran/translate", content=content, headers={"Content-Type": "application/json"}).is_success


@pytest.mark.parametrize("path", ["/imme", "/deeplx/translate", "/mtran/translate"])
def test_only_json_is_read(service: Service, path: str) -> None:
    assert service.client.post(path, data={"text": "a"}).status_code == 415
    assert service.client.get(path).status_code == 405
    assert service.client.post(path, content=b"x" * (1 << 21)).status_code == 413
