"""The instruction sets of x86 on any processor: their instructions are functions in C (x86_in_c.h), which the kernel is
compiled with. Those that a processor has are tested by the tests of all instruction sets, too."""

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
NAMES = ["amx", "vnni512", "vnni256", "avx2", "portable"]
MODEL = ROOT / "checkpoints" / "broad-de-en-fast"
COMPILER = sysconfig.get_config_var("CC") or "cc"
pytestmark = [
    pytest.mark.slow,  # the compiler takes twenty seconds
    pytest.mark.skipif(shutil.which(COMPILER.split()[0]) is None, reason="there is no C compiler"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this program, whose kernel has the instructions in C and the plain products."""
    tree = tmp_path_factory.mktemp("x86")
    package = Path(nmt.__file__).parent
    shutil.copytree(package, tree / "nmt", ignore=shutil.ignore_patterns("__pycache__", "_kernel*.so"))
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    [module] = settings["ext-modules"]
    options = [*module["extra-compile-args"], "-march=native", "-shared", "-fPIC"]
    instructions = ["-include", str(Path(__file__).with_name("x86_in_c.h"))]
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
    assert json.loads(run(tree, "-c", INSTRUCTION_SETS)) == NAMES


def test_amx_that_multiplies_wrongly_is_not_used(tree: Path) -> None:
    assert json.loads(run(tree, "-c", INSTRUCTION_SETS, X86_FAULT="1")) == NAMES[1:]


PRODUCTS = """
import os
import numpy as np
from nmt.runtime.kernels import Matrix, Rows

random = np.random.default_rng(1)
matrix = Matrix(random.normal(size=(70, 100)).astype(np.float32), None, widths=[100])
inputs = random.normal(size=(64, 100)).astype(np.float32)
amounts = (1, 15, 16, 17, 33, 64)
right = [matrix(rows, Rows(inputs[:rows])) for rows in amounts]
os.environ["X86_FAULT"] = "1"
wrong = [matrix(rows, Rows(inputs[:rows])) for rows in amounts]
print([int((a != b).all(axis=1).sum()) for a, b in zip(right, wrong)])
"""


def test_amx_multiplies_all_rows_of_16_and_more_and_none_of_fewer(tree: Path) -> None:
    assert json.loads(run(tree, "-c", PRODUCTS)) == [0, 0, 16, 17, 33, 64]


def test_products_cells_and_steps_have_the_numbers_of_plain_c_to_the_bit(tree: Path) -> None:
    tests = "to_the_bit or rounded_integers or depend or one_row"
    file = str(Path(__file__).with_name("test_cpu.py"))
    passed = run(tree, "-m", "pytest", "-p", "no:cacheprovider", "-vv", file, "-k", tests)
    assert all(f"[{name}" in passed for name in NAMES)


@pytest.mark.skipif(not MODEL.is_dir(), reason="the shipped models are not here")
def test_whole_searches_have_the_hypotheses_of_plain_c_to_the_bit(tree: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.de"
    text.write_text("".join(f"Das ist der {number}. Zug nach Berlin heute.\n" for number in range(1, 20)), encoding="utf-8")
    found = json.loads(run(tree, str(ROOT / "tests" / "arm" / "fingerprints.py"), str(MODEL), str(text)))
    assert list(found) == NAMES
    assert all(found[name] == found["portable"] for name in NAMES)
