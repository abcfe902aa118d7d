"""Does translating a long file take more memory than a short one? The memory of `nmt translate` as its lines come out.

Lines repeat, and the same line is to become the same translation wherever it is: that tells whether any was lost or moved.

    python tests/benchmarks/offline_memory.py checkpoints/NAME --lines 1000000

Lines are short, so that a million of them take minutes; the memory of a line is asked for by its window, not its length.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("Guten", "Morgen", "Abend", "liebe", "alte", "Freunde", "Nachbarn", "heute", "wieder", "hier")
EARLY = 10_000  # lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument(
        "--options",
        nargs=argparse.REMAINDER,
        default=["--beam-size", "1", "--threads", "1"],
        help="of nmt translate; the last of the arguments",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        generator = random.Random(1)
        with source.open("w", encoding="utf-8") as file:
            for _ in range(arguments.lines):
                file.write(" ".join(generator.choices(WORDS, k=generator.randrange(1, 5))) + "\n")
        program = [sys.executable, "-c", "from nmt.cli import main; main()"]
        command = [*program, "translate", "--model", str(arguments.model), "--input", str(source), *arguments.options]
        began, early, late, lines = time.monotonic(), 0, 0, 0
        known: dict[str, bytes] = {}
        with source.open(encoding="utf-8") as asked, subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line, answer in zip(asked, process.stdout, strict=False):
                lines += 1
                if known.setdefault(line, answer) != answer:
                    sys.exit(f"line {lines} has another translation than before: lines were lost or moved")
                if lines % EARLY == 0:
                    late = max(late, memory(process.pid))
                    early = early or late
        if process.returncode or lines != arguments.lines:
            sys.exit(f"{lines} lines came out of {arguments.lines}, status {process.returncode}")
    seconds = time.monotonic() - began
    sizes = f"after {EARLY:,} lines {early / 2**20:.1f} MiB, after {lines:,} {late / 2**20:.1f} MiB"
    print(f"{sizes}: {late / early:.3f} times as much")
    print(f"{lines / seconds:.0f} lines/s")


def memory(process: int) -> int:
    """The most that it has had so far, in bytes; 0 where it has just ended."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
