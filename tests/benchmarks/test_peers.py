"""The comparison itself, on peers that only pretend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import peers

TEXT = ["The ferry leaves at nine.", "Nobody had brought a torch.", "It rained on the way back.", "We were late again."]
PRETENDER = """#!/bin/sh
sleep 0.2
cp "{translations}" "$2"
echo "{said}" > "$LOG"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two peers that take two and four seconds for four sentences, the second's last line wrong, and a third that fails."""
    (tmp_path / "right").write_text("".join(f"{line}\n" for line in TEXT))
    (tmp_path / "wrong").write_text("".join(f"{line}\n" for line in [*TEXT[:3], "Something else altogether."]))
    for name, said, translations in (
        ("marian", "Total time: 2.0s", "right"),
        ("opennmt-py", "Total translation time (s): 4.0", "wrong"),
        ("joeynmt", "no time at all", "right"),
    ):
        script = tmp_path / "peers" / name / "translate.sh"
        script.parent.mkdir(parents=True)
        script.write_text(PRETENDER.format(translations=tmp_path / translations, said=said))
        script.chmod(0o755)
    return tmp_path


@pytest.mark.slow
def test_ratios_are_against_the_fastest_and_failures_are_said(folder: Path) -> None:
    command = [
        sys.executable,
        peers.__file__,
        folder / "peers",
        "--source",
        folder / "right",
        "--reference",
        folder / "right",
    ]
    command += ["--peer", "marian", "opennmt-py", "joeynmt", "fairseq", "--settings", "5:64", "--repeat", "2"]
    command += ["--patience", "0", "--output", folder / "table.md"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=120)
    table = (folder / "table.md").read_text()
    rows = {
        cells[1]: cells[2:] for line in table.splitlines() if len(cells := [part.strip() for part in line.split("|")]) > 5
    }
    assert rows["marian"][:2] == ["2.0 [2.0–2.0]", "1.00"]
    assert rows["opennmt-py"][:2] == ["1.0 [1.0–1.0]", "0.50"]
    assert float(rows["opennmt-py"][6]) < float(rows["marian"][6]) == 100.0
    assert (rows["opennmt-py"][5], rows["marian"][5]) == ("19", "20")
    assert "Failed: joeynmt, beam 5, batch 64: no line like" in table
    assert "Failed: fairseq, beam 5, batch 64: " in table
    figures = json.loads((folder / "table.json").read_text())["figures"]
    assert [len(figure["trials"]) for figure in figures] == [2, 2]


HOLD = "import sys; block = b'1' * {size}; print('there', flush=True); sys.stdin.read()"
START = "import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
MEASURE = """
import json, subprocess, sys, time
from benchmarks import peers

with peers.memory_of_children() as memory:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([sys.executable, "-c", program], **pipes) for program in sys.argv[1:]]
    assert [process.stdout.readline() for process in both] == ["there\\n"] * 2
    deadline = time.monotonic() + 60.0
    while (memory["largest"] < 80 * 2**20 or memory["all"] < 130 * 2**20) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in both:
        process.communicate()
print(json.dumps(memory))
"""


def test_memory_of_processes_below_this_one() -> None:
    """Measured by a process of its own: below this one may be what other tests have started."""
    programs = [START.format(program=HOLD.format(size=80 * 2**20)), HOLD.format(size=50 * 2**20)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *programs],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    memory = json.loads(done.stdout)
    assert 80 * 2**20 < memory["largest"] < 120 * 2**20
    assert 130 * 2**20 < memory["all"] < 300 * 2**20
