"""The suite through a URL: the same figures as of the model itself, other services' wire formats, and their errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.command import error_of, nmt
from support.server import Service, start_service, stop_service
from support.translation_server import Answer, Server, deepl, libretranslate, serving

from nmt import Translator
from nmt.check.judge import Result, judged
from nmt.check.kinds import KINDS
from nmt.check.remote import Remote
from nmt.errors import InputError
from nmt.translate.markup.options import Markup

MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
EVERY = 40


@cache
def translator() -> Translator:
    return Translator.load(MODEL, device="cpu")


def translate(texts: list[str], form: str) -> list[str]:
    return [one.text for one in translator().translate(texts, attention=False, markup=Markup(format=form))]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def own() -> list[Result]:
    """The results of the model itself."""
    return judged("de", translate, every=EVERY)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    models = tmp_path_factory.mktemp("models")
    (models / MODEL.name).symlink_to(MODEL)
    running = start_service(models)
    running.wait_until_ready()
    yield running
    stop_service(running)


@pytest.fixture
def started() -> Iterator[Callable[[Callable[[str, dict[str, Any]], Answer]], Server]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(serving(answer))


def test_a_service_has_the_figures_of_its_model(service: Service, own: list[Result]) -> None:
    assert sum(result.count for result in own) > 100
    assert judged("de", Remote(service.address, source="de", target="en"), every=EVERY) == own


def test_a_service_has_them_through_the_wire_format_of_libretranslate(service: Service, own: list[Result]) -> None:
    results = judged("de", Remote(service.address, source="de", target="en", api="libretranslate"), every=EVERY)
    known = [result for result in results if result.value is not None]
    # It has no XML and no Markdown.
    assert len(known) == sum(any(kind.cases("de")) for kind in KINDS) - 2
    assert known == [result for result in own if result.kind in [one.kind for one in known]]


def test_a_service_that_speaks_as_libretranslate_has_the_figures_of_its_model(started: Any, own: list[Result]) -> None:
    server = started(libretranslate(translate))
    results = judged("de", Remote(server.address, source="de", target="en", api="libretranslate", key="k"), every=EVERY)
    unknown = {"XML documents", "Markdown documents"}
    assert [result for result in results if result.kind.name not in unknown] == [
        result for result in own if result.kind.name not in unknown
    ]
    assert {result.kind.name for result in results if result.value is None} == unknown
    assert {body["format"] for _, _, body in server.requests} == {"text", "html"}
    assert {body["api_key"] for _, _, body in server.requests} == {"k"}


def test_a_service_that_speaks_as_deepl_has_the_figures_of_its_model(started: Any, own: list[Result]) -> None:
    server = started(deepl(translate))
    results = judged("de", Remote(server.address, source="de", target="en", api="deepl", key="k"), every=EVERY)
    assert {result.kind.name for result in results if result.value is None} == {"Markdown documents"}
    assert [result for result in results if result.value is not None] == [
        result for result in own if result.kind.name != "Markdown documents"
    ]
    assert {headers["Authorization"] for _, headers, _ in server.requests} == {"DeepL-Auth-Key k"}


@pytest.mark.slow
def test_the_command_asks_a_service(service: Service, tmp_path: Path) -> None:
    report = tmp_path / "check.json"
    arguments = ("check", "--url", service.address, "--every", 100, "--json", report)
    local = ("check", "--model", MODEL, "--every", 100, "--json", "-")
    status = 0 if all(result.is_kept for result in judged("de", translate, every=100)) else 1
    nmt(*arguments, status=status)
    there, here = report.read_text(encoding="utf-8"), nmt(*local, status=status).stdout.decode()
    assert there.replace(service.address, MODEL.name) == here


def test_a_text_that_is_refused_has_no_translation_and_the_others_have_theirs(started: Any) -> None:
    def answer(_: str, body: dict[str, Any]) -> Answer:
        if "\u0000" in body["q"]:
            return 500, {}, {"error": "Internal"}
        return 200, {}, {"translatedText": [text.upper() for text in body["q"]]}

    remote = Remote(started(answer).address, source="de", target="en", api="libretranslate")
    texts = [str(number) + "x" for number in range(60)] + ["\u0000"] + ["y"] * 60
    assert remote(texts) == [text.upper().strip("\u0000") for text in texts]


def test_a_service_that_is_busy_is_asked_again_when_it_says(started: Any) -> None:
    times: list[float] = []

    def answer(_: str, body: dict[str, Any]) -> Answer:
        times.append(time.monotonic())
        if len(times) < 3:
            return 429, {"Retry-After": "1"}, {"error": "Slowdown"}
        return 200, {}, {"translatedText": body["q"]}

    assert Remote(started(answer).address, source="de", target="en", api="libretranslate")(["a"]) == ["a"]
    assert times[1] - times[0] >= 1
    assert times[2] - times[1] >= 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, {}, {"detail": "Not Found"}), '/v1/translate answers 404 Not Found: {"detail": "Not Found"}'),
        ((422, {}, {"error": "no model\nfor de-xx"}), "answers 422"),
        ((429, {"Retry-After": "3600"}, {"error": "quota"}), "answers 429 Too Many Requests: .*quota.*Retry-After: 3600"),
        ((503, {}, b""), "answers 503 Service Unavailable$"),
        ((403, {}, b"no key"), "answers 403 Forbidden: no key"),
        ((200, {}, {"translations": []}), "does not give one translation for each of 1 texts"),
        ((200, {}, {"translations": [{"text": 5}]}), "does not give one translation"),
        ((200, {}, {"translatedText": ["a"]}), "gives no translations: 'translations'"),
        ((200, {}, ["a"]), "gives no translations"),
        ((200, {}, b"<html>"), "gives no translations: Expecting value"),
        ((200, {"Content-Length": "900"}, b"{"), "gives no translations"),
    ],
)
def test_what_a_service_says_is_told_in_a_line(started: Any, answer: Answer, message: str) -> None:
    server = started(lambda _path, _body: answer)
    with pytest.raises(InputError, match=message) as error:
        judged("de", Remote(server.address, source="de", target="en"), kinds=KINDS[:1])
    assert "\n" not in str(error.value)


def test_a_service_that_refuses_every_text_ends_the_check(started: Any) -> None:
    def answer(_: str, body: dict[str, Any]) -> Answer:
        is_first = body["text"] == ["Guten Morgen."]
        return (200, {}, {"translations": [{"text": "Good morning."}]}) if is_first else (400, {}, {"error": "no"})

    with pytest.raises(InputError, match=r"51 texts were refused; of the last, .* answers 400 Bad Request"):
        judged("de", Remote(started(answer).address, source="de", target="en"), kinds=KINDS[:1])


def test_a_slow_service_ends_the_check(started: Any) -> None:
    def answer(_path: str, _body: dict[str, Any]) -> Answer:
        time.sleep(1)
        return 200, {}, {}

    with pytest.raises(InputError, match=r"gives no answer within 0\.2 seconds"):
        Remote(started(answer).address, source="de", target="en", timeout=0.2)(["a"])


@pytest.mark.slow
def test_mistakes_are_told_in_a_line(service: Service) -> None:
    for url, message in {
        "localhost:8000": "url 'localhost:8000' should begin with http:// or https://",
        "file:///etc/hosts": "should begin with http:// or https://",
        f"{service.address}/x": "answers 404 Not Found",
    }.items():
        assert message in error_of("check", "--url", url)
    silent = error_of("check", "--url", "http://127.0.0.1:9", status=69)
    assert silent.startswith("http://127.0.0.1:9/v1/translate gives no translations: <urlopen error")
    assert "answers 404 Not Found" in error_of("check", "--url", service.address, "--source", "en", "--target", "de")
    assert "German, French or Spanish only, not for de-fr" in error_of("check", "--url", service.address, "--target", "fr")
    assert "either --model or --url" in error_of("check")
    assert "either --model or --url" in error_of("check", "--url", service.address, "--model", MODEL)
