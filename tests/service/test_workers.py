"""Several processes that serve one port: what they share, and what happens when one ends, all end, or models change."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.server import Service, start_process, start_service, stop_service
from support.waiting import wait_until

from nmt.errors import ConfigurationError
from service.app import create_app
from service.settings import Settings

TOKEN = "reload-token"
LASTING = "Wort für Wort geht es durch den Garten und wieder zurück. " * 20


@pytest.fixture
def start(models: Path, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts a service of two workers, which is ended when the test is over, however that goes."""
    started: list[Service] = []

    def begin(folder: Path = models, **settings: object) -> Service:
        service = start_service(folder, workers=2, state=tmp_path / "state", **settings)
        started.append(service)
        wait_until(lambda: sum("ready worker=" in line for line in service.log) == 2)
        return service

    yield begin
    for service in started:
        for process in [*workers(service), service.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        service.process.wait()


def workers(service: Service) -> list[int]:
    """Processes of the workers."""
    try:
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [int(process) for process in children.split()]


def kilobytes(process: int, kind: str) -> int:
    """Memory of a process: all that it maps (Rss), what is its own of that (Private_Dirty)."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return int(rollup.partition(f"{kind}:")[2].split()[0])


def ask(service: Service, text: str, **fields: object) -> tuple[int, bytes]:
    """Status and body of a request on a connection of its own, which any worker may accept."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    try:
        body = json.dumps({"text": text, "source": "de", "target": "en", **fields})
        connection.request("POST", "/v1/translate", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get(service: Service, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("GET", path)
    try:
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.slow
def test_connections_counts_and_documents_belong_to_all(start: Callable[..., Service]) -> None:
    service = start(characters_per_day=1_000)
    both = workers(service)
    assert len(both) == 2
    assert all(kilobytes(process, "Private_Dirty") < kilobytes(process, "Rss") / 3 for process in both)
    answers = [ask(service, "Der Hund schläft.", beam_size=1) for _ in range(20)]
    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) == 1
    metrics = {get(service, "/metrics").decode() for _ in range(8)}
    for text in metrics:  # whichever worker answers
        assert 'nmt_requests_total{route="/v1/translate",status="200"} 20.0\n' in text
        assert "nmt_models_ready 2.0\n" in text
    # 20 x 17 characters are counted by both together.
    assert [ask(service, "x" * size)[0] for size in (600, 100)] == [200, 429]
    assert stop_service(service).count("route=/v1/translate status=200") == 21
    assert service.process.returncode == 0


@pytest.mark.slow
def test_a_document_is_found_by_every_worker(start: Callable[..., Service]) -> None:
    service = start()
    job = service.client.post(
        "/v1/documents", files={"file": ("a.txt", b"Hund\n")}, data={"source": "de", "target": "en"}
    ).json()
    wait_until(lambda: json.loads(get(service, f"/v1/documents/{job['id']}"))["status"] == "done")
    assert {json.loads(get(service, f"/v1/documents/{job['id']}"))["status"] for _ in range(10)} == {"done"}
    question = {"segments": [], "metadata": {}}
    assert service.client.post("/v1/quality-evaluation", json=question).status_code == 404


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_nothing_else_is_lost(
    start: Callable[..., Service], int8_models: Path
) -> None:
    service = start(int8_models)
    right = ask(service, "Der Hund schläft.", beam_size=1)
    stop, answers, lost = threading.Event(), [], []

    def ask_on() -> None:
        while not stop.is_set():
            try:
                answers.append(ask(service, "Der Hund schläft.", beam_size=1))
            except (OSError, http.client.HTTPException) as error:
                lost.append(error)

    asking = [threading.Thread(target=ask_on) for _ in range(6)]
    for thread in asking:
        thread.start()
    for _ in range(3):
        victim, other = workers(service)
        before = len(answers)
        wait_until(lambda before=before: len(answers) > before + 20)  # type: ignore[misc]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda victim=victim: len(workers(service)) == 2 and victim not in workers(service))  # type: ignore[misc]
        assert other in workers(service)
        wait_until(lambda: len(workers(service)) == 2)
    before = len(answers)
    wait_until(lambda: len(answers) > before + 20)
    stop.set()
    for thread in asking:
        thread.join()
    assert set(answers) == {right}
    assert len(lost) <= 3 * 6  # those that the killed ones held
    log = stop_service(service)
    assert log.count("ended with SIGKILL; another is started") == 3
    assert service.process.returncode == 0


@pytest.mark.slow
def test_the_end_of_the_parent_is_that_of_all_and_answers_what_was_accepted(start: Callable[..., Service]) -> None:
    service = start(batch_sentences=1)
    both = workers(service)
    with ThreadPoolExecutor(6) as pool:
        accepted = [
            pool.submit(ask, service, LASTING, beam_size=1, min_length_ratio=3, max_length_ratio=3) for _ in range(6)
        ]
        wait_until(lambda: b"nmt_queue_sentences 0.0" not in get(service, "/metrics"))
        for process in (service.process.pid, *both):  # as a supervisor does that ends a whole group
            os.kill(process, signal.SIGTERM)
        statuses = [answer.result()[0] for answer in accepted]
    service.process.wait(timeout=120)
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    assert service.process.returncode == 0
    assert not any(Path(f"/proc/{process}").exists() for process in both)


@pytest.mark.slow
def test_workers_end_with_a_parent_that_was_killed(start: Callable[..., Service]) -> None:
    service = start()
    both = workers(service)
    service.process.kill()
    wait_until(lambda: not any(is_running(process) for process in both))


def is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_models_are_loaded_anew_by_all(models: Path, tmp_path: Path, start: Callable[..., Service]) -> None:
    folder = tmp_path / "models"
    shutil.copytree(models, folder)
    service = start(folder, reload_seconds=0, admin_token=TOKEN)
    shutil.rmtree(folder / "x-en-de")
    answer = service.client.post("/admin/reload", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.json() == {"loaded": [], "removed": ["x-en-de"], "unusable": []}

    def names() -> set[bytes]:
        return {get(service, "/v1/languages") for _ in range(12)}

    wait_until(lambda: len(found := names()) == 1 and b"x-en-de" not in found.pop())
    os.kill(workers(service)[0], signal.SIGKILL)  # the next one knows the folder as it is now
    wait_until(lambda: any("ended with SIGKILL" in line for line in service.log) and len(workers(service)) == 2)
    assert {b"x-en-de" in text for text in names()} == {False}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "NMT_WORKERS is 2 without NMT_STATE, the folder by which workers agree"),
        ({"state": "/proc/none"}, "cannot keep the state of the service"),
    ],
)
def test_what_workers_cannot_do_is_said_in_a_line(models: Path, settings: dict[str, str], reason: str) -> None:
    process = start_process(models, workers=2, **settings)
    _, log = process.communicate(timeout=120)
    assert process.returncode == 2
    [line] = [line for line in log.splitlines() if line.startswith("error: ")]
    assert reason in line
    assert "Traceback" not in log


def test_servers_of_asgi_have_their_own_processes(models: Path) -> None:
    with pytest.raises(ConfigurationError, match="NMT_WORKERS is for `nmt serve`"):
        create_app(Settings(models=models, workers=2))
