"""Wire formats side by side over a real socket: each has its own limits, statuses and error shape."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Response
from pydantic import BaseModel, ValidationError
from support.server import SENTENCES, Service, start_service, stop_service
from support.waiting import wait_until

import service.errors
from nmt.config.search import SearchOptions
from nmt.translate.translator import Translator
from service.errors import ServiceError, UnknownPath, WrongMethod
from service.wire.fields import Fields
from service.wire.format import WireFormat, WireFormats, lookup
from service.wire.v1.errors import CODES, STATUSES
from service.wire.v1.schema import Question

PLAIN_TEXT = Path(__file__).with_name("plain_text.py")
TEXT = " ".join(SENTENCES[:3])


@pytest.fixture(scope="module")
def both(models: Path) -> Iterator[Service]:
    """A service that speaks `/v1` and the format of `plain_text.py`."""
    service = start_service(models, program=PLAIN_TEXT, batch_sentences=1, queue_cost=18_000)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log


def test_a_new_format_translates_as_the_library_does(both: Service, models: Path) -> None:
    translator = Translator.load(models / "x-de-en", device="cpu", threads=1)
    (expected,) = translator.translate([TEXT], SearchOptions(n_best=3))
    answer = both.client.post("/plain/de/en?at_most=3", content=TEXT.encode())
    assert answer.status_code == 200
    assert answer.text.split("\f") == list(expected.texts)
    (expected,) = translator.translate([TEXT], SearchOptions(required=("garden",)))
    assert both.client.post("/plain/de/en?required=garden", content=TEXT.encode()).text == expected.text
    assert "/plain/{source}/{target}" in both.client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "line"),
    [
        ("POST", "/plain/de/zz", b"x", 400, "languages|no model translates 'de' to 'zz'; there are: de→en, en→de"),
        ("GET", "/plain", b"", 410, "nothing|there is nothing here"),
        ("GET", "/plain/no/such/path", b"", 410, "nothing|there is nothing here"),
        ("POST", "/plain/de/en", b"x" * 2_001, 414, "long|the body is longer than 2,000 bytes"),
        ("POST", "/plain/de/en?required=garden", (TEXT + " ").encode() * 20, 414, "long|the request costs"),
        ("POST", "/plain/de/en?at_most=9", b"x", 417, "query|"),
        ("POST", "/plain/de/en", b"\xff", 418, "bytes|the text is not UTF-8"),
        ("POST", "/plain/de/en?required=%E6%BC%A2", b"x", 421, "text|required phrase"),
        ("DELETE", "/plain/de/en", b"", 599, "other|'DELETE' is not possible here; POST is"),
        ("GET", "/plain/broken", b"", 599, "other|something went wrong here"),
    ],
)
def test_whatever_goes_wrong_under_its_prefix_is_answered_in_its_shape(
    both: Service, method: str, path: str, body: bytes, status: int, line: str
) -> None:
    answer = both.client.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(line)
    assert answer.headers["x-content-type-options"] == "nosniff"
    if method == "DELETE":
        assert answer.headers["allow"] == "POST"


def test_a_body_that_is_too_long_is_refused_while_it_arrives_in_its_shape(both: Service) -> None:
    answer = both.client.post("/plain/de/en", content=iter([b"x" * 1_000] * 3))
    assert (answer.status_code, answer.text) == (414, "long|the body is longer than 2,000 bytes")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/v1/translate", ("error", "message")),
        ("/translate", ("error",)),
        ("/v2/translate", ("message",)),
        ("/language/translate/v2", ("error", "message")),
        ("/imme", ("error",)),
        ("/deeplx/translate", ("message",)),
        ("/mtran/translate", ("error",)),
    ],
)
def test_a_packed_body_is_refused_with_what_is_right(both: Service, path: str, where: tuple[str, ...]) -> None:
    body = gzip.compress(b'{"q": "Der Hund.", "source": "de", "target": "en"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = both.client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    message = answer.json()
    for name in where:
        message = message[name]
    assert message == "a body with Content-Encoding 'gzip' cannot be read; it should be sent unpacked, without one"
    plain = both.client.post(
        "/translate", json={"q": "1", "source": "de", "target": "en"}, headers={"Content-Encoding": "identity"}
    )
    assert plain.status_code == 200


@pytest.mark.slow
def test_a_busy_service_says_so_in_the_shape_of_each(both: Service) -> None:
    lasting = {"beam_size": 1, "min_length_ratio": 10, "max_length_ratio": 10}
    with ThreadPoolExecutor(1) as pool:
        big = pool.submit(both.translate, (TEXT + " ") * 8, **lasting)
        wait_until(lambda: both.metric("nmt_queue_cost") > 5_000)
        plain = both.client.post("/plain/de/en", content=(TEXT + " ").encode() * 10)
        own = both.translate((TEXT + " ") * 10)
        assert not big.done()
        assert big.result().status_code == 200
    assert (plain.status_code, own.status_code) == (456, 429)
    assert plain.text.startswith("busy|")
    assert own.json()["error"]["code"] == "too_busy"
    assert min(int(answer.headers["retry-after"]) for answer in (plain, own)) >= 1


def test_other_paths_are_answered_as_before(both: Service) -> None:
    for path in ("/nope", "/plainer", "/v1/nope"):
        assert both.client.get(path).json() == {
            "error": {"code": "not_found", "message": "there is nothing here; see /docs"}
        }
    assert both.translate((TEXT + " ") * 20, beam_size=16).json()["error"]["code"] == "request_too_large"
    wait_until(lambda: both.metric("nmt_queue_sentences") == 0)


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(both: Service) -> None:
    gone = 'nmt_requests_total{route="/plain/{source}/{target}",status="499"}'
    before = both.metric(gone)
    with socket.create_connection(("127.0.0.1", both.port)) as client:
        client.sendall(b"POST /plain/de/en HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nAm Morgen")
    wait_until(lambda: both.metric(gone) == before + 1)
    assert not any("error=" in line and "ClientDisconnect" in line for line in both.log)


def every_error() -> list[type[ServiceError]]:
    kinds = [kind for kind in vars(service.errors).values() if isinstance(kind, type) and issubclass(kind, ServiceError)]
    return [kind for kind in kinds if kind is not ServiceError]


def test_every_error_has_a_status_in_v1() -> None:
    assert len(every_error()) > 10
    for kind in every_error():
        error = kind.__new__(kind)
        status = lookup(STATUSES, error)
        assert status >= 400
        if kind.__name__ != "Broken" and kind.__name__ != "TooLarge":
            assert kind in CODES
            assert status != lookup(STATUSES, ServiceError.__new__(ServiceError))


def every_model() -> Iterator[type[BaseModel]]:
    """Of all requests."""
    waiting: list[type[BaseModel]] = [Fields, Question]
    while waiting:
        yield (model := waiting.pop())
        waiting += model.__subclasses__()


@pytest.mark.parametrize("shape", [str, lambda text: [text], lambda text: {"Hund": text}])
def test_no_field_of_any_request_takes_a_lone_surrogate(shape: Callable[[str], Any]) -> None:
    """None can be written into an answer or into the state: a field that took one was a status 500."""
    names = [(model, name) for model in every_model() for name in model.model_json_schema()["properties"]]
    assert len(names) > 100
    for model, name in names:
        with pytest.raises(ValidationError) as refusal:
            model.model_validate({name: shape("\ud800")})
        assert name in {problem["loc"][0] for problem in refusal.value.errors()}, (model, name)


def named(name: str, *prefixes: str) -> WireFormat:
    def answer(error: ServiceError) -> Response:
        return Response(f"{name}: {error.message}", 400)

    return WireFormat(name=name, prefixes=prefixes, max_body_bytes=1, routes=APIRouter(), answer=answer)


def test_a_path_belongs_to_the_format_with_the_longest_prefix() -> None:
    formats = WireFormats([named("own", "/v1"), named("deep", "/v2", "/v3"), named("wide", "/language", "/v2/translate")])
    owners = {
        path: formats.of(path).name for path in ("/v1/x", "/v2", "/v2/x", "/v2/translate/x", "/language/a/b", "/v22", "/")
    }
    assert list(owners.values()) == ["own", "deep", "deep", "wide", "wide", "own", "own"]
    answer = formats.answer("/v3/x", WrongMethod("PUT", ["GET", "HEAD"]))
    assert (answer.body, answer.headers["allow"]) == (b"deep: 'PUT' is not possible here; GET, HEAD is", "GET, HEAD")
    assert formats.answer("/", UnknownPath()).body.startswith(b"own: ")


def test_two_formats_cannot_have_one_prefix() -> None:
    with pytest.raises(ValueError, match="two wire formats"):
        WireFormats([named("a", "/v1"), named("b", "/v2", "/v1")])
