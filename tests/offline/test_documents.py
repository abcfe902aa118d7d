"""Documents and folders of them, whole or not there, some of which fail; killed and resumed; by the command, too."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.command import error_of, nmt
from support.document_job import DOCUMENTS, DeadlySegmentJob, run, run_and_die, write_documents
from support.office_documents import members, word_document
from support.offline_job import job, names, stop, write_model_and_text
from support.processes import PROCESSES

from nmt.errors import ConfigurationError, InputError, OfflineError
from nmt.files.places import TextInput, TextOutput
from nmt.offline.documents import JOURNAL, is_document, is_many, translate_document
from nmt.offline.formats import Format
from nmt.translate.documents.formats import read_document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model_and_text(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_documents(tmp_path / "source")
    return tmp_path / "source"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != JOURNAL
    }


def expected(folder: Path) -> dict[str, bytes]:
    """The documents with each segment translated by the library."""
    work = job(folder, Format.text)
    translator = work.load()
    found = {}
    for name, text in DOCUMENTS.items():
        document = read_document(name, text.encode(), target_language="en")
        translations = translator.translate(document.segments, work.options, markup=document.markup)
        found[name] = document.written([one.text for one in translations])
    return found


def test_a_folder_keeps_its_tree(folder: Path, source: Path, tmp_path: Path) -> None:
    told: list[int] = []
    failures, _ = run(folder, source, tmp_path / "output", progress=told.append)
    assert failures == []
    assert tree(tmp_path / "output") == expected(folder)
    assert told == sorted(told)
    assert tree(source) == {name: text.encode() for name, text in DOCUMENTS.items()}


def test_a_pattern_takes_some(folder: Path, source: Path, tmp_path: Path) -> None:
    failures, _ = run(folder, f"{source}/**/[a-e].*", tmp_path / "output")
    assert failures == []
    assert tree(tmp_path / "output") == {name: expected(folder)[name] for name in ("a.md", "b/c.json", "b/d/e.srt")}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("forked_workers")
def test_one_that_fails_does_not_stop_the_others(folder: Path, source: Path, tmp_path: Path, workers: int) -> None:
    (source / "b" / "c.json").write_text("{")
    (source / "z.docx").write_bytes(word_document()[:-100])
    (source / "picture.png").write_bytes(b"x")
    output = tmp_path / "output"
    (output / "g.html").mkdir(parents=True)
    failures, (note, _) = run(folder, source, output, workers=workers)
    assert [one.source.name for one in failures] == ["c.json", "g.html", "z.docx"]
    assert set(tree(output)) == set(DOCUMENTS) - {"b/c.json", "g.html"}
    assert note == f"1 file is left out, whose names have no ending of a document (the first: {source / 'picture.png'})"

    (source / "b" / "c.json").write_text(DOCUMENTS["b/c.json"])
    (output / "g.html").rmdir()
    (source / "z.docx").unlink()
    told: list[int] = []
    failures, _ = run(folder, source, output, resume=True, workers=workers, progress=told.append)
    assert failures == []
    assert tree(output) == expected(folder)
    assert told[-1] == 3, "only the segments of two documents were left"


@pytest.mark.slow
def test_killed_at_any_document_and_resumed(folder: Path, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    finished = 0
    for segment in (2, 3, 4):
        process = PROCESSES.Process(target=run_and_die, args=(folder, source, output, segment))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert not [name for name in tree(output) if name not in DOCUMENTS and not Path(name).name.startswith(".")]
        lines = (output / JOURNAL).read_text().splitlines()
        assert len(lines) - 1 >= finished
        finished = len(lines) - 1
    assert finished >= 2
    with (output / JOURNAL).open("ab") as file:
        file.write(b'{"file": "g.ht')
    before = {name: (output / name).stat().st_mtime_ns for name in tree(output)}
    run(folder, source, output, resume=True)
    assert {name: data for name, data in tree(output).items() if not Path(name).name.startswith(".")} == expected(folder)
    assert [(output / name).stat().st_mtime_ns for name in before] == [*before.values()]


def test_an_interrupt_tells_how_to_go_on(folder: Path, source: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        run(folder, source, tmp_path / "output", progress=stop)
    assert raised.value.__notes__ == ["the same command with --resume goes on with the documents that are left"]
    failures, _ = run(folder, source, tmp_path / "output", resume=True)
    assert failures == []
    assert tree(tmp_path / "output") == expected(folder)


def test_what_changed_is_translated_again_and_what_is_gone(folder: Path, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    run(folder, source, output)
    (source / "a.md").write_text("# Fluss\n")
    (output / "h.po").unlink()
    (output / "g.html").write_bytes(b"<p>half of")
    told: list[int] = []
    run(folder, source, output, resume=True, progress=told.append)
    assert told[-1] == 3
    assert tree(output)["g.html"] == expected(folder)["g.html"]
    assert tree(output)["h.po"] == expected(folder)["h.po"]
    assert tree(output)["a.md"] != expected(folder)["a.md"]
    other = job(folder, Format.text).options.model_copy(update={"beam_size": 1})
    with pytest.raises(OfflineError, match="cannot be resumed: --beam-size was 2 and is 1 now; without --resume all files"):
        run(folder, source, output, resume=True, job=replace(job(folder, Format.text), options=other))
    (output / JOURNAL).write_text("no json\n")
    with pytest.raises(OfflineError, match=r"\.nmt-documents\.jsonl: damaged"):
        run(folder, source, output, resume=True)


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_a_document_that_kills_workers_is_found_and_the_others_are_translated(
    folder: Path, source: Path, tmp_path: Path
) -> None:
    given = job(folder, Format.text)
    settings = {name: getattr(given, name) for name in given.__dataclass_fields__}
    deadly = DeadlySegmentJob(**settings, deadly="wurde früh")
    failures, _ = run(folder, source, tmp_path / "output", job=deadly, workers=2)
    assert [one.source.name for one in failures] == ["c.json"]
    assert "two workers failed on them" in str(failures[0].error)
    assert set(tree(tmp_path / "output")) == set(DOCUMENTS) - {"b/c.json"}


def test_places_that_cannot_be_what_they_should_be(folder: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    cases: list[tuple[Any, Path, str]] = [
        (source, tmp_path / "file", "should be a folder, as --input"),
        (source, source, "is the folder of the documents"),
        (f"{source}/*.md", source, "is the folder of the documents"),
        (f"{source}/*.pdf", tmp_path / "output", "no document is there; their names end in .txt, .md"),
    ]
    for given, output, message in cases:
        with pytest.raises(ConfigurationError, match=message):
            run(folder, given, output)
    assert tree(source) == {name: text.encode() for name, text in DOCUMENTS.items()}


def test_an_output_within_the_folder_is_no_input(folder: Path, source: Path) -> None:
    for _ in range(2):
        failures, _ = run(folder, source, source / "en")
        assert failures == []
    assert set(tree(source / "en")) == set(DOCUMENTS)


def test_what_is_left_out_is_counted(folder: Path, source: Path, tmp_path: Path) -> None:
    for name in (".b.txt", ".h/c.txt", ".h/i/c.md", ".h/no.document", "picture.png"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("alte\n")
    (source / "dangling.md").symlink_to("nowhere")
    (source / "endless.md").symlink_to("endless.md")
    os.mkfifo(source / "pipe.md")
    failures, (note, _) = run(folder, source, tmp_path / "output")
    assert [one.source.name for one in failures] == ["dangling.md", "endless.md"]
    assert str(failures[0].error) == f"{source / 'dangling.md'}: cannot be read: No such file or directory"
    assert note == (
        f"1 file is left out, whose names have no ending of a document (the first: {source / 'picture.png'}); "
        "3 documents are left out, whose names, or those of their folders, begin with a dot "
        f"(the first: {source / '.b.txt'}); "
        f"1 pipe or device is left out, which have names of documents (the first: {source / 'pipe.md'})"
    )
    assert tree(tmp_path / "output") == expected(folder)
    failures, _ = run(folder, f"{source}/.h/**/*.md", tmp_path / "hidden")
    assert (failures, list(tree(tmp_path / "hidden"))) == ([], ["i/c.md"])


def test_each_folder_is_translated_once_whatever_links_lead_to_it(folder: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.md").write_text("alte\n")
    (source / "a-link").symlink_to(source / "b")
    (source / "more").symlink_to(tmp_path / "elsewhere")
    for place in (source, source / "b", tmp_path / "elsewhere"):
        (place / "loop").symlink_to(source)
        (place / "again").symlink_to(tmp_path / "elsewhere")
    for given in (source, f"{source}/**/*"):
        failures, (note, _) = run(folder, given, tmp_path / "output")
        assert failures == []
        assert {*tree(tmp_path / "output")} == {*DOCUMENTS, "again/x.md"}
        assert note is not None
        assert note.endswith(f"to folders that are there by another name (the first: {source / 'a-link'})"), note
    _, (note, _) = run(folder, f"{source}/*/?.md", tmp_path / "named")
    assert {*tree(tmp_path / "named")} == {"again/x.md", "loop/a.md", "more/x.md"}
    assert note is None


def test_what_is_a_document_or_many(source: Path, tmp_path: Path) -> None:
    assert is_document(TextInput("a.DOCX"))
    assert not any(is_document(TextInput(name)) for name in ("-", "a.txt", "a.de", "a.jsonl", "a.md.gz", "/dev/fd/3"))
    assert is_many(TextInput(str(source)))
    assert is_many(TextInput("docs/**/*.md"))
    (tmp_path / "a[1].md").touch()
    assert not is_many(TextInput(str(tmp_path / "a[1].md")))


# --- one document -------------------------------------------------------------------------------------------------------


def one(folder: Path, source: Path, output: Path | str, **options: Any) -> list[str | None]:
    return translate_document(
        job(folder, Format.text), input=TextInput(str(source)), output=TextOutput(str(output)), **options
    )


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_one_document_is_the_same_by_workers(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word_document())
    one(folder, tmp_path / "a.docx", tmp_path / "b.docx")
    one(folder, tmp_path / "a.docx", tmp_path / "c.docx", workers=2, window=2)
    assert members((tmp_path / "b.docx").read_bytes()) == members((tmp_path / "c.docx").read_bytes())
    assert members((tmp_path / "b.docx").read_bytes()) != members(word_document())


def test_a_document_is_whole_or_not_there(folder: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        one(folder, source / "b" / "c.json", tmp_path / "out.json", progress=stop)
    assert (tmp_path / "out.json").read_text() == "before"
    (source / "bad.json").write_text("[")
    with pytest.raises(InputError, match="is not valid JSON"):
        one(folder, source / "bad.json", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "before"
    assert names(tmp_path) == ["out.json", "source"]


def test_a_document_is_not_written_over_itself_nor_converted(folder: Path, source: Path, tmp_path: Path) -> None:
    os.link(source / "a.md", tmp_path / "link.md")
    with pytest.raises(ConfigurationError, match="are one file; the output would overwrite the input"):
        one(folder, source / "a.md", tmp_path / "link.md")
    with pytest.raises(ConfigurationError, match=r"should end in \.md or \.markdown, as a\.md does"):
        one(folder, source / "a.md", tmp_path / "a.html")
    assert one(folder, source / "a.md", tmp_path / "a.markdown") == [None]
    [note] = one(folder, source / "a.md", tmp_path / "a.markdown", resume=True)
    assert note is not None
    assert "is complete" in note
    (source / "a.md").write_text("# Fluss\n")
    with pytest.raises(OfflineError, match=r"a\.markdown: is complete, but the input's sha256 was"):
        one(folder, source / "a.md", tmp_path / "a.markdown", resume=True)


# --- the command --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command(folder: Path, source: Path, tmp_path: Path) -> None:
    model = ("translate", "--model", folder / "model", "--beam-size", 1, "--runtime", "reference", "--input")
    done = nmt(*model, source / "b" / "c.json")
    assert set(json.loads(done.stdout)) == {"text", "list"}

    (source / "x.json").write_text("{")
    done = nmt(*model, source, "--output", tmp_path / "output", status=1)
    said, error = done.stderr.decode().splitlines()[-2:]
    assert said == "nmt: 1 document could not be translated:"
    assert error.startswith(f"  {source / 'x.json'}: is not valid JSON: ")
    assert set(tree(tmp_path / "output")) == set(DOCUMENTS)

    to_folder = ("--output", tmp_path / "output")
    wrong: list[tuple[tuple[object, ...], str]] = [
        ((source / "x.json",), "is not valid JSON"),
        ((source / "a.md", "--output", tmp_path / "a.docx"), "should end in .md"),
        ((source / "a.md", "--format", "jsonl"), "--format jsonl is for lines of text"),
        ((source / "none.docx", "--output", tmp_path / "x.docx"), "none.docx: cannot be read: No such file"),
        ((source, *to_folder, "--column", 1), "are for one file of lines"),
        ((source, *to_folder, "--markup", "html"), "are for one file of lines"),
        ((source,), "--output -: should be a folder"),
    ]
    for arguments, message in wrong:
        assert message in error_of(*model, *arguments)
