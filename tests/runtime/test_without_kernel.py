"""An installation without the compiled kernel, as where there is no C compiler: it works, and says why it is slow."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import Command

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "checkpoints" / "broad-de-en-fast"
REASON = "the compiled kernel is not installed (it needs a C compiler when nmt is installed)"
COMPLAINT = f"broad-de-en-fast runs in PyTorch, several times slower than on int8: {REASON}"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(
        ROOT / "nmt", folder / "nmt", ignore=shutil.ignore_patterns("__pycache__", "_kernel*.so", "_kernel*.pyd")
    )
    return folder


def nmt(package: Path, *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
    first = f"import sys; sys.path.insert(0, {str(package)!r})"
    environment = {"PYTHONPATH": str(package)}  # of the processes that it starts
    done = Command(*arguments, given=given.encode(), folder=package, environment=environment, first=first).wait()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.slow
@pytest.mark.parametrize("command", ["translate", "translate with workers", "score", "evaluate"])
def test_what_translates_says_once_that_it_is_slow(package: Path, command: str) -> None:
    (package / "source").write_text("Wo ist der Bahnhof?\n", encoding="utf-8")
    (package / "target").write_text("Where is the station?\n", encoding="utf-8")
    files: dict[str, tuple[object, ...]] = {
        "translate": (),
        "translate with workers": ("--input", package / "source", "--workers", 2),
        "score": ("--source", package / "source", "--target", package / "target"),
        "evaluate": ("--source", package / "source", "--reference", package / "target"),
    }
    arguments = (command.split()[0], "--model", MODEL, "--device", "cpu", *files[command])
    done = nmt(package, *arguments, given="Wo ist der Bahnhof?\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.splitlines().count(f"nmt: warning: {COMPLAINT}") == 1
    asked_for = nmt(package, *arguments, "--runtime", "reference", given="Wo ist der Bahnhof?\n")
    assert asked_for.stdout == done.stdout
    assert asked_for.stderr == ""
    refused = nmt(package, *arguments, "--runtime", "int8")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"nmt: error: runtime int8 cannot run this model: {REASON}; use auto or reference\n"


def test_info_says_how_the_model_runs_here(package: Path) -> None:
    assert nmt(package, "info", MODEL).stdout.splitlines()[-1].split(None, 3)[3] == (
        f"runtime reference, several times slower than int8: {REASON}"
    )


@pytest.mark.slow
def test_a_benchmark_says_that_it_is_slow(package: Path) -> None:
    (package / "source").write_text("Wo ist der Bahnhof?\n", encoding="utf-8")
    sizes = ("--beam-size", 1, "--batch-size", 1, "--repeat", 1, "--device", "cpu")
    done = nmt(package, "bench", "--model", MODEL, "--input", package / "source", *sizes)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(COMPLAINT) == 1
