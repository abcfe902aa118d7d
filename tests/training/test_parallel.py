"""Two processes, started by torchrun, against one that computes the same batches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from support.sample import RECIPE, names, prepared, sample_recipe
from torch import Tensor

from nmt.errors import TrainingError
from nmt.training.run import train

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="finds processes by /proc")]

SHORT = [
    "training.max_updates=12",
    "training.validate_every=6",
    "training.checkpoint_every=4",
    "training.validation_sentences=4",
    "training.average_best=2",
]
PLAIN = [*SHORT, "training.precision=float32", "model.dropout=0", "model.embedding_dropout=0", "model.output_dropout=0"]


def start(directory: Path, changes: list[str], *, resume: bool = False) -> subprocess.Popen[str]:
    bin = Path(sys.executable).parent
    command = [bin / "torchrun", "--standalone", "--nproc-per-node=2", "--no-python", bin / "nmt", "train", RECIPE]
    command += ["--output", directory, "--device", "cpu", *(["--resume"] if resume else [])]
    for change in changes:
        command += ["--set", change]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def weights(directory: Path) -> dict[str, Tensor]:
    found: dict[str, Tensor] = torch.load(directory / "training" / "state.pt", weights_only=True)["model"]
    return found


def test_two_processes_learn_what_one_does_from_batches_twice_as_large(tmp_path: Path) -> None:
    two = start(prepared(tmp_path / "two"), PLAIN)
    train(
        sample_recipe([*PLAIN, "training.accumulate=2"]),
        name="sample-de-en",
        directory=prepared(tmp_path / "one"),
        resume=False,
        device="cpu",
    )
    output, _ = two.communicate(timeout=300)
    assert two.returncode == 0, output
    assert output.count("from update 0") == 1  # one of them talks
    expected = weights(tmp_path / "one")
    for name, weight in weights(tmp_path / "two").items():
        torch.testing.assert_close(weight, expected[name], rtol=1e-3, atol=1e-4)
    assert names(tmp_path / "one") == names(tmp_path / "two")


def test_two_processes_killed_and_resumed_end_with_the_same_weights(tmp_path: Path) -> None:
    peaceful = start(prepared(tmp_path / "peaceful"), SHORT)
    output, _ = peaceful.communicate(timeout=300)
    assert peaceful.returncode == 0, output
    killed = start(prepared(tmp_path / "killed"), SHORT)
    state = tmp_path / "killed" / "training" / "state.pt"
    while killed.poll() is None and not state.exists():
        time.sleep(0.01)
    # torchrun gives each process a session of its own; killed after it, they would be left behind.
    for process in (*children(killed.pid), killed.pid):
        os.kill(process, signal.SIGKILL)
    killed.communicate(timeout=60)
    assert state.exists()
    with pytest.raises(TrainingError, match="the number of processes was 2 when training started and is 1 now"):
        train(sample_recipe(SHORT), name="s", directory=tmp_path / "killed", resume=True, device="cpu")
    resumed = start(tmp_path / "killed", SHORT, resume=True)
    output, _ = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, output
    expected = weights(tmp_path / "peaceful")
    assert all(torch.equal(weight, expected[name]) for name, weight in weights(tmp_path / "killed").items())
    models = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("peaceful", "killed")]
    assert models[0] == models[1]
