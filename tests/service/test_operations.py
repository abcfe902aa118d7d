"""The service while it is operated: models come and go, it ends under load, and what stands still ends it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from support.server import Service, start_process, start_service, stop_service
from support.waiting import wait_until

import service.models
from nmt.errors import ConfigurationError
from service.errors import NotReady
from service.gate import Gate
from service.models import Models
from service.scheduler import Batch, Scheduler
from service.settings import Settings
from service.watchdog import Watchdog

TOKEN = "a token of an operator"
LONG = "Wort für Wort geht es durch den Garten und wieder zurück. " * 20


def reload(service: Service, token: str = TOKEN) -> Any:
    return service.client.post("/admin/reload", headers={"Authorization": f"Bearer {token}"})


def names(service: Service) -> list[str]:
    pairs = service.client.get("/v1/languages").json()["pairs"]
    return sorted(name for pair in pairs for name in pair["models"])


@pytest.mark.slow
def test_models_come_change_and_go_without_losing_a_request(int8_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(int8_models, folder)
    service = start_service(folder, admin_token=TOKEN, reload_seconds=0)
    service.wait_until_ready()
    before = service.translate("Der Hund schläft.", beam_size=1).json()
    assert reload(service).json() == {"loaded": [], "removed": [], "unusable": []}
    stop, answers = threading.Event(), []

    def ask_on() -> None:
        while not stop.is_set():
            answers.append(service.translate("Der Hund schläft.", beam_size=1))

    asking = [threading.Thread(target=ask_on) for _ in range(3)]
    for thread in asking:
        thread.start()
    shutil.copytree(folder / "x-en-de", folder / "copy")
    (problem,) = reload(service).json()["unusable"]
    assert problem["model"] == "copy"
    assert "another model with the name x-en-de" in problem["reason"]
    shutil.rmtree(folder / "copy")
    shutil.rmtree(folder / "x-en-de")
    assert reload(service).json() == {"loaded": [], "removed": ["x-en-de"], "unusable": []}
    assert names(service) == ["x-de-en"]
    (folder / "x-de-en" / "config.yaml").write_text("name: [", encoding="utf-8")
    (problem,) = reload(service).json()["unusable"]
    assert problem["model"] == "x-de-en"
    assert service.translate("Der Hund schläft.", beam_size=1).json() == before  # the one from before is served on
    shutil.rmtree(folder / "x-de-en")
    shutil.copytree(int8_models / "x-de-en", folder / "x-de-en")
    assert reload(service).json()["loaded"] == ["x-de-en"]
    stop.set()
    for thread in asking:
        thread.join()
    assert len(answers) > 3
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == before for answer in answers)
    assert reload(service, "another token").status_code == 404
    assert service.client.post("/admin/reload").status_code == 404
    assert TOKEN not in stop_service(service)


@pytest.mark.slow
def test_a_change_of_the_folder_is_seen(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(models, folder)
    shutil.move(folder / "x-en-de", tmp_path / "x-en-de")
    service = start_service(folder, reload_seconds=0.1)
    service.wait_until_ready()
    assert names(service) == ["x-de-en"]
    assert service.client.post("/admin/reload").status_code == 404  # without a token there is none
    shutil.move(tmp_path / "x-en-de", folder / "x-en-de")
    wait_until(lambda: names(service) == ["x-de-en", "x-en-de"])
    assert service.metric("nmt_models_ready") == 2
    stop_service(service)


@pytest.mark.slow
def test_a_service_that_ends_refuses_in_words_what_comes_then(models: Path) -> None:
    service = start_service(models, batch_sentences=1)
    service.wait_until_ready()
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(service.translate, LONG, beam_size=1, min_length_ratio=10, max_length_ratio=10)
        wait_until(lambda: service.metric("nmt_queue_sentences") > 5)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.client.get("/ready").status_code == 503)
        refused = service.translate("Hallo")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
        assert int(refused.headers["retry-after"]) >= 1
        assert service.client.get("/health").status_code == 200
        assert accepted.result().status_code == 200
    service.process.wait(timeout=120)
    assert service.process.returncode == 0


STUCK = """
import threading
from nmt.translate.translator import Translator

attempt = Translator.attempt

def stuck(self, ask, **named):
    if any("HALT" in sentence.text for sentence in ask.sentences):
        threading.Event().wait()
    return attempt(self, ask, **named)

Translator.attempt = stuck
"""


@pytest.mark.slow
def test_a_batch_that_stands_still_is_told_by_health_and_ends_the_process(models: Path) -> None:
    service = start_service(models, first=STUCK, stall_seconds=2)
    service.wait_until_ready()
    assert service.translate("Hallo").status_code == 200
    body = json.dumps({"text": "HALT", "source": "de", "target": "en"}).encode()
    head = f"POST /v1/translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(head.encode() + body)
        wait_until(lambda: service.client.get("/health").status_code == 503)
        service.process.wait(timeout=60)
    assert service.process.returncode == 70
    service.reader.join(timeout=60)
    assert "has come to no step" in "".join(service.log)


def test_an_event_loop_that_stands_still_ends_the_process(models: Path) -> None:
    stuck = (
        "import asyncio, time\n"
        "import service.watchdog as watchdog\n"
        "start = watchdog.Watchdog.start\n"
        "def then_stand_still(self):\n"
        "    start(self)\n"
        "    asyncio.get_running_loop().call_later(0.5, time.sleep, 100)\n"
        "watchdog.Watchdog.start = then_stand_still\n"
    )
    process = start_process(models, first=stuck, stall_seconds=1)
    _, log = process.communicate(timeout=120)
    assert process.returncode == 70
    assert "the event loop has stood still" in log


def test_what_waits_while_nothing_runs_is_trouble() -> None:
    async def look() -> tuple[str | None, str | None]:
        scheduler = SimpleNamespace(running=cast(list[Batch], []), waiting=3)
        watchdog = Watchdog(cast(Scheduler, scheduler), seconds=0.5)
        watchdog._loop = asyncio.get_running_loop()
        first = watchdog._look()
        for _ in range(6):
            await asyncio.sleep(0.1)
            watchdog._look()
        return first, watchdog._look()

    first, second = asyncio.run(look())
    assert first is None
    assert second is not None
    assert "none has been translated" in second


def test_where_no_model_is_left_those_that_were_loaded_are_served_on(int8_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(int8_models / "x-de-en", folder / "old")
    models = Models(Settings(models=folder))
    models.load()
    assert (models.ready, len(models)) == (True, 1)
    shutil.copytree(folder / "old", folder / "new")
    shutil.rmtree(folder / "old")
    (folder / "new" / "model.safetensors").write_bytes(b"")  # a copy that has only begun
    assert models.has_changed()
    with pytest.raises(ConfigurationError, match=r"no model can be served: new/"):
        models.reload()
    assert len(models) == 1
    assert models.find("de", "en", None).translate("Hund").text
    assert list(models.unusable) == ["new"]
    shutil.copytree(int8_models / "x-de-en", folder / "new", dirs_exist_ok=True)
    assert models.reload().loaded == ("x-de-en",)
    assert models.unusable == {}


def test_a_model_that_vanishes_under_a_look_is_a_change(
    int8_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    shutil.copytree(int8_models, folder)
    models = Models(Settings(models=folder))
    models.load()
    listed = service.models._model_directories(folder)
    shutil.rmtree(folder / "x-en-de")
    monkeypatch.setattr(service.models, "_model_directories", lambda _: listed)
    assert models.has_changed()
    models.reload()
    assert len(models) == 2  # it is gone only once the folder says so
    monkeypatch.undo()
    assert models.reload().removed == ("x-en-de",)


def test_a_folder_of_models_that_cannot_be_read_is_a_failure_with_its_reason(models: Path) -> None:
    loaded = Models(Settings(models=models))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service.models, "_stamp", Mock(side_effect=PermissionError(13, "Permission denied")))
        loaded.load()
    assert str(loaded.failure) == f"{models}: cannot be read: Permission denied"
    assert loaded.is_loaded


def test_a_request_is_held_for_two_seconds_while_models_are_loaded(models: Path) -> None:
    async def enter(*, ready_after: float) -> float:
        loaded = Models(Settings(models=models))
        gate, loop = Gate(loaded), asyncio.get_running_loop()
        loop.call_later(ready_after, setattr, loaded, "ready", True)
        began = loop.time()
        await gate.enter()
        assert gate.accepted == 1
        gate.leave()
        assert gate.accepted == 0
        return loop.time() - began

    assert asyncio.run(enter(ready_after=0.0)) < 0.5
    assert 0.4 < asyncio.run(enter(ready_after=0.5)) < 1.5
    assert 1.9 < asyncio.run(enter(ready_after=60.0)) < 4.0  # then it is told that models are being loaded


def test_a_closed_gate_lets_nobody_in(models: Path) -> None:
    async def enter() -> None:
        gate = Gate(Models(Settings(models=models)))
        gate.is_closing = True
        await gate.enter()

    with pytest.raises(NotReady, match="ending"):
        asyncio.run(enter())
