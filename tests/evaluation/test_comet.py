"""COMET as a metric: what its package is asked for, and what is said where it cannot be asked.

The package is too large for a test; a module with the two functions that it documents stands in for it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from support.command import output_of

from nmt.errors import ConfigurationError


class Model:
    """Scores a translation by its share of the letters of reference and source."""

    asked: list[dict[str, Any]]

    def predict(self, data: list[dict[str, str]], *, batch_size: int, gpus: int, progress_bar: bool) -> SimpleNamespace:
        self.asked = data
        assert batch_size > 0
        assert gpus in (0, 1)
        assert not progress_bar
        scores = [len(row["mt"]) / (len(row["ref"]) + len(row["src"])) for row in data]
        return SimpleNamespace(scores=scores, system_score=sum(scores) / len(scores))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, lines in {
        "src": ["ab", "abcd"],
        "ref": ["ab", "abcd"],
        "one": ["a", "abcd"],
        "two": ["abcd", "abcdabcd"],
    }.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (tmp_path / "wmt22" / "checkpoints").mkdir(parents=True)
    (tmp_path / "wmt22" / "checkpoints" / "model.ckpt").touch()
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "0")
    return tmp_path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Checkpoints that were loaded."""
    paths: list[str] = []
    module = ModuleType("comet")

    def load_from_checkpoint(path: str) -> Model:
        paths.append(path)
        return Model()

    module.load_from_checkpoint = load_from_checkpoint  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "comet", module)
    return paths


@pytest.mark.usefixtures("files")
def test_the_score_is_the_mean_of_the_models_and_is_tested(loaded: list[str]) -> None:
    command = ("evaluate", "ref", "-i", "one", "two", "--source", "src", "-m", "chrf", "--comet", "wmt22", "-w", 4)
    records = json.loads(output_of(*command))
    assert [float(record["COMET"]) for record in records] == pytest.approx([100 * (0.25 + 0.5) / 2, 100.0])
    assert loaded == ["wmt22/checkpoints/model.ckpt"]
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
    tested = json.loads(output_of(*command, "--paired-bs"))
    assert tested[1]["COMET"]["p_value"] is not None
    shown = output_of(*command, "-f", "markdown")
    assert "nrefs:1|model:wmt22|version:" in shown
    rows = output_of(*command, "--sentence-level", "-f", "csv").splitlines()
    assert len(rows) == 5
    assert "COMET" in rows[0]


@pytest.mark.usefixtures("files")
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("evaluate", "ref", "-i", "one", "--comet")
    with pytest.raises(ConfigurationError, match="--comet compares with the source; give --source"):
        output_of(*command, "wmt22")
    with pytest.raises(ConfigurationError, match=r"--comet nowhere: should be the folder of one COMET model, .* has 0 such"):
        output_of(*command, "nowhere", "--source", "src")
    monkeypatch.setitem(sys.modules, "comet", None)
    with pytest.raises(ConfigurationError, match="unbabel-comet, which is not installed here; install it by: pip install"):
        output_of(*command, "wmt22", "--source", "src")


@pytest.mark.usefixtures("files", "loaded")
def test_a_model_that_cannot_be_loaded_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise OSError("xlm-roberta-large is not\nin the cache")

    monkeypatch.setattr(sys.modules["comet"], "load_from_checkpoint", refuse)
    with pytest.raises(
        ConfigurationError, match="cannot be loaded: xlm-roberta-large is not in the cache; all that it needs"
    ):
        output_of("evaluate", "ref", "-i", "one", "--source", "src", "--comet", "wmt22")
