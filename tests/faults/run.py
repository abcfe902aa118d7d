"""Deliberate faults: each is put into a copy of the checkout, alone, and some test must fail.

    python tests/faults/run.py [--jobs N] [WORD ...]

Ends with status 1 if a fault survives, if the text that it changes is not there just once, or if the tests that should
find it cannot run or fail without it. With WORDs only the faults are tried whose file, tests or reason have all of them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType

from faults import Fault, read_faults

ROOT = Path(__file__).parents[2]
KERNEL = "nmt/runtime/kernel/"
SHARED = ("checkpoints", ".venv")  # too large to copy, and never changed
FORK = multiprocessing.get_context("fork")


class Tree:
    """A copy of the checkout that one fault after another is put into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        for name in [*names, *(str(path.relative_to(ROOT)) for path in ROOT.glob("nmt/runtime/_kernel*"))]:
            if name and name.split("/")[0] not in SHARED and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for name in SHARED:
            if (ROOT / name).exists():
                (folder / name).symlink_to(ROOT / name)

    @contextmanager
    def changed(self, fault: Fault) -> Iterator[None]:
        path = self.folder / fault.file
        before = path.read_text(encoding="utf-8")
        kernels = {kernel: kernel.read_bytes() for kernel in self.folder.glob("nmt/runtime/_kernel*")}
        path.write_text(before.replace(fault.old, fault.new), encoding="utf-8")
        try:
            if fault.file.startswith(KERNEL):
                self._build(kernels)
            yield
        finally:
            path.write_text(before, encoding="utf-8")
            for kernel, content in kernels.items():
                kernel.write_bytes(content)

    def _build(self, kernels: Iterable[Path]) -> None:
        for kernel in kernels:
            kernel.unlink()
        build = [sys.executable, "setup.py", "build_ext", "--inplace", "--force"]
        subprocess.run(build, cwd=self.folder, check=True, capture_output=True)
        if not list(self.folder.glob("nmt/runtime/_kernel*")):  # which is no mistake for setuptools
            sys.exit("The kernel cannot be compiled")

    def test(self, tests: Sequence[str]) -> tuple[int, str]:
        """The exit status of pytest, and what it printed, in a process that is a fork of this one."""
        output = self.folder / "output"
        process = FORK.Process(target=run_pytest, args=(self.folder, tests, output))
        process.start()
        process.join(timeout=900)
        if process.is_alive():  # a fault may well make an endless loop, and a test that hangs has found it
            os.killpg(process.pid or 0, signal.SIGKILL)  # with all that the tests have started
            process.join()
            return 1, "took more than 900 seconds"
        return process.exitcode or 0, output.read_text(encoding="utf-8", errors="replace")


def run_pytest(folder: Path, tests: Sequence[str], output: Path) -> None:
    os.setsid()
    os.chdir(folder)
    with output.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    # No bytecode: two contents of a file may have one size and one second.
    os.environ |= {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    others = [path for path in sys.path if not Path(path or ".").resolve().is_relative_to(ROOT / "tests")]
    sys.path[:] = [str(folder), *others]
    sys.modules["__main__"] = ModuleType("__main__")  # processes that tests start would import this program
    import pytest

    status = pytest.main(["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist", *tests])
    sys.stdout.flush()
    os._exit(int(status))


def verdict(tree: Tree, fault: Fault) -> str:
    """Why the fault is a mistake of the tests or of this list; empty where a test has found it."""
    times = (tree.folder / fault.file).read_text(encoding="utf-8").count(fault.old)
    if times != 1:
        return f"its text is there {times} times"
    with tree.changed(fault):
        status, output = tree.test(fault.tests)
    if status == 0:
        return "SURVIVES"
    return "" if status == 1 else f"the tests could not run:\n{output[-2000:]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", metavar="WORD", nargs="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    faults = [f for f in read_faults() if all(word in " ".join((f.file, *f.tests, f.reason)) for word in arguments.words)]
    if not faults:
        sys.exit(f"No fault has all of these words: {' '.join(arguments.words)}")
    import torch  # once, for all forks  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        trees: SimpleQueue[Tree] = SimpleQueue()
        for number in range(arguments.jobs):
            trees.put(Tree(Path(scratch, str(number))))

        def try_out(fault: Fault) -> str:
            tree = trees.get()
            try:
                return verdict(tree, fault)
            finally:
                trees.put(tree)

        tree = trees.get()
        status, output = tree.test(sorted({test for fault in faults for test in fault.tests}))
        trees.put(tree)
        if status:
            sys.exit(f"The tests fail without any fault:\n{output[-4000:]}")
        bad = 0
        with ThreadPoolExecutor(arguments.jobs) as pool:
            for fault, wrong in zip(faults, pool.map(try_out, faults), strict=True):
                print(
                    f"{'found' if not wrong else 'WRONG'}  {fault.file}: {fault.reason}{': ' if wrong else ''}{wrong}",
                    flush=True,
                )
                bad += bool(wrong)
    print(f"{len(faults) - bad} of {len(faults)} deliberate faults were found")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
