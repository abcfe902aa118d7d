"""The wire format of LibreTranslate over a real socket, by its own client and by the requests that applications send."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from libretranslatepy import LibreTranslateAPI
from support.server import SENTENCES, Service, start_service, stop_service
from support.waiting import wait_until

from nmt.config.search import SearchOptions
from nmt.translate.documents.formats import ENDINGS
from nmt.translate.markup.options import Markup
from nmt.translate.translator import Translator

TEXT = "Der Hund schläft im Garten."


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


def translated(translator: Translator, *texts: str, format: Any = "text", n_best: int = 1) -> list[str]:
    found = translator.translate(texts, SearchOptions(n_best=n_best), markup=Markup(format=format))
    return [one.text for one in found]


def ask(service: Service, **fields: Any) -> httpx.Response:
    return service.client.post("/translate", json={"q": TEXT, "source": "de", "target": "en", **fields})


def test_its_python_client_translates_detects_and_lists(service: Service, translator: Translator) -> None:
    client = LibreTranslateAPI(service.address)
    assert client.translate(TEXT, "de", "en") == translated(translator, TEXT)[0]
    assert client.detect(TEXT)[0]["language"] == "de"
    assert client.detect("Where is my blue bicycle, and who has it?")[0] == {"confidence": 100.0, "language": "en"}
    assert client.languages() == [
        {"code": "de", "name": "German", "targets": ["en"]},
        {"code": "en", "name": "English", "targets": ["de"]},
    ]
    with_key = LibreTranslateAPI(f"{service.address}/", api_key="any")
    assert with_key.translate(TEXT, "de", "en") == client.translate(TEXT, "de", "en")
    assert with_key.languages() == client.languages()


@pytest.mark.parametrize("encoding", ["json", "data", "files", "params"])
def test_every_encoding_has_the_same_answer(service: Service, translator: Translator, encoding: str) -> None:
    fields: dict[str, Any] = {"q": f"{TEXT}\nKäse & 漢字 100 %+", "source": "de", "target": "en", "alternatives": 2}
    if encoding == "files":
        fields = {name: (None, str(value)) for name, value in fields.items()}
    answer = service.client.post("/translate", **{encoding: fields})
    assert answer.status_code == 200, answer.text
    [expected] = translator.translate([f"{TEXT}\nKäse & 漢字 100 %+"], SearchOptions(n_best=3))
    assert answer.json() == {"translatedText": expected.text, "alternatives": list(expected.texts[1:])}


def test_a_form_in_plain_utf8_is_read_as_such(service: Service, translator: Translator) -> None:
    """As `curl --data` sends it, without percent signs."""
    form = {"Content-Type": FORM}
    answer = service.client.post("/translate", content=f"q={TEXT}&source=de&target=en".encode(), headers=form)
    assert answer.json()["translatedText"] == translated(translator, TEXT)[0]
    answer = service.client.post("/translate", content=b"q=%ff&source=de&target=en", headers=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "the body is not UTF-8"})


def test_a_list_is_answered_as_a_list_with_its_empty_strings(service: Service, translator: Translator) -> None:
    texts = [SENTENCES[0], "", SENTENCES[1], "\n", "1"]
    answer = ask(service, q=texts, source="auto", alternatives=1).json()
    assert answer["translatedText"] == translated(translator, *texts, n_best=2)
    languages = [entry["language"] for entry in answer["detectedLanguage"]]
    assert languages == ["de"] * 5
    confidences = [entry["confidence"] for entry in answer["detectedLanguage"]]
    assert confidences[0] > 90
    assert confidences[1] == confidences[4] == 0
    assert [len(entry) for entry in answer["alternatives"]] == [1, 0, 1, 0, 0]
    assert ask(service, q=[TEXT]).json() == {"translatedText": translated(translator, TEXT)}


def test_a_text_in_the_target_language_is_detected_and_left_alone(service: Service) -> None:
    text = "Where is my blue bicycle, and who has taken it from the garden?"
    answer = ask(service, q=text, source="auto").json()
    assert answer == {"translatedText": text, "detectedLanguage": {"confidence": 100.0, "language": "en"}}


@pytest.mark.parametrize(
    ("text", "target", "language"),
    [
        ("Good morning", "en", "en"),
        ("Thank you", "en", "en"),
        ("Vielen Dank", "de", "de"),
        ("Das Haus ist rot.", "de", "de"),
        ("Bonjour, comment allez-vous aujourd'hui ?", "de", "fr"),
        ("Dove si trova la stazione?", "en", "it"),
    ],
)
def test_a_text_that_no_model_translates_to_the_target_comes_back_with_its_language(
    service: Service, text: str, target: str, language: str
) -> None:
    for q, form in ((text, "text"), (f"<p>{text}</p>", "html")):
        answer = ask(service, q=q, source="auto", target=target, format=form).json()
        assert (answer["translatedText"], answer["detectedLanguage"]["language"]) == (q, language)
        assert 80 < answer["detectedLanguage"]["confidence"] <= 100
    fields = {"text": [text, "Hallo"], "target_lang": target}
    found = service.client.post("/v2/translate", json=fields).json()["translations"][0]
    assert found == {"detected_source_language": language.upper(), "text": text}


def test_html_stays_html(service: Service, translator: Translator) -> None:
    text = "<!DOCTYPE html><p>Der <b>Hund</b> &lt;script&gt; schläft.</p><!-- note -->"
    answer = ask(service, q=text, format="html").json()["translatedText"]
    assert answer == translated(translator, text, format="html")[0]
    assert "&lt;script&gt;" in answer
    assert "<!DOCTYPE html>" in answer
    assert "<!-- note -->" in answer


def test_what_is_detected_is_a_loaded_language_or_surely_another(service: Service) -> None:
    def detect(text: str) -> dict[str, Any]:
        return service.client.post("/detect", json={"q": text}).json()[0]

    assert detect("Das ist ein Haus.")["language"] == "de"
    assert detect("Bonjour le monde, comment allez-vous ?")["language"] == "fr"
    assert detect("漢字かな交じり文")["language"] == "ja"
    every = service.client.post("/detect", data={"q": "Das ist ein Haus."}).json()
    assert [entry["language"] for entry in every] == ["de", "en"]
    assert sum(entry["confidence"] for entry in every) == pytest.approx(100, abs=0.2)
    for text in ("12 %", "🎉🎉", "12345"):
        found = detect(text)
        assert found == {"confidence": 0.0, "language": "en"}
        for source in (found["language"], "auto", "und", "UND"):
            for target in ("en", "de"):
                answer = ask(service, q=text, source=source, target=target)
                assert answer.status_code == 200
                assert text != "🎉🎉" or answer.json()["translatedText"] == text


def test_settings_name_the_limits(service: Service) -> None:
    settings = service.client.get("/frontend/settings").json()
    assert settings["charLimit"] == 10_000
    assert settings["language"]["target"] == {"code": "en", "name": "English"}
    assert settings["language"]["source"]["code"] == "auto"
    assert not any(settings[name] for name in ("apiKeys", "keyRequired", "suggestions"))
    assert settings["filesTranslation"]
    assert settings["supportedFilesFormat"] == list(ENDINGS)
    assert service.client.get("/health").json() == {"status": "ok"}
    assert "/translate" in service.client.get("/spec").json()["paths"]


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"q": None}, 400, "Invalid request: missing q parameter"),
        ({"q": ""}, 400, "Invalid request: missing q parameter"),
        ({"q": []}, 400, "Invalid request: q has 0 items; at least 1 should be there"),
        ({"q": 5}, 400, "Invalid request: q should be a valid string"),
        ({"q": [["a"]]}, 400, "Invalid request: q[0] should be one string, not a list"),
        ({"q": "\ud800"}, 400, "Invalid request: q holds a lone surrogate"),
        ({"source": ""}, 400, "Invalid request: missing source parameter"),
        ({"target": None}, 400, "Invalid request: missing target parameter"),
        ({"target": "zz"}, 400, "zz is not supported"),
        ({"source": "zz"}, 400, "zz is not supported"),
        ({"source": "auto", "target": "zz"}, 400, "zz is not supported"),
        ({"target": "de"}, 400, "no model translates 'de' to 'de'; there are: de→en, en→de"),
        ({"target": "auto"}, 400, "Invalid request: target should be a language code"),
        ({"source": "x" * 5_000}, 400, "Invalid request: source should be a language code"),
        ({"format": "docx"}, 400, "Invalid request: format should be 'text' or 'html'"),
        ({"alternatives": "x"}, 400, "Invalid request: alternatives should be a valid integer"),
        ({"alternatives": -1}, 400, "Invalid request: alternatives should be greater than or equal to 0"),
        ({"alternatives": 10_000}, 400, "Invalid request: alternatives should be less than or equal to 15, not 10000"),
        ({"q": "a" * 10_001}, 400, "Invalid request: request (10001) exceeds text limit (10000)"),
        ({"q": ["a", "a" * 10_001]}, 400, "Invalid request: request (10001) exceeds text limit (10000)"),
        ({"q": ["a"] * 129}, 400, "Invalid request: request (129) exceeds text limit (128)"),
        ({"beam_size": 5}, 400, "Invalid request: there is no field 'beam_size'; there are api_key, q,"),
        ({"sorce": "de"}, 400, "Invalid request: there is no field 'sorce'; did you mean source?"),
    ],
)
def test_what_is_wrong_is_said_in_its_shape(service: Service, fields: dict[str, Any], status: int, error: str) -> None:
    body = json.dumps({"q": "Am Morgen.", "source": "de", "target": "en"} | fields)
    answer = service.client.post("/translate", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(error)
    assert len(answer.text) < 400


FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "error"),
    [
        ("GET", "/translate", b"", "", 405, "'GET' is not possible here; POST is"),
        ("GET", "/detect", b"", "", 405, "'GET' is not possible here; POST is"),
        ("POST", "/languages", b"", "", 405, "'POST' is not possible here; GET, HEAD is"),
        ("POST", "/spec", b"", "", 405, "'POST' is not possible here; GET, HEAD is"),
        ("POST", "/translate/no/such", b"", "", 404, "there is nothing here; see /docs"),
        ("POST", "/suggest", b"", "", 403, "suggestions are not collected here"),
        ("POST", "/translate", b"{", "application/json", 400, "the body is not valid JSON"),
        ("POST", "/translate", b'"text"', "application/json", 400, "Invalid request: the body should be a JSON object"),
        ("POST", "/translate", b'{"q":"\xff"}', "application/json", 400, "the body is not JSON in UTF-8"),
        ("POST", "/translate", b"[" * 100_000, "application/json", 400, "the body is JSON of too many levels"),
        ("POST", "/translate", b'{"q":"a"}', "text/plain", 415, "a body of type 'text/plain' cannot be read"),
        ("POST", "/translate", b'{"q":"a"}', FORM, 400, "the body looks like JSON"),
        ("POST", "/translate", b"q=a&q=b&source=a&source=b", FORM, 400, "Invalid request: source should be one string"),
        ("POST", "/translate", b"&".join([b"q=a"] * 1_001), FORM, 400, "the body has more than"),
        ("POST", "/translate", b"--x\r\n", "multipart/form-data; boundary=x", 400, "Invalid request: missing q parameter"),
        ("POST", "/translate", b"nothing", MULTIPART, 400, "the body is not valid multipart"),
        ("POST", "/translate", b"q=" + b"a" * (1 << 20), FORM, 413, "the body is longer than"),
    ],
)  # fmt: skip
def test_whatever_else_goes_wrong_is_said_in_its_shape(
    service: Service, method: str, path: str, body: bytes, content_type: str, status: int, error: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = service.client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (status, error)


@pytest.mark.slow
def test_a_busy_service_and_one_that_starts_say_so(models: Path) -> None:
    service = start_service(models, batch_sentences=1, queue_cost=9_000)
    try:
        early = ask(service)
        if early.status_code != 200:  # unless the models were faster
            assert (early.status_code, list(early.json())) == (503, ["error"])
            assert int(early.headers["retry-after"]) >= 1
        service.wait_until_ready()
        assert ask(service, q=(TEXT + " ") * 20, alternatives=15).status_code == 400
        lasting = {"beam_size": 1, "min_length_ratio": 10, "max_length_ratio": 10}
        with ThreadPoolExecutor(1) as pool:
            big = pool.submit(service.translate, (TEXT + " ") * 12, **lasting)
            wait_until(lambda: service.metric("nmt_queue_cost") > 2_500)
            busy = ask(service, q=(TEXT + " ") * 20)
            assert not big.done()
            big.result()
        assert busy.status_code == 429
        assert busy.json()["error"].startswith("Slowdown: ")
        assert int(busy.headers["retry-after"]) >= 1
    finally:
        stop_service(service)


def test_its_python_client_sees_an_error_as_one(service: Service) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        LibreTranslateAPI(service.address).translate(TEXT, "de", "zz")
    assert json.loads(caught.value.read()) == {"error": "zz is not supported"}
