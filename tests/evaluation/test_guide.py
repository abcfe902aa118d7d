"""Every command of the guide works as it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from architecture.rooms import ROOT
from support.guides import commands
from support.sample import RECIPE
from support.untrained import small, write_model
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.text.tokenizer import train_tokenizer

GUIDE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
COMMANDS = commands(GUIDE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the guide speaks of, of the sample's validation text, where systems left out some words."""
    folder = tmp_path_factory.mktemp("guide")
    rows = [line.split("\t") for line in (RECIPE.parent / "valid.tsv").read_text(encoding="utf-8").splitlines()[:24]]
    sources, references = [row[0] for row in rows], [row[1] for row in rows]

    def write(name: str, lines: list[str]) -> None:
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    write("source.de", sources)
    write("ref.en", references)
    write("ref2.en", [line.replace("the", "a") for line in references])
    for number, name in enumerate(("base.en", "base.1.en", "base.2.en", "other.en", "new.1.en", "new.2.en", "new.en"), 3):
        write(name, [" ".join(word for place, word in enumerate(line.split(), 1) if place % number) for line in references])
    write("domains.txt", ["news", "mail"] * 12)
    write("documents.txt", ["first"] * 12 + ["second"] * 12)
    write("train.tsv", [f"{source}\t{target}" for source, target in rows[:12]])
    write("terms.tsv", ["Haus\thouse", "Hund\tdog"])
    for rater in ("anna", "ben"):  # the first ten rows of the sheet
        write(f"{rater}.tsv", ["item\tscore", *(f"{number}\t{90 - number}" for number in range(1, 11))])
    item = '{"source": "Ja.", "reference": "Yes.", "contrastive": "No.", "type": "polarity"}'
    write("suite.jsonl", [item] * 3)
    tokenizer = train_tokenizer([*sources, *references], vocabulary_size=120, kind="bpe", character_coverage=1.0)
    write_model(folder / "checkpoints/sample-de-en", tokenizer=tokenizer, shape=small(8), seed=1, source="de", target="en")
    return folder


def test_the_guide_has_commands() -> None:
    assert len(COMMANDS) >= 14
    assert all(command.startswith("nmt ") for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    line, _, given = command.partition(" < ")
    words = line.split()[1:]
    if given:
        words += ["-i", given]  # the tests of streams have standard input
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, (done.exception, done.output)
    assert done.stdout or "--output" in words or "--html" in words
