"""Statuses of exit: a mistake of the user, a service that does not answer, the memory, the disk, signals (docs/faq.md)."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nmt.cli.program import _status
from nmt.errors import InputError, OfflineError, UnavailableError
from nmt.files.output import not_writable

ROOT = Path(__file__).parents[2]
GUIDE, CHECKPOINTS = ROOT / "docs" / "faq.md", ROOT / "checkpoints"


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


FULL, FORBIDDEN = OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "Permission denied")
NO_FOLDER = FileNotFoundError(errno.ENOENT, "No such file or directory")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("beam_size"), 2),
        (_caused(InputError("in: cannot be read"), FORBIDDEN), 66),
        (_caused(InputError("in: cannot be read"), NO_FOLDER), 2),
        (_caused(not_writable("out", NO_FOLDER), NO_FOLDER), 2),
        (NO_FOLDER, 2),
        (UnavailableError("no answer"), 69),
        (FULL, 74),
        (_caused(not_writable("out", FULL), FULL), 74),
        (_caused(OfflineError("out"), _caused(not_writable("out", FULL), FULL)), 74),
        (_caused(not_writable("out", FORBIDDEN), FORBIDDEN), 74),
        (FORBIDDEN, 74),
    ],
)
def test_the_disk_is_told_from_mistakes(error: Exception, status: int) -> None:
    assert _status(error) == status


def run(command: str, before: str) -> tuple[int, list[str]]:
    """`nmt` with a command, after some Python."""
    code = f"import sys\n{before}\nsys.argv = ['nmt', *{command.split()!r}]\nfrom nmt.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("raising", "line"),
    [
        ("import torch; torch.empty(10**15)", "nmt: error: there is not enough memory: "),
        ("bytearray(10**18)", "nmt: error: there is not enough memory"),
    ],
)
def test_memory_that_is_not_there_is_a_line_and_a_status_of_its_own(raising: str, line: str) -> None:
    before = f"import nmt.cli.models as models\ndef raising():\n    {raising}\nmodels.models_folders = raising"
    status, lines = run("models", before)
    assert (status, len(lines)) == (71, 1)
    assert lines[0].startswith(line)


@pytest.mark.parametrize(
    ("command", "missing", "package", "extra"),
    [
        ("serve", ["fastapi", "uvicorn", "pydantic_settings"], "pydantic_settings", "serve"),
        ("evaluate --hypothesis a --reference b", ["sacrebleu", "jinja2"], "sacrebleu", "evaluate"),
    ],
)
def test_a_missing_extra_is_named_in_a_line(command: str, missing: list[str], package: str, extra: str) -> None:
    status, lines = run(command, "".join(f"sys.modules[{name!r}] = None\n" for name in missing))
    assert lines == [
        f"nmt: error: this command needs {package}, which is not installed: pip install 'recurrent-nmt[{extra}]'"
    ]
    assert status == 2


def test_a_fault_of_the_program_is_a_traceback() -> None:
    status, lines = run("models", "import nmt.cli.models as models\nmodels.models_folders = lambda: 1 / 0")
    assert (status, lines[0]) == (1, "Traceback (most recent call last):")


def test_the_guide_has_every_status() -> None:
    table = re.findall(r"^\| (\d+) \|", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [int(status) for status in table] == [0, 1, 2, 66, 69, 70, 71, 74, 130, 141, 143]


AS_USER = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root may read all files until it has these rights no longer."""


@pytest.fixture
def unreadable(tmp_path: Path) -> Iterator[Path]:
    """A folder of files and folders that may not be read, and `can.txt`, which may."""
    if AS_USER and shutil.which(AS_USER[0]) is None:
        pytest.skip("root can read everything, and setpriv is not here to take that right away")
    (tmp_path / "folder" / "part").mkdir(parents=True)
    (tmp_path / "folder" / "can.txt").write_text("one\n")
    (tmp_path / "model").mkdir()
    names = ["text.txt", "terms.tsv", "recipe.yaml", "model/config.yaml", "model/manifest.json", "folder/part"]
    for name in names:
        if not (tmp_path / name).exists():
            (tmp_path / name).write_text("one\ttwo\n")
        (tmp_path / name).chmod(0)
    yield tmp_path
    for name in names:
        (tmp_path / name).chmod(0o700)


@pytest.mark.parametrize(
    "command",
    [
        "translate -m MODEL text.txt",
        "translate -m MODEL folder/can.txt --glossary terms.tsv",
        "translate -m MODEL folder -o made",
        "translate -m MODEL folder/**/*.txt -o made",
        "translate -m model folder/can.txt",
        "prepare recipe.yaml --output made",
        "evaluate --hypothesis text.txt --reference folder/can.txt",
        "info model",
    ],
)
def test_an_input_that_may_not_be_read_is_told_from_a_wrong_option(unreadable: Path, command: str) -> None:
    words = command.replace("MODEL", str(CHECKPOINTS / "everyday-es-en")).split()
    done = subprocess.run(
        [*AS_USER, sys.executable, "-m", "nmt", *words], cwd=unreadable, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (66, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("nmt: error: ")
    assert not (unreadable / "made").exists()


def test_a_folder_that_nobody_searches_need_not_be_readable(unreadable: Path) -> None:
    words = ["translate", "-m", str(CHECKPOINTS / "everyday-es-en"), "folder/*.txt", "-o", "made"]
    subprocess.run([*AS_USER, sys.executable, "-m", "nmt", *words], cwd=unreadable, check=True, timeout=120)
    assert (unreadable / "made" / "can.txt").is_file()
