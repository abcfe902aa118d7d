"""The program as people type it: versions, names, short options, examples, and what it shows while it works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from support.command import error_of, nmt
from support.sample import RECIPE

from nmt.checkpoint.names import find_model
from nmt.cli import progress
from nmt.cli.every import app
from nmt.config.version import VERSION
from nmt.errors import ModelDirectoryError
from nmt.files.places import TextInput

ROOT = Path(__file__).parents[2]
COMMANDS = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
GERMAN = "Wo ist der Bahnhof?"


def _nmt(*arguments: str, given: str = "", cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nmt", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_program_tells_its_version(option: str) -> None:
    assert _nmt(option).stdout == f"nmt {VERSION}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_short_help_is_help(name: str) -> None:
    short, long = (_nmt(*name.split(), option) for option in ("-h", "--help"))
    assert short.returncode == 0
    assert short.stdout == long.stdout
    assert f"nmt {name}" in short.stdout
    assert not re.search(r"<(bool|Path|path|TextInput|list\[TextInput\])>", short.stdout), (
        "a person knows no class of Python"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_ends_with_an_example_that_it_takes(name: str) -> None:
    """Names of options, numbers of values and choices; whether its files are there is no matter of the example."""
    command = COMMANDS[name]
    words = shlex.split(command.epilog.removeprefix("Example: "))
    assert words[: 1 + len(name.split())] == ["nmt", *name.split()]
    command.make_context(name, words[1 + len(name.split()) :])


def test_a_shell_completes_commands() -> None:
    asked = {"_NMT_COMPLETE": "complete_bash", "COMP_WORDS": "nmt tr", "COMP_CWORD": "1"}
    program = Path(sys.executable).parent / "nmt"
    done = subprocess.run([program], env={**os.environ, **asked}, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["train", "translate"]


def test_a_model_is_found_by_its_name_from_anywhere(tmp_path: Path) -> None:
    done = _nmt("translate", "-m", "broad-de-en", given=f"{GERMAN}\n", cwd=tmp_path)
    assert done.stdout == "Where's the station?\n", done.stderr


def test_a_name_of_a_model_is_looked_for_where_it_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.setenv("NMT_MODELS", str(tmp_path / "models"))
    assert find_model("mine") == tmp_path / "models" / "mine"
    with pytest.raises(ModelDirectoryError, match=r"^min: no such .* did you mean mine\?$"):
        find_model("min")
    with pytest.raises(ModelDirectoryError, match="`nmt models` lists 1 of them"):
        find_model("broad-de-en")


def test_a_path_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broad-de-en").mkdir()
    assert find_model("broad-de-en") == Path("broad-de-en")
    assert find_model("./broad-de-en-fast") == Path("./broad-de-en-fast")


def test_models_are_listed_with_their_languages() -> None:
    lines = [line.split() for line in _nmt("models").stdout.splitlines()]
    assert ["broad-de-en", "translates", "de", "to", "en"] in [line[:5] for line in lines]
    assert [line[0] for line in lines] == sorted(path.parent.name for path in ROOT.glob("checkpoints/*/manifest.json"))


def test_a_damaged_model_is_listed_as_such(tmp_path: Path) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "manifest.json").write_text("{}")
    done = _nmt("models", str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith("torn  cannot be read")


def test_a_file_needs_no_option(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text(f"{GERMAN}\n", encoding="utf-8")
    done = _nmt("translate", "-m", "broad-de-en", "a.de", "-o", "b.en", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert (tmp_path / "b.en").read_text(encoding="utf-8") == "Where's the station?\n"


def test_a_text_is_named_once(tmp_path: Path) -> None:
    done = _nmt("translate", "-m", "broad-de-en", "a.de", "-i", "b.de", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "nmt: error: the text is named twice, a.de and --input b.de; leave out one\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_a_log_gets_a_line_of_progress_now_and_then(
    quiet: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 10.0, 20.0, 75.0, 80.0, 140.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    with progress.bar(of=TextInput(str(RECIPE)), to=None, quiet=quiet) as shown:
        for done in (1000, 1100, 2300, 2400, 3600):
            shown(done)
    # An earlier run did the first 1,000; the clock of the speed starts with them.
    expected = "nmt: 2,300 lines done, 20 lines/s\nnmt: 3,600 lines done, 20 lines/s\n"
    assert capsys.readouterr().err == ("" if quiet else expected)


def test_flags_have_no_type_in_their_help() -> None:
    assert "<bool>" not in "".join(line for line in _nmt("translate", "-h").stdout.splitlines(True) if "--help" not in line)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("translate -m broad-de-en-fast --threads 0", "--threads: Input should be greater than or equal to 1"),
        ("translate -m broad-de-en-fast --format xml", "--format: 'xml' is not one of 'text', 'tsv', 'jsonl', 'pharaoh'"),
        ("translate -m broad-de-en-fast --beamsize 3", "there is no option --beamsize; did you mean --beam-size?"),
        ("translate -m broad-de-en-fast -x", "there is no option -x; `nmt translate -h` lists those that are"),
        ("translate -m broad-de-en-fast a b c", "b c is too much; nmt translate takes [OPTIONS] [FILE]"),
        ("translate -m broad-de-en-fast --threads", "Option '--threads' requires an argument"),
        ("translate", "Missing option '--model' / '-m'; see `nmt translate -h`"),
        ("translat", "No such command 'translat'. Did you mean 'translate', 'backtranslate', 'train'?"),
        ("keys", "keys is the first word of 3 commands: keys create, keys list, keys revoke; see `nmt -h`"),
        ("lm train", "Missing argument 'RECIPE'; see `nmt lm train -h`"),
        ("--vers", "there is no option --vers; did you mean --version?"),
        ("translate -m broad-de-en-fast no[1].md", "--input no[1].md: is no file, and as a pattern no document is there; "),
    ],
)
def test_a_wrong_command_line_is_told_on_one_line(arguments: str, line: str) -> None:
    assert error_of(*arguments.split()).startswith(line)


def test_nothing_on_the_command_line_asks_for_help() -> None:
    done = nmt(status=2)
    assert "Usage:" in done.stdout.decode()
    assert done.stderr == b""
