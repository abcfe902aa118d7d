"""The wire format of Google Cloud Translation v2 over a real socket."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from support.server import Service, start_service, stop_service

from nmt.translate.markup.options import Markup
from nmt.translate.translator import Translator

PATH = "/language/translate/v2"
TEXT = "Der Hund schläft im Garten."


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


def translated(translator: Translator, *texts: str, format: Any = "text") -> list[str]:
    return [one.text for one in translator.translate(texts, markup=Markup(format=format))]


def ask(service: Service, **fields: Any) -> httpx.Response:
    body = json.dumps({"q": TEXT, "source": "de", "target": "en", "format": "text", **fields})
    return service.client.post(PATH, content=body, headers={"Content-Type": "application/json"})


def entries(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data"]
    return answer.json()["data"]["translations"]


@pytest.mark.parametrize(
    ("method", "encoding"), [("GET", "params"), ("POST", "params"), ("POST", "data"), ("POST", "json"), ("POST", "files")]
)
def test_every_encoding_and_method_has_the_same_answer(
    service: Service, translator: Translator, method: str, encoding: str
) -> None:
    texts = [TEXT, "Käse & 100 %+"]
    content: Any = {"q": texts, "source": "de", "target": "en", "format": "text", "key": "any"}
    if encoding == "files":
        content = [(n, (None, v)) for n, v in content.items() if n != "q"] + [("q", (None, text)) for text in texts]
    answer = service.client.request(method, PATH, **{encoding: content})
    assert entries(answer) == [{"translatedText": text} for text in translated(translator, *texts)]


def test_a_long_text_fits_into_a_query(service: Service) -> None:
    for length, status in ((10_000, 200), (10_001, 400)):
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        query = urlencode({"q": "\U0001d4d0" * length, "source": "de", "target": "en"})
        connection.request("GET", f"{PATH}?{query}")
        answer = connection.getresponse()
        assert answer.status == status
        assert list(json.loads(answer.read())) == ["data" if status == 200 else "error"]
        connection.close()


def test_the_body_of_its_python_client_with_nulls_is_read(service: Service, translator: Translator) -> None:
    body = {"q": [TEXT, ""], "target": "en", "cid": [], "format": None, "source": None, "model": None}
    answer = service.client.post(f"{PATH}?prettyPrint=false", json=body)
    expected = translated(translator, TEXT, "", format="html")
    assert entries(answer) == [{"translatedText": text, "detectedSourceLanguage": "de"} for text in expected]


def test_text_is_html_unless_said_otherwise(service: Service, translator: Translator) -> None:
    text = "<p>Der <b>Hund</b> &amp; die Katze</p>"
    [entry] = entries(service.client.get(PATH, params={"q": text, "source": "de", "target": "en"}))
    assert entry["translatedText"] == translated(translator, text, format="html")[0]
    assert entry["translatedText"].startswith("<p>")


def test_a_model_is_named_in_the_answer(service: Service) -> None:
    assert entries(ask(service, model="nmt"))[0]["model"] == "nmt"
    assert entries(ask(service, model="x-de-en"))[0]["model"] == "x-de-en"
    assert "model" not in entries(ask(service))[0]


def test_languages_have_names_where_a_target_is_given(service: Service) -> None:
    bare = service.client.get(f"{PATH}/languages").json()
    assert bare == {"data": {"languages": [{"language": "de"}, {"language": "en"}]}}
    named = service.client.get(f"{PATH}/languages", params={"target": "en", "model": "nmt"}).json()
    assert named["data"]["languages"][0] == {"language": "de", "name": "German"}
    refused = service.client.get(f"{PATH}/languages?target=fr")
    assert (refused.status_code, refused.json()["error"]["message"][:20]) == (400, "target should be en:")


def test_each_text_has_one_detection(service: Service) -> None:
    texts = ["Das ist ein Haus.", "Bonjour le monde, comment allez-vous ?", "1", ""]
    found = service.client.post(f"{PATH}/detect", json={"q": texts}).json()["data"]["detections"]
    assert [len(entry) for entry in found] == [1, 1, 1, 1]
    assert [entry["language"] for [entry] in found] == ["de", "fr", "und", "und"]
    assert found[0][0]["confidence"] > 0.9
    assert found[2][0]["confidence"] == 0
    body = {"q": "🎉🎉", "source": found[2][0]["language"], "target": "en"}
    answer = service.client.post(PATH, json=body).json()["data"]["translations"]
    assert [one["translatedText"] for one in answer] == ["🎉🎉"]
    assert service.client.get(f"{PATH}/detect?q=Das+Haus").json()["data"]["detections"][0][0]["language"] == "de"


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"q": None}, 400, "q is missing"),
        ({"q": []}, 400, "q has 0 items; at least 1 should be there"),
        ({"q": [5]}, 400, "q[0] should be a valid string"),
        ({"q": "a" * 10_001}, 400, "q has 10,001 characters; at most 10,000 are allowed"),
        ({"q": ["a"] * 129}, 400, "q has 129 items; at most 128 are allowed"),
        ({"target": None}, 400, "target is missing"),
        ({"target": "zz"}, 400, "no model translates 'de' to 'zz'; there are: de→en, en→de"),
        ({"target": "auto"}, 400, "target should be a language code"),
        ({"source": "zz"}, 400, "no model translates 'zz' to 'en'"),
        ({"format": "docx"}, 400, "format should be 'html' or 'text'"),
        ({"model": "other"}, 400, "no model 'other' translates de→en; there are: x-de-en"),
        ({"cid": ["5"]}, 400, "cid should be empty: there are no customisations here"),
        ({"fields": "data"}, 400, "fields cannot be asked for: answers are always whole"),
        ({"alt": "media"}, 400, "alt should be 'json'"),
        ({"beam_size": 5}, 400, "there is no field 'beam_size'"),
    ],
)
def test_what_is_wrong_is_said_in_its_shape(service: Service, fields: dict[str, Any], status: int, message: str) -> None:
    answer = ask(service, **fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, status)
    assert error["message"].startswith(message)
    assert error["errors"] == [{"message": error["message"], "domain": "global", "reason": "invalid"}]
    assert error["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("method", "path", "how", "status", "reason"),
    [
        ("PUT", "", {}, 405, "httpMethodNotAllowed"),
        ("GET", "/no/such", {}, 404, "notFound"),
        ("POST", "", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "parseError"),
        ("POST", "", {"content": b"q", "headers": {"Content-Type": "text/plain"}}, 415, "badContent"),
        ("POST", "", {"data": {"q": "a" * (1 << 20)}}, 413, "uploadTooLarge"),
    ],
)
def test_whatever_else_goes_wrong_is_said_in_its_shape(
    service: Service, method: str, path: str, how: dict[str, Any], status: int, reason: str
) -> None:
    answer = service.client.request(method, f"{PATH}{path}", **how)
    assert answer.status_code == status
    assert answer.json()["error"]["errors"][0]["reason"] == reason


@pytest.mark.slow
def test_a_service_that_starts_says_so(models: Path) -> None:
    # A service that waits before it loads for longer than it holds requests.
    first = (
        "import time, service.models as m\nload = m.Models.load\nm.Models.load = lambda self: (time.sleep(6), load(self))"
    )
    service = start_service(models, first=first)
    try:
        early = ask(service)
        assert (early.status_code, early.json()["error"]["status"]) == (503, "UNAVAILABLE")
        assert int(early.headers["retry-after"]) >= 1
        service.wait_until_ready()
        assert ask(service).status_code == 200
    finally:
        stop_service(service)
