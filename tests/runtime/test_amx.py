"""The products of AMX on any processor: its instructions are functions in C (amx_in_c.h), which the kernel is compiled with.
A processor that has AMX is tested by the tests of all instruction sets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

import nmt

ROOT = Path(__file__).parents[2]
COMPILER = sysconfig.get_config_var("CC") or "cc"
pytestmark = pytest.mark.skipif(shutil.which(COMPILER.split()[0]) is None, reason="there is no C compiler")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this program, whose kernel has AMX in C and the plain products."""
    tree = tmp_path_factory.mktemp("amx")
    package = Path(nmt.__file__).parent
    shutil.copytree(package, tree / "nmt", ignore=shutil.ignore_patterns("__pycache__", "_kernel*.so"))
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    [module] = settings["ext-modules"]
    options = [*module["extra-compile-args"], "-O1", "-march=native", "-shared", "-fPIC"]  # little to compile
    instructions = ["-include", str(Path(__file__).with_name("amx_in_c.h"))]
    sources = [str(package.parent / source) for source in module["sources"]]
    kernel = tree / "nmt" / "runtime" / "_kernel.abi3.so"
    headers = f"-I{sysconfig.get_path('include')}"
    subprocess.run([*COMPILER.split(), *options, *instructions, headers, *sources, "-o", str(kernel), "-lm"], check=True)
    return tree


def run(tree: Path, *arguments: str, **variables: str) -> str:
    """What Python prints with the program in `tree`."""
    done = subprocess.run(
        [sys.executable, "-P", *arguments],
        env=os.environ | {"PYTHONPATH": str(tree)} | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


INSTRUCTION_SETS = "import json; from nmt.runtime import _kernel; print(json.dumps(_kernel.names()))"


def test_amx_passes_its_check_and_is_chosen_first(tree: Path) -> None:
    assert json.loads(run(tree, "-c", INSTRUCTION_SETS)) == ["amx", "portable"]


def test_amx_that_multiplies_wrongly_is_not_used(tree: Path) -> None:
    assert json.loads(run(tree, "-c", INSTRUCTION_SETS, AMX_FAULT="1")) == ["portable"]


@pytest.mark.slow
def test_the_tests_of_the_kernel_pass_with_amx(tree: Path) -> None:
    """Products of many sizes, cells, steps and whole searches, on AMX and in plain C: the same numbers to the bit."""
    files = [str(Path(__file__).with_name(name)) for name in ("test_cpu.py", "test_whole_search.py")]
    chosen = "to_the_bit or rounded_integers or depend or one_row"
    printed = run(tree, "-m", "pytest", "-p", "no:cacheprovider", "-v", *files, "-k", chosen)
    assert "[amx" in printed
