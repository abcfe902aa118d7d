"""A run with all that training has to remember, killed at six moments and moved elsewhere, against one left in peace."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from support.command import Command
from support.killed import MORTAL
from support.sample import RECIPE, names

from nmt.checkpoint.directory import verify
from nmt.files.atomic import settle

CHANGES = {
    "training.max_updates": 60,
    "training.batch_tokens": 256,  # an epoch is 45 batches, 23 updates
    "training.accumulate": 2,
    "training.precision": "auto",
    "training.subword_sampling": 0.1,
    "training.learning_rate": 0.03,
    "training.warmup_updates": 5,
    "training.schedule": "plateau",
    "training.plateau_validations": 1,
    "training.average_decay": 0.9,
    "training.average_best": 3,
    "training.validate_every": 4,
    "training.validation_sentences": 3,
    "training.checkpoint_every": 3,
    "training.patience": 100,
    "model.dropout_kind": "variational",
    "model.recurrent_dropout": 0.1,
    "model.source_word_dropout": 0.1,
    "model.target_word_dropout": 0.1,
}
# What is being written, or was just before, when a kill falls. Between a state and the next are training and validation.
KILLS = (".*.new", "training/.best.pt.*", *["training/state.pt", "training/.state.pt.*"] * 2)
# Before a second state takes its place the process kills itself. So no run comes to its end before a kill falls, however
# fast it is just now and however slow the one who watches its files.
DIES = """
import os, signal, sys

states = 0

def count(event, arguments):
    global states
    if event == "os.rename" and str(arguments[1]).endswith("/training/state.pt"):
        states += 1
        if states == 2:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
"""
# All that may differ between two runs.
TIMES = {"seconds", "waited", "minutes", "tokens_per_second", "machine_share", "waiting_share", "machine_gflops"}

COMMAND = ["train", "data/all-de-en/recipe.yaml", "--device", "cpu"]
COMMAND += [word for key, value in CHANGES.items() for word in ("--set", f"{key}={value}")]
MODEL = Path("checkpoints", "all-de-en")


def nmt(machine: Path, *arguments: str, hash_seed: int) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": str(hash_seed)}
    program = str(Path(sys.executable).with_name("nmt"))
    done = subprocess.run([program, *arguments], cwd=machine, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def kill(pid: int, model: Path, written: str, *, delay: float) -> None:
    """SIGKILL, so many seconds after a file like `written` has come or changed, if the process is not dead before."""

    def seen() -> set[tuple[str, int]]:
        files = set()
        for path in model.glob(written):
            with contextlib.suppress(FileNotFoundError):
                files.add((path.name, path.stat().st_mtime_ns))
        return files

    before = seen()
    with contextlib.suppress(ProcessLookupError):
        while seen() <= before:
            os.kill(pid, 0)
            time.sleep(0.0005)
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(part) for key, part in value.items() if key not in TIMES}
    return [without_times(part) for part in value] if isinstance(value, list | tuple) else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def log(model: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (model / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_killed_at_six_moments_and_moved_it_ends_as_if_left_in_peace(tmp_path: Path) -> None:
    peaceful, killed, elsewhere = (tmp_path / name for name in ("peaceful", "killed", "elsewhere"))
    data = peaceful / "data" / "all-de-en"
    shutil.copytree(RECIPE.parent, data)
    nmt(peaceful, "prepare", "data/all-de-en/recipe.yaml", hash_seed=0)
    for corpus in data.glob("*.tsv"):
        corpus.unlink()  # whoever resumes may have no more than what was prepared
    shutil.copytree(peaceful, killed)
    nmt(peaceful, *COMMAND, hash_seed=1)
    expected = peaceful / MODEL
    states = {name: torch.load(expected / "training" / name, weights_only=True) for name in ("state.pt", "best.pt")}
    progress = states["state.pt"]["progress"]
    assert progress["rate_factor"] < 1.0  # it did go back
    assert progress["position"]["epoch"] > 0
    assert len(progress["ranking"]) == 3

    machine = killed
    for number, written in enumerate(KILLS):
        if number == 3:
            killed.rename(elsewhere)
            machine = elsewhere
        run = Command(*COMMAND, *["--resume"] * (number > 0), folder=machine, first=DIES)
        longest = progress["seconds"] / 12.0 if written == "training/state.pt" else 0.002
        kill(run.pid, machine / MODEL, written, delay=random.uniform(0.0, longest))
        done = run.wait()
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    nmt(elsewhere, *COMMAND, "--resume", hash_seed=2)

    model = elsewhere / MODEL
    verify(model)
    assert names(model) == names(expected)
    for path in (*expected.glob("*.safetensors"), *expected.glob("training/best/*")):
        assert (model / path.relative_to(expected)).read_bytes() == path.read_bytes(), path.name
    for name, state in states.items():
        found = torch.load(model / "training" / name, weights_only=True)
        for part in state:
            assert same(without_times(found[part]), without_times(state[part])), f"{name}: {part}"
    assert without_times(log(model)) == without_times(log(expected))


REPLACES = (
    MORTAL
    + """
from pathlib import Path
from nmt.files.atomic import replacing_all

folder, left = Path(sys.argv[1]), int(sys.argv[2])

with replacing_all(folder, ("one", "two", "three")) as paths:
    for path in paths.values():
        path.write_text("new")
"""
)


def test_files_that_change_together_do_so_wherever_a_kill_falls(tmp_path: Path) -> None:
    """Dead before its first, second, ... call that touches a file, a process leaves all the old files or all the new."""
    found = []
    for calls in range(100):
        folder = tmp_path / str(calls)
        folder.mkdir()
        for name in ("one", "two", "three"):
            (folder / name).write_text("old")
        process = subprocess.run([sys.executable, "-c", REPLACES, str(folder), str(calls)], env=dict(os.environ), timeout=60)
        settle(folder)
        assert sorted(path.name for path in folder.iterdir()) == ["one", "three", "two"]
        contents = {path.read_text() for path in folder.iterdir()}
        assert len(contents) == 1
        found += contents
        if process.returncode == 0:
            break
        assert process.returncode == 9
    assert process.returncode == 0
    assert found == sorted(found, reverse=True)
    assert found.count("new") > 3  # also where it died between two files
