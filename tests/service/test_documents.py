"""Documents at `/v1` and in LibreTranslate's wire format, and jobs that outlive the process that took them."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from support.office_documents import word_document
from support.server import SENTENCES, Service, start_process, start_service, stop_service
from support.waiting import wait_until

from nmt.config.search import SearchOptions
from nmt.errors import ConfigurationError
from nmt.translate.documents.formats import read_document
from nmt.translate.glossary import Entry, Glossary
from nmt.translate.translator import Translator
from service.documents import DocumentOrder, Documents, _claim, _requeue
from service.errors import BadText, TooManyDocuments
from service.settings import Settings
from service.state import DATABASE, State
from service.translating import Translating

TEXT = "\n".join(SENTENCES[:4]).encode()
# Much text, of which little needs the model: an eighth of it, sentence after sentence.
LONG = "\n".join(line for sentence in SENTENCES[:4] * 10 for line in (sentence, *["1234567890 " * 18] * 7)).encode()
CHARACTERS = len(LONG.decode().replace("\n", ""))
OPTIONS = SearchOptions(beam_size=1)
FILES = {
    "letter.txt": TEXT,
    "page.html": b"<html><body><h1>Der Hund</h1><p>Am <b>Morgen</b> regnet es.</p></body></html>",
    "texts.json": json.dumps({"titel": "Der Hund schläft.", "zahl": 5}).encode(),
    "brief.docx": word_document(),
}


@pytest.fixture(scope="module")
def service(models: Path) -> Iterator[Service]:
    """One with greedy search, which is quick."""
    service = start_service(models, max_beam_size=1)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert "Traceback" not in log, log
    assert all(word not in log for word in (*SENTENCES, "letter.txt", "Geheimnis")), "nothing of what users sent"


@pytest.fixture(scope="module")
def translator(models: Path) -> Translator:
    return Translator.load(models / "x-de-en", device="cpu", threads=1)


def expected(translator: Translator, name: str, data: bytes) -> bytes:
    document = read_document(name, data, target_language="en")
    found = translator.translate(document.segments, OPTIONS, markup=document.markup)
    return document.written([translation.text for translation in found])


def upload(service: Service, name: str, data: bytes, **fields: str) -> httpx.Response:
    return service.client.post("/v1/documents", data={"source": "de", "target": "en"} | fields, files={"file": (name, data)})


def started(service: Service, name: str = "a.txt", data: bytes = TEXT, **fields: str) -> str:
    """The address of a new job."""
    answer = upload(service, name, data, **fields)
    assert answer.status_code == 202, answer.text
    return f"/v1/documents/{answer.json()['id']}"


def state(service: Service, address: str) -> dict[str, Any]:
    answer = service.client.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def result(service: Service, address: str) -> bytes:
    """Of a job, once it is done."""
    wait_until(lambda: state(service, address)["status"] not in ("queued", "translating"))
    assert state(service, address)["status"] == "done"
    return service.client.post(f"{address}/result").content


# --- /v1/documents ---


@pytest.mark.parametrize("name", FILES)
def test_a_document_is_translated_and_can_be_had_once(service: Service, translator: Translator, name: str) -> None:
    address = started(service, name, FILES[name])
    assert result(service, address) == expected(translator, name, FILES[name])
    for gone in (service.client.post(f"{address}/result"), service.client.get(address), service.client.delete(address)):
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "document_not_found")


TERMS = Glossary((Entry("Hund", "hound dog"), Entry("source", "target")))


@pytest.mark.parametrize(
    "files",
    [
        {"glossary": (None, "source\ttarget\nHund\thound dog\n\nsource\ttarget\n")},
        {"glossary": ("terms.tsv", b"\xef\xbb\xbfsource\ttarget\r\nHund\thound dog\r\nsource\ttarget\r\n")},
        {"glossary": ("Terms.CSV", b'de,en\n"Hund",hound dog\nsource,target\n')},
    ],
)
def test_a_document_has_the_terms_of_a_glossary(service: Service, translator: Translator, files: dict[str, Any]) -> None:
    text = b"Der Hund source.\nHund und Katze.\n"
    fields = {"source": "de", "target": "en"}
    answer = service.client.post("/v1/documents", data=fields, files={"file": ("a.txt", text)} | files)
    assert answer.status_code == 202, answer.text
    made = result(service, f"/v1/documents/{answer.json()['id']}").decode()
    document = read_document("a.txt", text, target_language="en")
    found = translator.translate(document.segments, OPTIONS, markup=document.markup, glossary=TERMS)
    assert made.encode() == document.written([translation.text for translation in found])
    assert made.lower().count("hound dog") == 2


def test_a_document_whose_language_is_found_out_has_the_terms_of_a_glossary(service: Service) -> None:
    answer = service.client.post(
        "/v1/documents",
        data={"source": "auto", "target": "en", "glossary": "Hund\thound dog"},
        files={"file": ("a.txt", b"Der Hund und die Katze sind heute nicht im Garten.")},
    )
    assert "hound dog" in result(service, f"/v1/documents/{answer.json()['id']}").decode().lower()


@pytest.mark.parametrize(
    ("glossary", "reason"),
    [
        ("Hund hound", "glossary line 1 has 1 column; should be two, a term and its translation"),
        ("Hund\ta\nHund\tb", "glossary lines 1 and 2 have two translations"),
        ("\n", "glossary "),
        ("fr\ten\nchien\tdog", "the glossary is for fr-en; should be for de-en, as the model is"),
        ("Hund\t" + 201 * "x", "glossary line 1 has a translation of 201 characters"),
        ("".join(f"t{number}\tx\n" for number in range(1001)), "glossary has 1,001 terms; at most 1,000 are allowed"),
        ("Hund\thound\n" * 40_000, "glossary has 440,000 characters; at most 402,000 are allowed"),
        (("terms.tsv", b"Hund\t\xff"), "glossary is not UTF-8"),
        (("terms.csv", b'"Hund,hound'), "glossary line 1"),
    ],
)
def test_a_wrong_glossary_of_a_document_is_refused(service: Service, glossary: Any, reason: str) -> None:
    given = glossary if isinstance(glossary, tuple) else (None, glossary)
    answer = service.client.post(
        "/v1/documents", data={"source": "de", "target": "en"}, files={"file": ("a.txt", b"Hund"), "glossary": given}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_request")
    assert reason in error["message"]


@pytest.mark.slow
def test_its_state_tells_how_far_it_is(service: Service) -> None:
    address = started(service, "lang.txt", LONG)
    early = service.client.post(f"{address}/result")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "not_done")
    assert int(early.headers["retry-after"]) >= 1
    seen = []
    while (now := state(service, address))["status"] != "done":
        seen.append(now)
        time.sleep(0.01)
    assert all(one["characters"] == CHARACTERS for one in seen)
    counts = [one["translated_characters"] for one in seen]
    assert counts == sorted(counts)
    assert any(0 < count < now["characters"] for count in counts)
    assert {one["status"] for one in seen} <= {"queued", "translating"}
    assert now == {
        "id": address.rpartition("/")[2],
        "name": "lang.txt",
        "status": "done",
        "characters": CHARACTERS,
        "translated_characters": CHARACTERS,
    }
    answer = service.client.post(f"{address}/result")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''lang.txt"
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.slow
def test_a_deleted_document_is_translated_no_further(service: Service) -> None:
    sentences = 'nmt_sentences_total{model="x-de-en"}'
    before = service.metric(sentences)
    assert result(service, started(service, "a.txt", LONG))
    whole = 4 * (service.metric(sentences) - before)
    before = service.metric(sentences)
    address = started(service, "a.txt", LONG * 4)
    wait_until(lambda: state(service, address)["translated_characters"] > 0)
    assert service.client.delete(address).status_code == 204
    assert service.client.get(address).status_code == 404
    assert result(service, started(service))
    assert service.metric(sentences) - before < whole / 2


def macros() -> bytes:
    packed = io.BytesIO(word_document())
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"code")
    return packed.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xliff version="1.2"><file><body/></file></xliff>'


@pytest.mark.parametrize(
    ("name", "data", "fields", "status", "message"),
    [
        pytest.param("a.exe", b"MZ", {}, 422, "Invalid file: the file extension '.exe' is none of .txt", id="ending"),
        pytest.param("a.docx", b"PK no", {}, 422, "Invalid file: a.docx: ", id="no package"),
        pytest.param("a.docx", macros(), {}, 422, "Invalid file: a.docx: ", id="macros"),
        pytest.param("a.xlf", ENTITIES, {}, 422, "Invalid file: a.xlf: ", id="entities"),
        pytest.param("a.json", b"[" * 100_000, {}, 422, "Invalid file: a.json: ", id="levels"),
        pytest.param("a.srt", b"\xff\xfe\x00", {}, 422, "Invalid file: a.srt: ", id="encoding"),
        pytest.param("a" * 256 + ".txt", b"x", {}, 422, "Invalid file: its name should have at most 255", id="long name"),
        pytest.param("a\x85b.txt", b"x", {}, 422, "Invalid file: its name should have", id="control character"),
        pytest.param("a.txt", b"x", {"target": "xx"}, 404, "no model translates 'de' to 'xx'", id="pair"),
        pytest.param("a.txt", b"x", {"model": "none"}, 404, "no model 'none' translates", id="model"),
        pytest.param("a.txt", b"x", {"formality": "more"}, 422, "formality 'more' is not for en", id="register"),
        pytest.param("a.txt", b"x", {"formality": "rude"}, 422, "formality should be", id="no register"),
        pytest.param("a.txt", b"x", {"sorce": "de"}, 422, "there is no field 'sorce'; did you mean source?", id="field"),
        pytest.param("a.txt", b"x", {"target": ""}, 422, "target is missing", id="blank"),
        pytest.param("a.txt", b"x" * (10485760 + 1), {}, 413, "the body is longer than 10,485,760", id="one byte too long"),
        pytest.param("a.txt", b"x" * (11 << 20), {}, 413, "the body is longer than 10,551,296 bytes", id="body too long"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_once(
    service: Service, name: str, data: bytes, fields: dict[str, str], status: int, message: str
) -> None:
    answer = upload(service, name, data, **fields)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"].startswith(message)


def test_a_body_that_is_no_upload_is_refused(service: Service) -> None:
    assert service.client.post("/v1/documents", json={"file": "x"}).status_code == 415
    no_boundary = service.client.post("/v1/documents", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert (no_boundary.status_code, no_boundary.json()["error"]["code"]) == (400, "invalid_json")
    no_name = upload(service, "", b"x")
    assert (no_name.status_code, no_name.json()["error"]["message"][:30]) == (422, "file should be one file, sent ")
    headers = {"Content-Type": "multipart/form-data; boundary=X", "X-Request-ID": "no-multipart"}
    assert service.client.post("/v1/documents", content=b"secret", headers=headers).status_code == 400
    wait_until(lambda: any("request=no-multipart" in line for line in service.log))
    assert not any("boundary" in line for line in service.log), "the parser tells a character of what it cannot read"
    other = service.client.post("/v1/translate", content=b"x" * (2 << 20), headers={"Content-Type": "application/json"})
    assert other.status_code == 413, "only an upload may be as long as a document"


# --- LibreTranslate ---


def test_a_file_is_translated_in_one_request_of_libretranslate(service: Service, translator: Translator) -> None:
    """As its page sends it, with an empty key."""
    for name, data in FILES.items():
        fields = {"source": "de", "target": "en", "api_key": ""}
        answer = service.client.post("/translate_file", data=fields, files={"file": (name, data)})
        assert (answer.status_code, list(answer.json())) == (200, ["translatedFileUrl"])
        address = answer.json()["translatedFileUrl"]
        stem, dot, ending = name.partition(".")
        assert re.fullmatch(rf"{service.address}/download_file/[-0-9a-f]{{36}}\.{stem}_en{dot}{ending}", address)
        for _ in range(2):  # a browser may ask again
            with urllib.request.urlopen(address) as answer:
                assert answer.read() == expected(translator, name, data)
                assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{stem}_en{dot}{ending}"


def test_libretranslates_errors_of_files_are_in_its_shape(service: Service) -> None:
    def ask(name: str, data: bytes, **fields: str) -> httpx.Response:
        files = {"file": (name, data)} if name else {"x": (None, "x")}
        return service.client.post("/translate_file", data={"source": "de", "target": "en"} | fields, files=files)

    for answer, status, error in (
        (ask("a.exe", b"MZ"), 400, "Invalid file: the file extension '.exe'"),
        (ask("a.docx", b"PK"), 400, "Invalid file: a_en.docx: "),
        (ask("a.txt", b"x", target="zz"), 400, "zz is not supported"),
        (ask("a.txt", b"x", source=""), 400, "Invalid request: missing source parameter"),
        (ask("", b""), 400, "Invalid request: missing file parameter"),
        (ask("a.txt", b"x" * (11 << 20)), 413, "the body is longer than"),
        (service.client.get("/download_file/none.a.txt"), 404, "there is no document 'none'"),
        (service.client.get("/translate_file"), 405, "'GET' is not possible here"),
        (service.client.post("/translate_file", json={"q": "x"}), 415, "a body of type 'application/json'"),
    ):
        assert (answer.status_code, answer.json()["error"][: len(error)]) == (status, error)
        assert list(answer.json()) == ["error"]


def test_a_name_in_any_script_comes_back_in_the_address(service: Service) -> None:
    files = {"file": ("Über & 漢字.txt", b"1")}
    answer = service.client.post("/translate_file", data={"source": "auto", "target": "en"}, files=files)
    address = answer.json()["translatedFileUrl"]
    found = httpx.get(address)
    assert found.content == b"1"
    assert found.headers["content-disposition"].endswith("%C3%9Cber%20%26%20%E6%BC%A2%E5%AD%97_en.txt")


def test_the_document_of_another_format_cannot_be_had_without_its_key(service: Service) -> None:
    created = service.client.post("/v2/document", data={"target_lang": "EN-US"}, files={"file": ("a.txt", b"1")}).json()
    for path in (f"/download_file/{created['document_id']}.a.txt", f"/v1/documents/{created['document_id']}"):
        assert service.client.get(path).status_code == 404


@pytest.mark.slow
def test_a_file_whose_client_leaves_is_translated_no_further(models: Path) -> None:
    service = start_service(models, batch_sentences=1, max_beam_size=1)
    service.wait_until_ready()
    files = {"file": ("a.txt", LONG * 20)}
    with pytest.raises(httpx.ReadTimeout):
        service.client.post("/translate_file", data={"source": "de", "target": "en"}, files=files, timeout=2.0)
    assert result(service, started(service, "b.txt", b"Hund"))
    stop_service(service)


# --- the life of a job ---


def kill(service: Service) -> None:
    service.process.kill()
    service.process.wait(timeout=60)
    service.client.close()


@pytest.mark.slow
@pytest.mark.parametrize("end", ["killed", "asked to end"])
def test_jobs_outlive_the_process(models: Path, translator: Translator, tmp_path: Path, end: str) -> None:
    first = start_service(models, state=tmp_path, batch_sentences=1, max_beam_size=1)
    first.wait_until_ready()
    finished, running, queued = started(first, "a.txt"), None, None
    wait_until(lambda: state(first, finished)["status"] == "done")
    running = started(first, "b.txt", LONG)
    queued = started(first, "c.html", FILES["page.html"])
    deepl = first.client.post(
        "/v2/document", data={"source_lang": "DE", "target_lang": "EN"}, files={"file": ("d.txt", TEXT)}
    ).json()
    wait_until(lambda: state(first, running)["translated_characters"] > 0)
    assert state(first, queued)["status"] == "queued"
    assert state(first, running)["status"] == "translating"
    if end == "killed":
        kill(first)
    else:
        assert "Traceback" not in stop_service(first)
    second = start_service(models, state=tmp_path, max_beam_size=1)
    second.wait_until_ready()
    assert result(second, finished) == expected(translator, "a.txt", TEXT)
    assert result(second, running) == expected(translator, "b.txt", LONG)
    assert result(second, queued) == expected(translator, "c.html", FILES["page.html"])
    address, key = f"/v2/document/{deepl['document_id']}", {"document_key": deepl["document_key"]}
    wait_until(lambda: second.client.post(address, json=key).json()["status"] == "done")
    assert second.client.post(f"{address}/result", json=key).content == expected(translator, "d.txt", TEXT)
    assert "Traceback" not in stop_service(second)


@pytest.mark.slow
def test_two_services_share_the_jobs_and_the_second_goes_on_where_the_first_is_killed(
    models: Path, translator: Translator, tmp_path: Path
) -> None:
    first = start_service(models, state=tmp_path, batch_sentences=1, max_beam_size=1)
    first.wait_until_ready()
    second = start_service(models, state=tmp_path, max_beam_size=1)
    second.wait_until_ready()
    running = started(second, "b.txt", LONG * 2)
    wait_until(lambda: state(second, running)["translated_characters"] > 0)
    assert first.metric("nmt_batch_sentences_count") > 1 > second.metric("nmt_batch_sentences_count") - 1
    kill(first)
    assert result(second, running) == expected(translator, "b.txt", LONG * 2)
    stop_service(second)


class AnyPair:
    """As Translating, for documents that are never translated."""

    def require_pair(self, *_languages: object, **_options: object) -> None:
        pass


def test_a_document_that_ends_the_service_each_time_is_given_up(tmp_path: Path) -> None:
    """As `run` does: what is claimed is queued again when the next process leads."""
    documents = Documents(Settings(), State(tmp_path), cast(Translating, AnyPair()))
    order = DocumentOrder(name="a.txt", data=TEXT, source="de", target="en", options=OPTIONS)
    key = asyncio.run(documents.submit(order)).key
    for start in (1, 2, 3):
        state = State(tmp_path)
        with state.transaction() as database:
            _requeue(database)
            assert _claim(database) is not None, start
            assert _claim(database) is None
        state.close()
    with State(tmp_path).transaction() as database:
        _requeue(database)
        assert _claim(database) is None
    assert "given up" in (asyncio.run(documents.find(key)).error or "")
    with pytest.raises(BadText, match="given up"):
        asyncio.run(documents.result(key))


def test_a_new_document_never_has_the_number_of_one_that_is_gone(tmp_path: Path) -> None:
    """Or the translation of a document that was deleted meanwhile would be written into another."""
    state = State(tmp_path)
    documents = Documents(Settings(), state, cast(Translating, AnyPair()))
    order = DocumentOrder(name="a.txt", data=TEXT, source="de", target="en", options=OPTIONS)
    first = asyncio.run(documents.submit(order))
    with state.transaction() as database:
        claimed = _claim(database)
    assert claimed is not None
    asyncio.run(documents.delete(first.key))
    second = asyncio.run(documents.submit(order))
    assert asyncio.run(documents.find(second.key)).number != claimed.number


@pytest.mark.slow
def test_a_document_is_forgotten_in_time_and_its_text_is_wiped(models: Path, tmp_path: Path) -> None:
    word = b"Geheimnisvollerweise"
    service = start_service(models, state=tmp_path, documents_kept=0.5)
    service.wait_until_ready()
    address = started(service, "a.txt", word)
    wait_until(lambda: service.client.get(address).status_code == 404)
    log = stop_service(service)
    assert word.decode() not in log
    assert all(word not in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.slow
def test_there_is_room_for_so_many(models: Path) -> None:
    service = start_service(models, max_documents=2, max_document_bytes=100)
    service.wait_until_ready()
    assert upload(service, "a.txt", b"x" * 101).status_code == 413
    addresses = [started(service, "a.txt", b"Hund" * 25), started(service, "a.txt", b"")]
    full = upload(service, "a.txt", b"Hund")
    assert (full.status_code, full.json()["error"]["code"]) == (429, "too_many_documents")
    assert full.headers["retry-after"] == "60"
    libre = service.client.post("/translate_file", data={"source": "de", "target": "en"}, files={"file": ("a.txt", b"x")})
    assert (libre.status_code, libre.json()["error"][:8]) == (429, "Slowdown")
    assert result(service, addresses[1]) == b""
    started(service, "a.txt", b"Hund")
    stop_service(service)
    assert TooManyDocuments(kept=2).retry_after == 60


# --- the state ---


def test_a_state_that_cannot_be_kept_ends_the_service_with_a_line(models: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / DATABASE).write_bytes(b"no database" * 100)
    later = tmp_path / "later"
    State(later).close()
    sqlite3.connect(later / DATABASE).execute("PRAGMA user_version = 99")
    for folder, words in (("file", "NMT_STATE"), ("damaged", "not a database"), ("later", "later version")):
        with pytest.raises(ConfigurationError, match=words):
            State(tmp_path / folder)
    process = start_process(models, state=tmp_path / "file")
    _, log = process.communicate(timeout=60)
    assert (process.returncode, log.count("\n")) == (2, 1), log


def test_only_its_owner_can_read_a_state(tmp_path: Path) -> None:
    State(tmp_path / "state").close()
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state" / DATABASE).stat().st_mode & 0o777 == 0o600


def test_of_several_that_share_a_state_one_leads(tmp_path: Path) -> None:
    first, second = State(tmp_path), State(tmp_path)
    assert [first.leads(), second.leads(), first.leads()] == [True, False, True]
    first.close()
    assert second.leads()


def test_processes_may_make_a_state_at_the_same_time(tmp_path: Path) -> None:
    for number in range(10):
        failures: list[BaseException] = []

        def make(folder: Path) -> None:
            try:
                State(folder).create("CREATE TABLE IF NOT EXISTS a (b)")
            except BaseException as error:
                failures.append(error)  # noqa: B023

        threads = [threading.Thread(target=make, args=(tmp_path / str(number),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
