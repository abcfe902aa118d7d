"""CONTRIBUTING's steps, followed in a copy of the package: what is added by them works on every runtime or is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nmt.runtime.kernels import AVAILABLE

ROOT = Path(__file__).parents[1]

MGU = '''
"""The minimal gated unit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell, CellState


@dataclass(frozen=True, slots=True)
class MGUState(CellState):
    hidden: Tensor  # (N, H)


class MGUCell(Cell[MGUState]):
    """h = (1 - f) * h' + f * n, n = tanh(W x + U (f * h')) (Zhou et al. 2016)."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size=input_size, hidden_size=hidden_size)
        self.inputs = nn.Linear(input_size, 2 * hidden_size)
        self.gate = nn.Linear(hidden_size, hidden_size, bias=False)
        self.candidate = nn.Linear(hidden_size, hidden_size, bias=False)

    def project(self, inputs: Tensor) -> Tensor:
        projected: Tensor = self.inputs(inputs)
        return projected

    def start(self, initial: Tensor) -> MGUState:
        return MGUState(hidden=initial)

    def advance(self, projected: Tensor, state: MGUState) -> tuple[Tensor, MGUState]:
        gate, candidate = projected.chunk(2, dim=-1)
        forget = torch.sigmoid(gate + self.gate(state.hidden))
        new = torch.tanh(candidate + self.candidate(forget * state.hidden))
        hidden = (1.0 - forget) * state.hidden + forget * new
        return hidden, MGUState(hidden=hidden)
'''

COSINE = '''

class CosineAttention(Attention):
    """score(q, k) = 8 cos(q, W k)."""

    def __init__(self, *, query_size: int, state_size: int) -> None:
        super().__init__()
        self.context_size = state_size
        self.map = nn.Linear(state_size, query_size, bias=False)

    @property
    def source_products(self) -> int:
        return matrix_weights(self.map)

    def keys(self, states: Tensor) -> Tensor:
        return nn.functional.normalize(self.map(states), dim=-1)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return 8.0 * torch.bmm(nn.functional.normalize(query, dim=-1), keys.transpose(1, 2))
'''

FOLLOW = """
import json, sys
from pathlib import Path

import torch
from typer.testing import CliRunner

from nmt.checkpoint.directory import load_model
from nmt.cli.every import app
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.model.build import build_language_model, build_seq2seq
from nmt.model.statistics import statistics

recipe, folder, *settings = sys.argv[1:]
sizes = {"embedding_size": 8, "encoder_hidden_size": 12, "decoder_hidden_size": 16, "attention_size": 8}
named = dict(setting.removeprefix("model.").split("=") for setting in settings)
found = {"steps": 0.0}
for wiring in ("gnmt", "input-feeding"):
    network = build_seq2seq(ModelConfig(**sizes, **named, wiring=wiring), vocabulary_size=30).eval()
    source, lengths = torch.randint(4, 30, (2, 5)), torch.tensor([5, 3])
    prefix = torch.randint(4, 30, (2, 4))
    logits, _ = network(source, lengths, prefix)
    memory = network.encode(source, lengths)
    state = network.start(memory)
    for position in range(4):
        step, state, _ = network.step(prefix[:, position : position + 1], state, memory)
        found["steps"] = max(found["steps"], (step[:, 0] - logits[:, position]).abs().max().item())
if "encoder_cell" in named:
    model = build_language_model(LanguageModelConfig(embedding_size=8, hidden_size=8, cell="mgu"), vocabulary_size=30).eval()
    logits, state = model(prefix), model.start(2)
    for position in range(4):
        step, state = model.step(prefix[:, position], state)
        found["steps"] = max(found["steps"], (step - logits[:, position]).abs().max().item())


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return {"output": result.output, "error": None if result.exception is None else str(result.exception)}


found["prepare"] = run("prepare", recipe, "--output", folder)
given = [part for setting in settings for part in ("--set", setting)]
short = ["--set", "training.max_updates=30", "--set", "training.validate_every=30"]
found["train"] = run("train", recipe, "--output", folder, *short, *given)
text = Path(folder, "text.de")
text.write_text("Wo ist der Bahnhof?\\nIch habe Hunger.\\n")
for runtime in ("reference", "auto", "int8"):
    output = Path(folder, f"text.{runtime}")
    found[runtime] = run("translate", "--model", folder, "--runtime", runtime, "--input", text, "--output", output)
    found[runtime]["text"] = output.read_text() if output.is_file() else None
found["info"] = run("info", folder)["output"]
found["card"] = Path(folder, "README.md").read_text()
loaded = load_model(folder, device=torch.device("cpu"))
cost = statistics(loaded.model)
found["flops"] = [cost.source_flops, cost.step_flops]
Path(folder, "found.json").write_text(json.dumps(found))
"""


def insert(new: str, path: Path, *, at: str) -> None:
    """Write `new` before `at`."""
    text = path.read_text(encoding="utf-8")
    assert text.count(at) == 1, f"{path}: CONTRIBUTING's step does not find its place"
    path.write_text(text.replace(at, new + at), encoding="utf-8")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package to work in."""
    shutil.copytree(ROOT / "nmt", tmp_path / "copy" / "nmt", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def follow(package: Path, *settings: str) -> dict[str, Any]:
    """All that a user does with a model of the new kind, in a process that has the copy."""
    folder = package / "model"
    command = [sys.executable, "-c", FOLLOW, str(ROOT / "data/sample-de-en/recipe.yaml"), str(folder), *settings]
    done = subprocess.run(
        command, cwd=package, env=os.environ | {"PYTHONPATH": str(package)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "found.json").read_text())
    for step in ("prepare", "train", "reference", "auto"):
        assert found[step]["error"] is None, found[step]
    assert found["steps"] < 1e-5
    return found


def check_runtimes(found: dict[str, Any], *, refused: str) -> None:
    assert len(found["reference"]["text"].splitlines()) == 2
    assert found["auto"]["text"] == found["reference"]["text"]
    assert found["int8"]["text"] is None
    reason = f"it has no code for the {refused}" if AVAILABLE else "the compiled kernel is not installed"
    assert found["int8"]["error"].startswith(f"runtime int8 cannot run this model: {reason}")
    assert f"runtime reference, several times slower than int8: {reason}" in found["info"]


@pytest.mark.slow
def test_a_cell_added_by_its_steps_works_everywhere(package: Path) -> None:
    (package / "nmt/model/mgu.py").write_text(MGU, encoding="utf-8")
    config, build = package / "nmt/config/network.py", package / "nmt/model/build.py"
    insert('    "mgu",\n', config, at='    "olrn",\n')
    insert("from nmt.model.mgu import MGUCell\n", build, at="from nmt.model.cells.min_gru import")
    insert('    "mgu": lambda _: MGUCell,\n', build, at='    "olrn": lambda _:')
    found = follow(package, "model.encoder_cell=mgu", "model.decoder_cell=mgu")
    check_runtimes(found, refused="encoder cell MGUCell")
    for text in (found["info"], found["card"]):
        assert "MGU, 1 × 64 units, bidirectional" in text
        assert "MGU, 1 × 64 units, gnmt wiring" in text
    cells = {"encoder": 2 * 2 * 32 * (64 + 32), "decoder": 2 * 64 * (64 + 64)}
    assert found["flops"] == [2 * (cells["encoder"] + 64 * 64), 2 * (cells["decoder"] + 2 * 64 * 64)]
    tests = ["model/test_cells.py", "model/test_model.py", "runtime/test_graph_search.py", "training/test_every_cell.py"]
    paths = [ROOT / "tests" / test for test in tests]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *paths, "-k", "mgu", "-p", "no:cacheprovider", "-vv"],
        cwd=package,
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "test_gradients_of_input_state_and_each_weight_are_those_by_differences[mgu] PASSED" in done.stdout
    assert "test_the_likelihood_of_a_batch_rises[mgu] PASSED" in done.stdout
    assert "test_steps_of_each_cell_and_without_attention_are_captured[mgu] PASSED" in done.stdout


@pytest.mark.slow
def test_an_attention_added_by_its_steps_works_everywhere(package: Path) -> None:
    with (package / "nmt/model/attention.py").open("a", encoding="utf-8") as file:
        file.write(COSINE)
    config, build = package / "nmt/config/network.py", package / "nmt/model/build.py"
    insert('"cosine", ', config, at='"none", "fixed"]\n')
    insert("CosineAttention, ", build, at="DotAttention, GeneralAttention, MultiHead")
    made = "CosineAttention(query_size=of.query_size, state_size=of.state_size)"
    insert(f'    "cosine": lambda of: {made},\n', build, at='    "dot": lambda of:')
    found = follow(package, "model.attention=cosine")
    check_runtimes(found, refused="attention CosineAttention")
    assert "attention        cosine" in found["info"]
    assert "- attention: cosine" in found["card"]
    cells = {"encoder": 2 * 4 * 32 * (64 + 32), "decoder": 4 * 64 * (64 + 64)}
    assert found["flops"] == [2 * (cells["encoder"] + 64 * 64), 2 * (cells["decoder"] + 2 * 64 * 64)]
