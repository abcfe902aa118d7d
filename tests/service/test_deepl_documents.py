"""Documents in DeepL's wire format over a real socket, by DeepL's own Python client."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import deepl
import httpx
import pytest
from support.server import SENTENCES, Service, start_service, stop_service
from support.waiting import wait_until

from nmt.translate.documents.formats import read_document
from nmt.translate.translator import Translator

FILES = {
    "text.txt": "\n".join(SENTENCES[:4]).encode(),
    "page.html": b"<html><body><h1>Der Hund</h1><p>Am <b>Morgen</b> regnet es.</p></body></html>",
    "film.srt": "1\n00:00:01,000 --> 00:00:02,000\nDer Hund schläft.\n".encode(),
    "texts.json": json.dumps({"titel": "Der Hund schläft.", "zahl": 5}).encode(),
}


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


@pytest.fixture
def client(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[deepl.DeepLClient]:
    """Its own client, which asks every five seconds how far a document is; here, ten times a second."""
    clock = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds, 0.1)))
    monkeypatch.setattr("deepl.translator.time", clock)
    client = deepl.DeepLClient("any", server_url=service.address)
    yield client
    client.close()


def expected(translator: Translator, name: str, data: bytes) -> bytes:
    document = read_document(name, data, target_language="en")
    found = translator.translate(document.segments, markup=document.markup)
    return document.written([translation.text for translation in found])


def upload(service: Service, name: str, data: bytes, **fields: Any) -> httpx.Response:
    fields = {"source_lang": "DE", "target_lang": "EN-US"} | fields
    given = {key: value for key, value in fields.items() if value is not None}
    return service.client.post("/v2/document", data=given, files={"file": (name, data)})


@pytest.mark.parametrize("name", FILES)
def test_its_python_client_translates_documents(
    client: deepl.DeepLClient, translator: Translator, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    out = tmp_path / f"out.{name}"
    status = client.translate_document_from_filepath(tmp_path / name, out, source_lang="DE", target_lang="EN-US")
    assert out.read_bytes() == expected(translator, name, FILES[name])
    assert status.status == deepl.DocumentStatus.Status.DONE
    segments = read_document(name, FILES[name], target_language="en").segments
    assert status.billed_characters == sum(map(len, segments))


def test_a_key_opens_no_document_but_its_own(service: Service) -> None:
    one, other = (upload(service, f"{name}.txt", b"Hund.").json() for name in ("a", "b"))
    for path in ("", "/result"):
        address = f"/v2/document/{other['document_id']}{path}"
        assert service.client.post(address, json={"document_key": one["document_key"]}).status_code == 404


@pytest.mark.slow
def test_a_long_document_is_translated_between_other_requests(service: Service, translator: Translator) -> None:
    data = "\n".join(SENTENCES[:4] * 60).encode()
    created = upload(service, "long.txt", data).json()
    address, key = f"/v2/document/{created['document_id']}", {"document_key": created["document_key"]}
    wait_until(lambda: service.client.post(address, json=key).json()["status"] != "queued", pause=0.0)
    assert service.translate(SENTENCES[0]).status_code == 200
    assert service.client.post(address, json=key).json()["status"] == "translating"
    early = service.client.post(f"{address}/result", json=key)
    assert (early.status_code, list(early.json())) == (503, ["message"])
    assert int(early.headers["retry-after"]) >= 1
    wait_until(lambda: service.client.post(address, data=key).json()["status"] == "done")
    result = service.client.post(f"{address}/result", json=key)
    assert result.content == expected(translator, "long.txt", data)
    assert result.headers["content-disposition"] == "attachment; filename*=UTF-8''long.txt"
    assert service.client.post(f"{address}/result", json=key).status_code == 404, "a result can be had once"


def test_a_document_is_for_who_has_its_key(service: Service) -> None:
    created = upload(service, "text.txt", b"Hund").json()
    address = f"/v2/document/{created['document_id']}"
    for path in (address, f"{address}/result"):
        for key in ("", "x", "ü", created["document_key"][:-1]):
            answer = service.client.post(path, json={"document_key": key})
            assert answer.status_code == (404 if key else 400)
            assert list(answer.json()) == ["message"]
    assert service.client.post(address, json={"document_key": created["document_key"]}).status_code == 200


def test_its_python_client_uses_a_glossary_for_a_document(client: deepl.DeepLClient) -> None:
    glossary = client.create_glossary("g", "DE", "EN", {"Hund": "hound"})
    output, text = io.BytesIO(), io.BytesIO("Der Hund schläft.".encode())
    text.name = "a.txt"
    client.translate_document(text, output, source_lang="DE", target_lang="EN-US", glossary=glossary)
    assert "hound" in output.getvalue().decode().lower()


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "C:\\dir\\a.txt", 'a".txt', "ä.txt"])
def test_names_of_files_are_harmless(service: Service, name: str) -> None:
    created = upload(service, "a.txt", b"1", filename=name)
    assert created.status_code == 200, created.text
    address, key = f"/v2/document/{created.json()['document_id']}", {"document_key": created.json()["document_key"]}
    wait_until(lambda: service.client.post(address, data=key).json()["status"] == "done")
    result = service.client.post(f"{address}/result", json=key)
    assert result.content == b"1"
    assert "x-evil" not in result.headers
    assert "/" not in result.headers["content-disposition"]
    assert "\\" not in result.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "data", "fields", "status", "message"),
    [
        ("a.exe", b"MZ", {}, 400, "Invalid file: the file extension '.exe' is none of .txt"),
        ("a", b"x", {}, 400, "Invalid file: the file extension '' is none of .txt"),
        ("a.docx", b"PK no", {}, 400, "Invalid file: a.docx: "),
        ("a.json", b"{", {}, 400, "Invalid file: a.json: "),
        ("a.txt", b"x", {"target_lang": "XX"}, 400, "Value for 'target_lang' not supported."),
        ("a.txt", b"x", {"source_lang": "XX"}, 400, "Value for 'source_lang' not supported."),
        ("a.txt", b"x", {"source_lang": None, "target_lang": "XX"}, 400, "Value for 'target_lang' not supported."),
        ("a.txt", b"x", {"output_format": "pdf"}, 400, "output_format should be 'txt'"),
        ("a.txt", b"x", {"formality": "more"}, 400, "Target language 'EN-US' doesn't support formality."),
        ("a.txt", b"x", {"glossary_id": "none"}, 404, "there is no glossary 'none'"),
        ("a.txt", b"x", {"target": "EN"}, 400, "there is no field 'target'; did you mean target_lang?"),
        ("a.txt", b"x", {"filename": "a\r\nX-Evil: 1.txt"}, 400, "Invalid file: its name should have"),
        ("a.txt", b"x" * (11 << 20), {}, 413, "the body is longer than"),
    ],
)
def test_what_is_wrong_is_said_at_once(
    service: Service, name: str, data: bytes, fields: dict[str, Any], status: int, message: str
) -> None:
    answer = upload(service, name, data, **fields)
    assert (answer.status_code, list(answer.json())) == (status, ["message"])
    assert answer.json()["message"].startswith(message)


def test_what_is_no_upload_is_refused(service: Service) -> None:
    assert service.client.post("/v2/document", json={"file": "x"}).status_code == 415
    answer = service.client.post("/v2/document", files={"target_lang": (None, "DE")})
    assert answer.json() == {"message": "file is missing"}
    answer = service.client.post("/v2/document", files={"target_lang": (None, "DE"), "file": (None, "x")})
    assert answer.status_code == 400


@pytest.mark.slow
def test_a_service_ends_while_it_translates_a_document(models: Path) -> None:
    service = start_service(models)
    service.wait_until_ready()
    assert upload(service, "a.txt", "\n".join(SENTENCES[:4] * 100).encode()).status_code == 200
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log


def test_a_document_in_the_target_language_is_an_error_as_deepls_is(client: deepl.DeepLClient) -> None:
    text = "This is the house in which we have been living, and it is not the one that they were looking for.\n" * 3
    handle = client.translate_document_upload(text.encode(), target_lang="EN-US", filename="a.txt")
    status = client.translate_document_wait_until_done(handle)
    assert not status.ok
    assert status.error_message == "Source and target language are the same: the document is in English already"
    mixed = text + "Das ist das Haus, in dem wir wohnen, und es ist nicht das, nach dem sie gesucht haben.\n"
    for content, source in ((mixed, None), (text, "DE")):  # part of it is another, or it was said to be
        handle = client.translate_document_upload(
            content.encode(), source_lang=source, target_lang="EN-US", filename="a.txt"
        )
        assert client.translate_document_wait_until_done(handle).ok
