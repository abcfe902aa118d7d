"""The file of the compiled kernel: cut short or being replaced, it is complained about, and no other runtime steps in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nmt
from nmt.runtime import kernels

MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
needs_kernel = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed")
needs_model = pytest.mark.skipif(not MODEL.is_dir(), reason="the shipped models are not here")

TRANSLATE = "from nmt.cli import main; main()"


@needs_kernel
@needs_model
@pytest.mark.parametrize("content", [b"", b"no program of any machine" * 99], ids=["empty", "other"])
def test_a_kernel_that_cannot_be_loaded_is_an_error_and_not_another_text(tmp_path: Path, content: bytes) -> None:
    """A build that writes the file anew while a program starts would otherwise give one run in many another text."""
    shutil.copytree(Path(nmt.__file__).parent, tmp_path / "nmt", ignore=shutil.ignore_patterns("__pycache__"))
    (kernel,) = (tmp_path / "nmt" / "runtime").glob("_kernel*.so")
    kernel.write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-c", TRANSLATE, "translate", "--model", str(MODEL), "--sampling", "--seed", "1"],
        input="Der Hund schläft.\n",
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout == ""
    assert run.stderr.startswith("nmt: error: the compiled kernel is there and cannot be loaded: ")
    assert run.stderr.count("\n") == 1
    assert run.returncode == 2
