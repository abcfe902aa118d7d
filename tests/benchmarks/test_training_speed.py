"""The comparison itself: peers that only pretend, and an `nmt` that writes down how it was called."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks import training_speed

# Stands for python, too: of torchrun it starts what it was given, once.
PRETENDER = """#!{python}
import json, os, sys
from pathlib import Path

words, here = sys.argv[1:], Path(__file__).parent
if Path(__file__).name == "python":
    if words[0] == "-c":
        sys.exit(print("as fast as can be"))
    assert words[:4] == ["-m", "torch.distributed.run", "--no-python", "--nproc-per-node"]
    os.execve(words[5], words[5:], {{**os.environ, "PROCESSES": words[4]}})
folder = Path(words[words.index("--output") + 1])
if words[0] == "prepare":
    (folder / "prepared").mkdir()
    (folder / "prepared" / "corpora").write_text(words[words.index("--corpora") + 1])
else:
    settings = dict(words[at + 1].split("=") for at, word in enumerate(words) if word == "--set")
    processes = int(os.environ.get("PROCESSES", 1))
    call = {{**settings, "processes": processes, "threads": os.environ["OMP_NUM_THREADS"],
            "text": (folder / "prepared" / "corpora").read_text()}}
    with (here / "calls.jsonl").open("a") as file:
        print(json.dumps(call), file=file)
    speed = 100.0 * processes * (2 if settings["training.precision"] == "bfloat16" else 1)
    windows = [9999.0, *[speed - 10, speed + 50, speed] * 9][: int(settings["training.max_updates"]) // 50]
    (folder / "training").mkdir()
    with (folder / "training" / "log.jsonl").open("w") as file:
        for window in windows:
            print(json.dumps({{"kind": "training", "tokens_per_second": window}}), file=file)
            print(json.dumps({{"kind": "message", "text": "nothing"}}), file=file)
"""


@pytest.fixture
def compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, list[dict[str, Any]]]]:
    """Runs the comparison with these peers, each with what its two runs say at the end; what was printed, and our calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "nmt"):
        (programs / name).write_text(PRETENDER.format(python=sys.executable))
        (programs / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))

    def run(*options: str, **peers: tuple[str, str]) -> tuple[str, list[dict[str, Any]]]:
        for name, said in peers.items():
            script = tmp_path / "peers" / name / "train_speed.sh"
            script.parent.mkdir(parents=True)
            lines = "".join(f'[ $(wc -l < "$0.runs") = {run} ] && echo "{end}"\n' for run, end in enumerate(said, 1))
            script.write_text(f'#!/bin/sh\necho "$THREADS" >> "$0.runs"\n{lines}exit 0\n')
            script.chmod(0o755)
        words = ["training_speed.py", str(tmp_path / "peers"), "--corpora", "/the/corpora", "--peer", *peers, *options]
        monkeypatch.setattr(sys, "argv", words)
        training_speed.main()
        calls = (programs / "calls.jsonl").read_text().splitlines()
        return capfd.readouterr().out, list(map(json.loads, calls))

    return run


def test_ratios_are_of_medians_to_the_fastest_peer(compare: Callable[..., Any], tmp_path: Path) -> None:
    steady = "steady state, target tokens/s: median"
    said, calls = compare(
        *("--repeat", "2", "--reports", "3", "--threads", "2"),
        marian=(f"{steady} 1.0\n{steady} 300.0", f"{steady} 500.0"),  # what it says last counts
        fairseq=(f"{steady} 200", f"{steady} 200"),
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines() if line.startswith("|")]
    assert rows[2:] == [
        ["ours, bfloat16, 1 × 2", "200 [200–200]", "0.50"],
        ["ours, bfloat16, 2 × 1", "400 [400–400]", "1.00"],
        ["ours, float32, 1 × 2", "100 [100–100]", "0.25"],
        ["ours, float32, 2 × 1", "200 [200–200]", "0.50"],
        ["marian", "400 [300–500]", "1.00"],
        ["fairseq", "200 [200–200]", "0.50"],
    ]
    assert "as fast as can be" in said
    assert (tmp_path / "peers" / "marian" / "train_speed.sh.runs").read_text().split() == ["2", "2"]
    assert len(calls) == 8
    for call in calls:
        assert call["text"] == "/the/corpora"
        assert call["training.max_updates"] == "200"  # three reports of 50, and the first, which is left out
        assert int(call["training.batch_tokens"]) * call["processes"] == 2 * 4096
        assert int(call["threads"]) * call["processes"] == 2


@pytest.mark.parametrize(("end", "message"), [("no speed", "no line like"), ("$(kill -9 $$)", "status -9")])
def test_a_peer_that_gives_no_speed_ends_the_comparison(compare: Callable[..., Any], end: str, message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        compare("--repeat", "1", "--threads", "1", marian=(end,))
