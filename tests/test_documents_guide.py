"""Each command of docs/documents.md, run as it stands, on files of the names in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.guides import blocks, commands
from support.office_documents import word_document
from test_readme import NOT_SHIPPED, ROOT, environment

from nmt.translate.documents.formats import ENDINGS

GUIDE = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
MODEL = ROOT / "checkpoints" / "broad-de-en"
REVIEWS = [("1", "Das Buch ist sehr gut.", "Gut"), ("2", "Der Film war leider schlecht.", "Schlecht")]
PAGES = {"index.html": "<p>Guten <b>Morgen</b>!</p>\n", "text/hund.md": "# Der Hund\n\nDer Hund schläft.\n"}
FILM = "1\n00:00:01,000 --> 00:00:02,000\nGuten Morgen,\nwie geht es dir?\n"


COMMANDS = commands(GUIDE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guide")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / MODEL.name).symlink_to(MODEL)
    (folder / "book.docx").write_bytes(word_document())
    (folder / "film.srt").write_text(FILM, encoding="utf-8")
    (folder / "messages.po").write_text('msgid "Der Hund schläft."\nmsgstr ""\n', encoding="utf-8")
    for name, text in PAGES.items():
        (folder / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / name).write_text(text, encoding="utf-8")
    rows = [("id", "text", "title"), *REVIEWS]
    (folder / "reviews.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "reviews.csv").write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")
    lines = [json.dumps({"id": number, "review": {"text": text}}, ensure_ascii=False) + "\n" for number, text, _ in REVIEWS]
    (folder / "reviews.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide(command: str, workspace: Path) -> None:
    if not (MODEL / "manifest.json").is_file():
        pytest.skip(NOT_SHIPPED)
    if ".parquet" in command:
        pyarrow = pytest.importorskip("pyarrow")
        columns = dict(zip(("id", "text", "title"), zip(*REVIEWS, strict=True), strict=True))
        pytest.importorskip("pyarrow.parquet").write_table(
            pyarrow.table({name: list(values) for name, values in columns.items()}), workspace / "reviews.parquet"
        )
    done = subprocess.run(
        ["bash", "-ec", command], cwd=workspace, env=environment(), capture_output=True, timeout=300, text=True
    )
    assert done.returncode == 0, done.stderr
    [output] = re.findall(r"(?:--output|>) (\S+)", command)
    path = workspace / output
    read = b"".join(
        one.read_bytes() for one in (sorted(path.rglob("[!.]*.*")) if path.is_dir() else [path]) if one.is_file()
    )
    if path.suffix != ".docx":
        assert re.search(rb"(?i)\b(dog|morning|book)\b", read)
        assert not re.search(rb"(?i)\b(der hund|guten morgen|das buch)\b", read.replace(b'msgid "Der Hund', b""))


def test_the_python_of_the_guide(workspace: Path) -> None:
    if not (MODEL / "manifest.json").is_file():
        pytest.skip(NOT_SHIPPED)
    [block] = blocks(GUIDE, "python")
    subprocess.run([sys.executable, "-c", block], cwd=workspace, env=environment(), check=True, timeout=300)
    found = (workspace / "film.en.srt").read_text(encoding="utf-8")
    assert found.startswith("1\n00:00:01,000 --> 00:00:02,000\nGood morning,\n")


def test_the_table_of_the_guide_has_every_ending() -> None:
    rows = [line.split("|")[1] for line in GUIDE.splitlines() if line.startswith("| `.")]
    assert sorted(re.findall(r"\.\w+(?=`)", " ".join(rows))) == sorted(ENDINGS)
