"""The life of a server process: loading, crowds, clients that leave, clients that dawdle, and the end."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import untrained
from support.command import NMT
from support.server import SHAPE, Service, start_process, start_service, stop_service, write_model
from support.waiting import wait_until

from nmt.errors import ConfigurationError
from nmt.text.tokenizer import Tokenizer
from nmt.translate.translator import Translator
from service.app import create_app
from service.settings import Settings

LONG = "Wort für Wort geht es durch den Garten und wieder zurück. " * 20
LASTING = {"max_length_ratio": 3, "min_length_ratio": 3}  # a sentence of so many tokens that others come in meanwhile


def request_bytes(service: Service, body: bytes) -> bytes:
    head = f"POST /v1/translate HTTP/1.1\r\nHost: localhost:{service.port}\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture(scope="module")
def slow(models: Path):
    """One sentence at a time, so that there is a queue to look at."""
    service = start_service(models, batch_sentences=1, queue_cost=200_000)
    service.wait_until_ready()
    yield service
    stop_service(service)


# The thread that opens `file` waits until `sign` is there.
WAITS = """
import os, sys, time

def wait(event, arguments):
    if event == "open" and str(arguments[0]) == {file!r}:
        while not os.path.exists({sign!r}):
            time.sleep(0.01)

sys.addaudithook(wait)
"""


# Each batch takes longer than one did that was measured.
SLOWLY = """
import time
from nmt.translate.translator import Translator

attempt = Translator.attempt

def slow(self, ask, **named):
    time.sleep(0.2)
    return attempt(self, ask, **named)

Translator.attempt = slow
"""


@pytest.mark.slow
def test_ready_only_when_all_models_are_loaded(models: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(models / "x-de-en" / "tokenizer.model")
    for name in "abcdefghij":
        write_model(tmp_path / f"{name}-de-en", source="de", target="en", tokenizer=tokenizer)
    last, sign = tmp_path / "j-de-en" / "model.safetensors", tmp_path / "sign"
    service = start_service(tmp_path, first=WAITS.format(file=str(last), sign=str(sign)))
    answers = [service.client.get("/ready"), service.translate("Hallo"), service.client.get("/v1/languages")]
    assert service.client.get("/health").json() == {"status": "ok"}
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["error"]["code"] == "not_ready"
    sign.touch()
    service.wait_until_ready()
    assert service.client.get("/ready").json() == {"status": "ready"}

    assert service.translate("Hallo").json()["model"] == "a-de-en"
    assert service.translate("Hallo", model="c-de-en").json()["model"] == "c-de-en"
    names = [f"{name}-de-en" for name in "abcdefghij"]
    assert service.client.get("/v1/languages").json()["pairs"][0]["models"] == names
    assert "pair=de-en default=a-de-en others=b-de-en,c-de-en" in stop_service(service)


def test_a_client_that_hangs_up_frees_its_place(slow: Service) -> None:
    body = json.dumps({"text": LONG, "source": "de", "target": "en", "beam_size": 16}).encode()
    with socket.create_connection(("127.0.0.1", slow.port)) as client:
        client.sendall(request_bytes(slow, body))
        wait_until(lambda: slow.metric("nmt_queue_sentences") > 10)
    wait_until(lambda: slow.metric("nmt_queue_sentences") == 0)
    assert slow.metric("nmt_dropped_sentences_total") > 10
    wait_until(lambda: slow.metric('nmt_requests_total{route="/v1/translate",status="499"}') == 1)
    assert slow.translate("Hallo").status_code == 200


def test_a_client_that_hangs_up_in_the_middle_of_its_body_does_no_harm(slow: Service) -> None:
    with socket.create_connection(("127.0.0.1", slow.port)) as client:
        client.sendall(request_bytes(slow, b'{"text": "' + b"a" * 1000)[:-500])
    assert slow.translate("Hallo").status_code == 200


@pytest.mark.slow
def test_too_much_at_once_is_told_when_to_come_again(slow: Service) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: slow.translate(LONG, beam_size=8, **LASTING), range(8)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(refused) < len(answers)
    for answer in refused:
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["error"]["code"] == "too_busy"


def test_a_small_request_is_answered_while_a_big_one_is_worked_on(slow: Service) -> None:
    with ThreadPoolExecutor(1) as pool:
        big = pool.submit(slow.translate, LONG, beam_size=16, **LASTING)
        wait_until(lambda: slow.metric("nmt_queue_sentences") > 10)
        assert slow.translate("Hallo").status_code == 200
        assert not big.done()
        assert big.result().status_code == 200


@pytest.mark.slow
def test_what_takes_too_long_is_answered_504_or_408(models: Path) -> None:
    service = start_service(models, batch_sentences=1, request_timeout=0.5, first=SLOWLY)
    service.wait_until_ready()
    answer = service.translate(LONG, beam_size=1)
    assert answer.status_code == 504
    assert "0.5 s" in answer.json()["error"]["message"]
    wait_until(lambda: service.metric("nmt_queue_sentences") == 0)
    assert service.metric("nmt_dropped_sentences_total") > 10
    with socket.create_connection(("127.0.0.1", service.port), timeout=120) as client:
        client.sendall(request_bytes(service, b'{"text": "never finished')[:-5])
        assert b"408" in client.recv(4096)
    stop_service(service)


@pytest.mark.slow
def test_an_end_under_load_loses_no_accepted_request(models: Path) -> None:
    service = start_service(models, batch_sentences=4)
    service.wait_until_ready()
    before = service.metric("nmt_batch_sentences_sum")

    def accepted() -> float:
        return service.metric("nmt_batch_sentences_sum") - before + service.metric("nmt_queue_sentences")

    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(service.translate, LONG, beam_size=1) for _ in range(6)]
        wait_until(lambda: accepted() > 5 * 20)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.translate("Hallo").status_code == 503)
        assert service.translate("Hallo").headers["Connection"] == "close"
        assert [answer.result().status_code for answer in answers] == [200] * 6
    service.process.wait(timeout=120)
    assert service.process.returncode == 0


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
def test_one_damaged_model_does_not_stop_the_others(models: Path, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(models / "x-de-en", tmp_path / name)
    shutil.copytree(models / "x-en-de", tmp_path / "x-en-de")
    damage(tmp_path / "a" / "model.safetensors")
    (tmp_path / "b" / "config.yaml").write_text("name: [", encoding="utf-8")
    service = start_service(tmp_path)
    service.wait_until_ready()
    answer = service.client.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    unusable = {entry["model"]: entry["reason"] for entry in answer.json()["unusable"]}
    assert list(unusable) == ["a", "b"]
    assert "a/model.safetensors is damaged" in unusable["a"]
    assert "b/config.yaml" in unusable["b"]
    assert str(tmp_path) not in answer.text
    assert service.translate("Hallo").json()["model"] == "x-de-en"
    assert service.metric("nmt_models_ready") == service.metric("nmt_models_unusable") == 2
    log = stop_service(service)
    assert len([line for line in log.splitlines() if "cannot be served" in line and "model=a" in line]) == 1
    assert "Traceback" not in log
    assert service.process.returncode == 0


@pytest.mark.slow
def test_two_models_of_one_name_leave_the_first(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "x-de-en", tmp_path / "first")
    shutil.copytree(models / "x-de-en", tmp_path / "second")
    service = start_service(tmp_path)
    service.wait_until_ready()
    (entry,) = service.client.get("/ready").json()["unusable"]
    assert entry["model"] == "second"
    assert "another model with the name x-de-en" in entry["reason"]
    stop_service(service)


@pytest.mark.slow
def test_a_model_that_runs_the_slow_way_is_told_with_the_reason(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "x-de-en", tmp_path / "x-de-en")
    tokenizer = Tokenizer.load(models / "x-de-en" / "tokenizer.model")
    shape = SHAPE.model_copy(update={"layer_norm": True})
    untrained.write_model(tmp_path / "slow", tokenizer=tokenizer, shape=shape, seed=1, source="en", target="de", scale=1.0)
    service = start_service(tmp_path)
    service.wait_until_ready()
    warnings = [line for line in stop_service(service).splitlines() if "slower" in line]
    slow = [line for line in warnings if "model=slow" in line]
    assert len(slow) == 1
    assert "layer normalisation" in slow[0]
    fast = Translator.load(models / "x-de-en", device="cpu").runtime == "int8"  # without a C compiler none is
    assert len(warnings) == (1 if fast else 2)


def test_no_usable_model_ends_the_process_with_a_line(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path, dirs_exist_ok=True)
    damage(tmp_path / "x-en-de" / "model.safetensors")
    (tmp_path / "x-de-en" / "tokenizer.model").unlink()
    process = start_process(tmp_path)
    _, log = process.communicate(timeout=120)
    assert process.returncode == 2
    last = log.splitlines()[-1]
    assert last.startswith("error: no model can be served: ")
    assert "x-en-de/model.safetensors is damaged" in last
    assert "x-de-en/tokenizer.model is missing" in last
    assert "Traceback" not in log


def test_a_kept_connection_answers_as_fast_as_a_new_one(service: Service) -> None:
    """With Nagle's algorithm an answer on a kept connection waits 40 ms for the client's confirmation."""
    kept = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)

    def seconds(connection: http.client.HTTPConnection) -> float:
        began = time.perf_counter()
        connection.request("GET", "/health")
        connection.getresponse().read()
        return time.perf_counter() - began

    def is_as_fast() -> bool:
        pairs = []
        for _ in range(25):  # in turns, so that a busy machine slows both
            new = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
            pairs.append((seconds(kept), seconds(new)))
            new.close()
        of_kept, of_new = (statistics.median(times) for times in zip(*pairs, strict=True))
        return of_kept < 3 * of_new

    assert any(is_as_fast() for _ in range(3))
    kept.close()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["service", NMT])
@pytest.mark.parametrize("when", ["starting", "ready"])
def test_ctrl_c_ends_it_with_a_line_and_130(models: Path, program: Path | str, when: str) -> None:
    service = start_service(models, program=program)
    if when == "ready":
        service.wait_until_ready()
    service.client.close()
    service.process.send_signal(signal.SIGINT)
    service.process.wait(timeout=60)
    service.reader.join(timeout=60)
    assert service.process.returncode == 130
    outside_the_log = [line for line in service.log if not re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert len(outside_the_log) == 1 or program == NMT, service.log


def test_a_used_port_is_told_in_a_line(models: Path, service: Service) -> None:
    process = start_process(models, port=service.port)
    _, log = process.communicate(timeout=120)
    assert process.returncode == 2
    assert len(log.splitlines()) == 1
    assert f"127.0.0.1 port {service.port}" in log


@pytest.mark.parametrize("folder", [".", "nowhere"])
def test_no_models_are_no_service(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no model in it"):
        create_app(Settings(models=tmp_path / folder))


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the size of a process from /proc")
def test_memory_does_not_grow_with_requests(service: Service) -> None:
    def resident() -> int:
        status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def many(count: int) -> None:
        with ThreadPoolExecutor(16) as pool:
            assert {
                answer.status_code for answer in pool.map(lambda n: service.translate(f"Zug {n}", beam_size=1), range(count))
            } == {200}

    many(100)
    before = resident()
    many(500)
    assert resident() - before < 20 << 20
