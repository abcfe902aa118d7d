"""Every command, with each of its files left out, as a stream, given twice, and the same as another."""

from __future__ import annotations

import gzip
import json
import math
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from support.processes import PROCESSES
from support.sample import RECIPE
from support.streams import stream
from support.untrained import small, write_model

from nmt.cli.every import app
from nmt.errors import ConfigurationError, NmtError
from nmt.text.tokenizer import train_tokenizer

SOURCE = ["Der alte Zug fährt.", "", "Sie kommt morgen."]
TARGET = ["The old train departs.", "", "She comes tomorrow."]
COMMANDS: dict[str, Any] = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
FILES = [
    (name, option.opts[0] if option.param_type_name == "option" else option.metavar)
    for name, command in COMMANDS.items()
    for option in command.params
    if option.metavar == "FILE"
]
FOLDERS = [
    (name, option.opts[0] if option.param_type_name == "option" else option.metavar)
    for name, command in COMMANDS.items()
    for option in command.params
    if option.metavar in ("DIR", "MODEL", "RECIPE")
]


class Done(NamedTuple):
    output: bytes
    """All that was written to standard output."""
    error: NmtError | None


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tokenizer = train_tokenizer([*SOURCE, *TARGET], vocabulary_size=50, kind="bpe", character_coverage=1.0)
    for source, target in (("de", "en"), ("en", "de")):
        directory = folder / f"{source}-{target}"
        write_model(directory, tokenizer=tokenizer, shape=small(8), seed=1, source=source, target=target)
    return folder


@pytest.fixture
def work(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with all that commands read."""
    for name in ("de-en", "en-de"):
        shutil.copytree(models / name, tmp_path / name)
    for name, lines in (("source", SOURCE), ("target", TARGET), ("prefixes", ["The", "", "She"])):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "train.source").write_bytes((tmp_path / "source").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, given: bytes = b"") -> Done:
    """A command in this process, with files as its standard input and output."""
    Path(".given").write_bytes(given)
    error = None
    with (
        stream(0, Path(".given"), os.O_RDONLY),
        stream(1, Path(".written"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        try:
            app(list(arguments), standalone_mode=False)
        except NmtError as raised:
            error = raised
    written = Path(".written").read_bytes()
    Path(".given").unlink()
    Path(".written").unlink()
    return Done(written, error)


TRANSLATE = ("translate", "--model", "de-en", "--beam-size", "1", "--device", "cpu")
SCORE = ("score", "--model", "de-en", "--device", "cpu")
SHORTLIST = ("shortlist", "--model", "de-en")
EVALUATE = ("evaluate", "--model", "de-en", "--beam-size", "1", "--device", "cpu")
BENCH = (*("bench", "--model", "de-en", "--beam-size", "1", "--batch-size", "1", "--repeat", "1", "--device", "cpu"),)
BACKTRANSLATE = ("backtranslate", str(RECIPE), "--model", "en-de", "--beam-size", "1", "--device", "cpu")
DISTILL = ("distill", str(RECIPE), "--teacher", "de-en", "--prepared", "prepared", "--beam-size", "1", "--device", "cpu")


def test_the_test_knows_every_file_of_every_command() -> None:
    assert set(FILES) == {
        *(("translate", name) for name in ("FILE", "--input", "--output", "--prefixes")),
        *(("score", name) for name in ("--source", "--target", "--output", "--json")),
        *(
            ("evaluate", name)
            for name in (
                "--source",
                "--output",
                "--json",
                "--html",
                "--against",
                "--train",
                "--domains",
                "--documents",
                "--glossary",
            )
        ),
        *(("lm score", name) for name in ("FILE", "--output", "--json")),
        *(("evaluate sheet", name) for name in ("--source", "--reference", "--output", "--key")),
        ("evaluate ratings", "--key"),
        *(("evaluate estimate", name) for name in ("--source", "--json")),
        *(("evaluate suite", name) for name in ("FILE", "--output")),
        *(("evaluate aer", name) for name in ("--links", "--source", "--target", "--gold", "--output")),
        *(("bench", name) for name in ("--input", "--json")),
        ("check", "--json"),
        *(("shortlist", name) for name in ("--source", "--target")),
        ("backtranslate", "--input"),
    }


ENSEMBLES = {
    ("translate", "--model"),
    ("evaluate", "--model"),
    ("evaluate suite", "--model"),
    ("evaluate estimate", "--model"),
    ("backtranslate", "--model"),
    ("distill", "--teacher"),
}
SINGLE = sorted(pair for pair in {*FILES, *FOLDERS} - ENSEMBLES if pair[1].startswith("--"))


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(("command", "option"), SINGLE)
def test_an_option_that_takes_one_value_refuses_a_second(command: str, option: str) -> None:
    done = run(*command.split(), option, "a", f"{option}=b")
    assert isinstance(done.error, ConfigurationError)
    assert str(done.error) == f"{option} is given twice; it takes one value"


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("given", [("--threads", "1", "--threads", "1"), ("--seed=1", "--beam-size", "2", "--seed=2")])
def test_so_does_an_option_that_is_no_file(given: tuple[str, ...]) -> None:
    done = run(*TRANSLATE[:3], *given)
    assert str(done.error) == f"{given[0].partition('=')[0]} is given twice; it takes one value"


@pytest.mark.parametrize(("command", "name"), FOLDERS)
def test_a_stream_is_no_folder(work: Path, command: str, name: str) -> None:
    arguments = [*command.split(), "-"] if name in ("DIR", "MODEL", "RECIPE") else [*command.split(), name, "-"]
    done = run(*arguments)
    assert isinstance(done.error, ConfigurationError)
    assert str(done.error) == f"{name} -: is a stream; a file or folder with a name is needed"
    assert not (work / "-").exists()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "tsv", "jsonl"])
@pytest.mark.parametrize("output", [(), ("--output", "-"), ("--output=/dev/stdout",), ("--output", "/dev/fd/1")])
def test_translations_go_to_standard_output_wherever_the_text_comes_from(
    work: Path, form: str, output: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nmt.offline.workers._CONTEXT", PROCESSES)
    text = (work / "source").read_bytes()
    (work / "source.gz").write_bytes(gzip.compress(text))
    forms = ("--format", form)
    assert run(*TRANSLATE, *forms, "--input", "source", "--output", "expected").output == b""
    expected = (work / "expected").read_bytes()
    assert expected.count(b"\n") == 3
    before = sorted(path.name for path in work.iterdir())
    for given in ((), ("--input", "-"), ("--input", "/dev/stdin"), ("--input", "source"), ("--input", "source.gz")):
        for more in ((), ("--prefixes", "prefixes")) if form == "text" else ((),):
            done = run(*TRANSLATE, *forms, *given, *output, *more, given=text)
            assert done.error is None
            assert done.output == expected or more
    if output == ("--output", "-"):
        assert run(*TRANSLATE, *forms, "--input", "source", *output, "--workers", "2").output == expected
    done = run(*TRANSLATE, "--input", "source", *output, "--resume")
    assert "--resume needs --input, --prefixes and --output to be files" in str(done.error)
    assert sorted(path.name for path in work.iterdir()) == before, "no file is called -"


def test_prefixes_come_from_standard_input(work: Path) -> None:
    given = (work / "prefixes").read_bytes()
    done = run(*TRANSLATE, "--input", "source", "--prefixes", "-", given=given)
    assert done.output == run(*TRANSLATE, "--input", "source", "--prefixes", "prefixes").output
    assert [line[:3] for line in done.output.decode().splitlines()] == ["The", "", "She"]


def test_scores_of_streams(work: Path) -> None:
    expected = run(*SCORE, "--source", "source", "--target", "target").output
    assert len(expected.split()) == 3
    assert run(*SCORE, "--source", "-", "--target", "target", given=(work / "source").read_bytes()).output == expected
    assert run(*SCORE, "--source", "source", "--target", "-", given=(work / "target").read_bytes()).output == expected
    assert run(*SCORE, "--source", "source", "--target", "target", "--output", "-").output == expected
    assert run(*SCORE, "--source", "source", "--target", "target", "--output", "scores").output == b""
    assert (work / "scores").read_bytes() == expected
    assert not (work / "-").exists()


def test_the_sums_of_scores_are_those_of_the_lines(work: Path) -> None:
    done = run(*SCORE, "--source", "source", "--target", "target", "--output", "scores", "--json", "-")
    scores = [float(line) for line in (work / "scores").read_text(encoding="utf-8").split()]
    figures = json.loads(done.output)
    assert figures["pairs"] == 3
    assert figures["log_probability"] == pytest.approx(sum(scores), abs=1e-5)
    assert figures["perplexity"] == pytest.approx(math.exp(-sum(scores) / figures["tokens"]))
    lone = []
    for line in ("", *TARGET[::2]):
        (work / "line").write_text(f"{line}\n", encoding="utf-8")
        lone.append(json.loads(run(*SCORE, "--source", "line", "--target", "line", "--output", "x", "--json", "-").output))
    assert figures["tokens"] == sum(one["tokens"] for one in lone)
    assert lone[0]["tokens"] == 1, "the end of a sentence"
    (work / "nothing").write_text("\n", encoding="utf-8")
    (work / "one").write_text("Bus\n", encoding="utf-8")
    done = run(*SCORE, "--source", "nothing", "--target", "one", "--output", "x", "--json", "-")
    assert json.loads(done.output)["perplexity"] is None


def test_evaluations_of_streams(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*arguments: str, given: str) -> str:
        assert run(*arguments, given=(work / given).read_bytes()).error is None
        return capsys.readouterr().out

    judged = shown(*EVALUATE, "--source", "source", "--reference", "target", given="source")
    assert judged.startswith("BLEU ")
    assert shown(*EVALUATE, "--source", "-", "--reference", "target", given="source") == judged
    assert shown(*EVALUATE, "--source", "source", "--reference", "-", given="target") == judged
    judged = shown("evaluate", "--hypothesis", "source", "--reference", "target", given="source")
    assert shown("evaluate", "--hypothesis", "-", "--reference", "target", given="source") == judged
    assert shown("evaluate", "--hypothesis", "source", "--reference", "-", given="target") == judged


def test_shortlists_of_streams(work: Path) -> None:
    shortlists = []
    for names, given in ((("-", "target"), "source"), (("source", "-"), "target"), (("source", "target"), "source")):
        shutil.copytree("de-en", "new")
        files = ("--source", names[0], "--target", names[1])
        assert run("shortlist", "--model", "new", *files, given=(work / given).read_bytes()).error is None
        shortlists.append((work / "new" / "shortlist.safetensors").read_bytes())
        shutil.rmtree("new")
    assert shortlists[0] == shortlists[1] == shortlists[2]


def test_text_to_back_translate_from_a_stream(work: Path) -> None:
    done = run(*BACKTRANSLATE, "--input", "-", "--output", "out", given=(work / "target").read_bytes())
    assert done.error is None
    assert (work / "out" / "train.target").read_bytes() == (work / "target").read_bytes()
    assert (work / "out" / "train.source").read_bytes().count(b"\n") == 3


@pytest.mark.slow
def test_figures_to_standard_output_are_all_that_is_there(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(*BENCH, "--input", "-", "--json", "-", given=(work / "source").read_bytes())
    assert done.error is None
    assert json.loads(done.output)["model"] == "de-en"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "sentences/s" in captured.err


@pytest.mark.parametrize(
    ("arguments", "first", "second"),
    [
        (TRANSLATE, "--input", "--prefixes"),
        (SCORE, "--source", "--target"),
        (SHORTLIST, "--source", "--target"),
        (EVALUATE, "--source", "--reference"),
        (EVALUATE[:1], "--hypothesis", "--reference"),
    ],
)
@pytest.mark.usefixtures("work")
def test_two_inputs_are_not_one_stream(arguments: tuple[str, ...], first: str, second: str) -> None:
    for streams in (("-", "-"), ("-", "/dev/stdin")):
        done = run(*arguments, first, streams[0], second, streams[1], given=b"Bus\n" * 4)
        assert str(done.error) == "two inputs are standard input, which can be read once; name a file for one of them"


ONE_FILE = [
    ((*TRANSLATE, "--input", "source"), "--output", "source"),
    ((*TRANSLATE, "--input", "source", "--prefixes", "prefixes"), "--output", "prefixes"),
    ((*TRANSLATE, "--input", "source"), "--output", "de-en/model.safetensors"),
    ((*TRANSLATE, "--input", "source", "--language-model", "en-de"), "--output", "en-de/config.yaml"),
    ((*SCORE, "--source", "source", "--target", "target"), "--output", "source"),
    ((*SCORE, "--source", "source", "--target", "target"), "--output", "target"),
    ((*SCORE, "--source", "source", "--target", "target"), "--output", "de-en/tokenizer.model"),
    ((*SCORE, "--source", "source", "--target", "target"), "--json", "target"),
    ((*EVALUATE, "--source", "source", "--reference", "target"), "--json", "target"),
    ((*EVALUATE, "--source", "source", "--reference", "target"), "--json", "de-en/tokenizer.model"),
    (("evaluate", "target", "-i", "source"), "--json", "source"),
    ((*BENCH, "--input", "source"), "--json", "source"),
    ((*BENCH, "--input", "source"), "--json", "de-en/README.md"),
]


@pytest.mark.parametrize("link", [None, "symbolic", "hard"])
@pytest.mark.parametrize(("arguments", "option", "file"), ONE_FILE)
def test_no_output_is_an_input(work: Path, arguments: tuple[str, ...], option: str, file: str, link: str | None) -> None:
    before = {path: path.read_bytes() for path in work.rglob("*") if path.is_file()}
    output = work / file if link is None else work / "link"
    if link == "symbolic":
        output.symlink_to(work / file)
    elif link == "hard":
        output.hardlink_to(work / file)
    done = run(*arguments, option, str(output))
    assert isinstance(done.error, ConfigurationError)
    assert "are one file; the output would overwrite the input: write to another file" in str(done.error)
    assert {path: path.read_bytes() for path in before} == before


def test_synthesis_does_not_write_over_what_it_reads(work: Path) -> None:
    (work / "prepared" / "train.target").write_bytes((work / "target").read_bytes())
    before = {path: path.read_bytes() for path in work.rglob("*") if path.is_file()}
    done = run(*DISTILL, "--output", "prepared")
    assert "train.target: is there already" in str(done.error)
    done = run(*BACKTRANSLATE, "--input", "prepared/train.source", "--output", "prepared")
    assert "train.source: is there already" in str(done.error)
    assert {path: path.read_bytes() for path in work.rglob("*") if path.is_file()} == before
