"""The client of the service, against a real one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support.office_documents import word_document
from support.server import SENTENCES, Service, start_service, stop_service, write_model

from nmt.client import Client, ClientError, LanguagePair
from nmt.config.search import SearchOptions
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.documents.formats import read_document
from nmt.translate.translator import Translator
from service.keys import Keys
from service.state import State


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=96, kind="bpe", character_coverage=1.0)
    write_model(folder / "x-de-en", source="de", target="en", tokenizer=tokenizer)
    return folder


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def service(models: Path, state: Path) -> Iterator[Service]:
    service = start_service(models, state=state, require_key=True, max_documents=3)
    service.wait_until_ready()
    yield service
    stop_service(service)


@pytest.fixture(scope="module")
def client(service: Service, state: Path) -> Client:
    return Client(service.address + "/", key=Keys(State(state)).create("tests"))


def test_it_translates_a_text_and_several(client: Client, translator: Translator) -> None:
    expected = [one.text for one in translator.translate(SENTENCES[:2])]
    assert client.translate(SENTENCES[0], source="de", target="en") == expected[0]
    assert client.translate([*SENTENCES[:2], ""], target="en") == [*expected, ""]
    assert client.translate((), target="en") == []
    [greedy] = translator.translate(SENTENCES[:1], SearchOptions(beam_size=1))
    assert client.translate(SENTENCES[0], target="en", beam_size=1) == greedy.text


def test_it_lists_the_languages(client: Client) -> None:
    assert client.languages() == [LanguagePair("de", "en", ("x-de-en",))]


@pytest.mark.parametrize("name", ["brief.docx", 'Über "uns"\n.txt'])
def test_it_translates_a_document(client: Client, translator: Translator, tmp_path: Path, name: str) -> None:
    data = word_document() if name.endswith("docx") else SENTENCES[0].encode()
    (tmp_path / name).write_bytes(data)
    document = read_document(name, data, target_language="en")
    found = translator.translate(document.segments, markup=document.markup)
    seen: list[tuple[int, int]] = []
    result = client.translate_document(
        tmp_path / name, source="de", target="en", progress=lambda *counts: seen.append(counts)
    )
    assert result == document.written([one.text for one in found])
    assert {whole for _, whole in seen} == {sum(map(len, document.segments))}


def test_who_gives_up_leaves_nothing_behind(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(SENTENCES[:4] * 30), encoding="utf-8")

    def stop(*_counts: int) -> None:
        raise KeyboardInterrupt

    for _ in range(5):  # the service keeps three
        with pytest.raises(KeyboardInterrupt):
            client.translate_document(tmp_path / "a.txt", target="en", progress=stop)


def test_what_is_wrong_is_one_line(client: Client, service: Service, tmp_path: Path) -> None:
    def refusal(ask: object) -> ClientError:
        with pytest.raises(ClientError) as refused:
            ask()  # type: ignore[operator]
        assert "\n" not in str(refused.value)
        return refused.value

    error = refusal(lambda: client.translate("x", target="zz"))
    assert (error.status, error.code, error.retry_after) == (404, "pair_not_loaded", None)
    error = refusal(lambda: client.translate("x", target="en", beams=5))
    assert (error.status, error.code) == (422, "invalid_request")
    error = refusal(lambda: Client(service.address).languages())
    assert (error.status, error.code) == (401, "key_required")
    (tmp_path / "a.docx").write_bytes(b"PK")
    error = refusal(lambda: client.translate_document(tmp_path / "a.docx", target="en"))
    assert (error.status, error.code) == (422, "invalid_text")
    assert "cannot be read" in str(refusal(lambda: client.translate_document(tmp_path / "none.txt", target="en")))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    for address in (f"http://127.0.0.1:{free}", "127.0.0.1", "ftp://127.0.0.1:1"):
        error = refusal(lambda: Client(address, timeout=5).languages())  # noqa: B023
        assert (error.status, error.code) == (None, None)


def test_an_answer_that_is_none_of_the_service_is_told() -> None:
    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"busy")

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ClientError, match="status 503") as refused:
            Client(f"http://127.0.0.1:{server.server_port}").languages()
        assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, None, 7)
        server.shutdown()
