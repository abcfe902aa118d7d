"""Offline translation on a Ray cluster: the bytes of the local engine, whichever workers and machines are lost."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.offline_job import LINES, WINDOW, children, command, job, names, run, stop_after, write_model_and_text
from support.waiting import wait_until
from support.windows import Pipe

from nmt.config.search import SearchOptions
from nmt.errors import ConfigurationError, InputError, OfflineError
from nmt.files.lines import Lines
from nmt.files.places import TextInput, TextOutput
from nmt.offline.formats import Format
from nmt.offline.run import translate_file
from nmt.offline.windows import windows

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed (pip install '.[ray]')")
MACHINE = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model_and_text(tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines with room for one worker each. The driver runs on the first of them."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=MACHINE)
    try:
        cluster.add_node(**{name: value for name, value in MACHINE.items() if name != "include_dashboard"})
        cluster.wait_for_nodes(timeout=120)
        yield cluster
    finally:
        cluster.shutdown()


def kill_workers(machine: Any) -> int:
    """How many there were. What else the machine runs goes on."""
    count = 0
    for process in children(machine.all_processes["raylet"][0].process.pid):
        if Path(f"/proc/{process}/cmdline").read_bytes().startswith(b"ray::"):
            os.kill(process, signal.SIGKILL)
            count += 1
    return count


@needs_ray
@pytest.mark.slow
def test_the_command_writes_what_the_local_engine_does(cluster: Any, folder: Path, tmp_path: Path) -> None:
    text = folder / "text"
    said = command(folder, text, tmp_path / "output", "--engine", "ray", "--address", cluster.address)
    done = subprocess.run(said, capture_output=True, text=True)
    warning = f"nmt: warning: {text}: 1 line was not valid UTF-8 (the first: line 4); wrong bytes became U+FFFD\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", warning)
    translate_file(
        replace(job(folder, Format.text), options=SearchOptions(beam_size=1), batch_tokens=4096),
        input=TextInput(str(text)),
        output=TextOutput(str(tmp_path / "local")),
    )
    assert (tmp_path / "output").read_bytes() == (tmp_path / "local").read_bytes()


@needs_ray
@pytest.mark.slow
def test_windows_in_flight_are_few_and_a_mistake_is_said(cluster: Any, folder: Path, tmp_path: Path) -> None:
    from nmt.offline.cluster import Cluster

    lines = Lines(TextInput(str(folder / "text")))
    with Cluster(job(folder), address=cluster.address) as local:
        for window, _ in local.translate(windows(lines, after=0, size=WINDOW)):
            assert lines.count <= window.last + 3 * WINDOW
        assert lines.count == LINES
    empty = replace(job(folder), options=SearchOptions(forbidden=("",)))
    for wrong, error, message in (
        (empty, InputError, "a forbidden phrase should not be empty"),
        (replace(job(folder), threads=2), OfflineError, r"no machine of the Ray cluster has 2 CPUs \(--threads\)"),
    ):
        with pytest.raises(error, match=message):
            run(wrong, tmp_path / "output", engine="ray", address=cluster.address)
    assert names(tmp_path) == []


@needs_ray
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find the workers of another process")
def test_two_machines_write_the_same_and_lose_a_worker_and_a_machine(cluster: Any, folder: Path, tmp_path: Path) -> None:
    """The machine that is left writes on, and what was stopped is gone on with: on the cluster, or by the local engine."""
    output = tmp_path / "output"
    told: list[int] = []
    [second] = cluster.worker_nodes

    def disturb(done: int) -> None:
        told.append(done)
        match done:
            case 100:
                wait_until(lambda: kill_workers(second) > 0)  # it may still be starting its first
            case 200:
                cluster.remove_node(second, allow_graceful=False)
            case 400:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job(folder), output, engine="ray", address=cluster.address, progress=disturb)
    assert told == [*range(0, 410, WINDOW)]
    with pytest.raises(KeyboardInterrupt):
        run(job(folder), output, engine="ray", address=cluster.address, resume=True, progress=stop_after(450))
    run(job(folder), output, resume=True, progress=told.append)
    run(job(folder), tmp_path / "local")
    assert told[41:] == [*range(450, LINES, WINDOW), LINES]
    assert output.read_bytes() == (tmp_path / "local").read_bytes()
    assert names(tmp_path) == ["local", "output"]


@needs_ray
@pytest.mark.slow
def test_a_pipe_that_pauses_has_its_answer(cluster: Any, folder: Path) -> None:
    from nmt.offline.cluster import Cluster

    pipe = Pipe(size=100)
    with Cluster(job(folder), address=cluster.address) as local:
        answers = local.translate(pipe.windows)
        for number in (1, 2):
            pipe.write("Fluss\n")
            window, text = next(answers)  # while the pipe stays open
            assert (window.first, window.last) == (number, number)
            assert text.startswith(f"{number}\t1\t")
        os.close(pipe.write_end)
        assert list(answers) == []


@needs_ray
def test_a_cluster_that_is_not_there_is_said_so(folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(OfflineError, match=f"the Ray cluster {nobody} cannot be reached: Connection refused"):
        run(job(folder), tmp_path / "output", engine="ray", address=nobody)
    for address in ("127.0.0.1", "ray://127.0.0.1:10001", "host:99999", ":6379"):
        with pytest.raises(
            ConfigurationError, match=f"--address {address} should be HOST:PORT of the head of a Ray cluster"
        ):
            run(job(folder), tmp_path / "output", engine="ray", address=address)
    assert names(tmp_path) == []


def test_what_does_not_go_together_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"--workers 2 is for --engine local"):
        run(job(folder), tmp_path / "output", engine="ray", workers=2)
    with pytest.raises(ConfigurationError, match=r"--address a:1 is for --engine ray"):
        run(job(folder), tmp_path / "output", address="a:1")
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "nmt.offline.cluster", raising=False)
    with pytest.raises(
        ConfigurationError, match=r"--engine ray needs Ray, which is not installed: pip install 'recurrent-nmt\[ray\]'"
    ):
        run(job(folder), tmp_path / "output", engine="ray")
