"""Does translating a long file take more memory than a short one? The memory of `nmt translate` as its lines come out.

Lines repeat, and the same line is to become the same translation wherever it is: that tells whether any was lost or moved.

    python tests/benchmarks/offline_memory.py checkpoints/NAME --lines 1000000

Lines are short, so that a million of them take minutes; with --text they are drawn from a file instead. Each row has what
the process holds when its lines have come out, and the most that it has held so far.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

WORDS = ("Guten", "Morgen", "Abend", "liebe", "alte", "Freunde", "Nachbarn", "heute", "wieder", "hier")
STEP = 2000  # lines between two looks at the memory: a window
EARLY = 10_000
SHOWN = (EARLY, 100_000, 200_000, 500_000, 1_000_000)  # lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--text", type=Path, help="a file to draw lines from")
    parser.add_argument(
        "--options",
        nargs=argparse.REMAINDER,
        default=["--beam-size", "1", "--threads", "1"],
        help="of nmt translate; the last of the arguments",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        write_lines(source, arguments.lines, arguments.text)
        program = [sys.executable, "-c", "from nmt.cli import main; main()"]
        command = [*program, "translate", "--model", str(arguments.model), "--input", str(source), *arguments.options]
        watch(command, source, arguments.lines)


def write_lines(path: Path, count: int, text: Path | None) -> None:
    """`count` lines of `text` in random order, all of them before any comes again; of WORDS without a text."""
    generator = random.Random(1)
    known = text.read_text(encoding="utf-8").splitlines() if text else []
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(count):
            if known and number % len(known) == 0:
                generator.shuffle(known)
            line = known[number % len(known)] if known else " ".join(generator.choices(WORDS, k=generator.randrange(1, 5)))
            file.write(line + "\n")


def watch(command: Sequence[str], source: Path, count: int) -> None:
    began, lines, held, early, peak = time.monotonic(), 0, 0.0, 0.0, 0.0
    known: dict[int, int] = {}  # of each line a hash, and that of its translation
    with source.open(encoding="utf-8", newline="\n") as asked, subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line, answer in zip(asked, process.stdout, strict=False):
            lines += 1
            if known.setdefault(hash(line), hash(answer)) != hash(answer):
                sys.exit(f"line {lines} has another translation than before: lines were lost or moved")
            if lines % STEP == 0:
                held, peak = memory(process.pid) or (held, peak)
                early = early if lines > EARLY else peak
                if lines in SHOWN or lines == count:
                    seconds = time.monotonic() - began
                    print(f"{lines:9,} lines: {held:6.1f} MiB, at the most {peak:6.1f}; {seconds:5.0f} s", flush=True)
    if process.returncode or lines != count:
        sys.exit(f"{lines} lines came out of {count}, status {process.returncode}")
    print(f"the most at the end is {peak / early:.3f} times the most after {EARLY:,} lines")


def memory(process: int) -> tuple[float, float] | None:
    """What it holds and the most that it has held, in MiB; None where it has just ended."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    sizes = {name: int(size.split()[0]) / 1024 for name, _, size in (line.partition(":") for line in lines) if "kB" in size}
    return (sizes["VmRSS"], sizes["VmHWM"]) if "VmRSS" in sizes else None


if __name__ == "__main__":
    main()
