"""Files of many lines: killed at any moment and resumed, shared by processes that die, on disks that are full."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.command import Command
from support.offline_job import (
    LINES,
    WINDOW,
    WORDS,
    DeadlyJob,
    children,
    command,
    job,
    names,
    run,
    run_and_die,
    stop,
    stop_after,
    write_model_and_text,
)
from support.processes import PROCESSES
from support.untrained import small, write_model
from support.waiting import wait_until

from nmt.checkpoint.directory import load_info, reseal
from nmt.config.search import SearchOptions
from nmt.errors import ConfigurationError, InputError, ModelDirectoryError, OfflineError
from nmt.files.lines import Lines
from nmt.files.places import TextInput, TextOutput
from nmt.offline.formats import Format
from nmt.offline.job import TranslationJob
from nmt.offline.run import translate_file
from nmt.offline.windows import LineWindow, windows
from nmt.offline.workers import Workers
from nmt.runtime.kernels import AVAILABLE
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.glossary import Entry, Glossary


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model_and_text(tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table that a run writes which nobody disturbs."""
    output = tmp_path_factory.mktemp("expected") / "output"
    run(job(folder), output)
    assert len({row.split(b"\t")[0] for row in output.read_bytes().splitlines()}) == LINES
    return output.read_bytes()


# --- resume ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("form", "kills"), [(Format.text, 4), (Format.jsonl, 3)])
def test_killed_at_random_points_and_resumed_is_the_same_to_the_byte(
    folder: Path, tmp_path: Path, form: Format, kills: int
) -> None:
    started = time.monotonic()
    run(job(folder, form), tmp_path / "peaceful")
    window_takes = (time.monotonic() - started) * WINDOW / LINES

    output, journal = tmp_path / "output", tmp_path / ".output.partial.json"
    generator = random.Random()
    done = [0]
    for _ in range(kills):
        before = journal.read_bytes() if journal.exists() else b""
        process = PROCESSES.Process(target=run_and_die, args=(job(folder, form), output, done[-1] + 4 * WINDOW))
        process.start()
        while process.is_alive() and (not journal.exists() or journal.read_bytes() == before):
            time.sleep(0.001)  # so that the kill falls into translating and writing
        time.sleep(generator.uniform(0.0, 1.5 * window_takes))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        done.append(json.loads(journal.read_bytes())["lines"])
    assert all(first < second for first, second in pairwise(done))
    told: list[int] = []
    _, complaint = run(job(folder, form), output, resume=True, progress=told.append)
    assert output.read_bytes() == (tmp_path / "peaceful").read_bytes()
    assert output.read_bytes().count(b"\n") == LINES
    assert told == [*range(done[-1], LINES, WINDOW), LINES]
    assert complaint is not None  # about a line that was read before the first kill
    assert "1 line was not valid UTF-8 (the first: line 4)" in complaint
    assert names(tmp_path) == ["output", "peaceful"]


@pytest.mark.slow
def test_what_was_stopped_between_two_steps_is_put_right(folder: Path, tmp_path: Path, expected: bytes) -> None:
    output, partial, journal = (tmp_path / name for name in ("output", ".output.partial", ".output.partial.json"))
    with pytest.raises(KeyboardInterrupt):
        run(job(folder), output, progress=stop_after(100))
    done, record = partial.read_bytes(), journal.read_bytes()
    assert json.loads(record)["bytes"] == len(done)
    assert expected.startswith(done)

    partial.write_bytes(done + "after the journal, in the midst of a charact€r".encode()[:-3])
    (tmp_path / ".output.partial.json.new").write_bytes(record[:20])
    run(job(folder), output, resume=True)
    assert output.read_bytes() == expected
    assert names(tmp_path) == ["output"]

    partial.write_bytes(done[:-1])  # renamed over an older output or lost: not to be guessed
    journal.write_bytes(record)
    with pytest.raises(OfflineError, match=r"\.output\.partial: shorter than its journal says; without --resume"):
        run(job(folder), output, resume=True)
    assert names(tmp_path) == [".output.partial", ".output.partial.json", "output"]

    partial.unlink()
    journal.write_bytes(
        record.replace(b'"lines": 100', b'"lines": %d' % LINES).replace(b"%d" % len(done), b"%d" % len(expected))
    )
    told: list[int] = []
    run(job(folder), output, resume=True, progress=told.append)  # was renamed, and the journal not yet removed
    assert told == [LINES]
    assert output.read_bytes() == expected
    assert names(tmp_path) == ["output"]

    journal.write_bytes(record[:-9])
    with pytest.raises(OfflineError, match=r"\.output\.partial\.json: damaged; without --resume"):
        run(job(folder), output, resume=True)
    run(job(folder), output)  # a new start heeds neither
    assert names(tmp_path) == ["output"]


def test_what_has_changed_is_named_and_nothing_is_lost(folder: Path, tmp_path: Path) -> None:
    output, text = tmp_path / "output", tmp_path / "text"
    text.write_bytes((folder / "text").read_bytes())
    before = job(folder)

    def go_on(job: TranslationJob, **options: Any) -> None:
        translate_file(
            job, input=TextInput(str(text)), output=TextOutput(str(output)), resume=True, **{"window": WINDOW} | options
        )

    with pytest.raises(KeyboardInterrupt):
        go_on(before, progress=stop_after(20))
    kept = {name: (tmp_path / name).read_bytes() for name in names(tmp_path) if name != "text"}
    longer = before.options.model_copy(update={"length_penalty": 2.0})
    for changed, options, message in (
        (replace(before, options=longer), {}, r"--length-penalty was 1\.0 and is 2\.0 now"),
        (replace(before, form=Format.text), {}, "the format was tsv and is text now"),
        (replace(before, batch_tokens=99), {}, "--batch-tokens was 512 and is 99 now"),
        (replace(before, glossary=Glossary((Entry("a", "b"),))), {}, r"the glossary's sha256 was none and is \w{64} now"),
        (replace(before, formality="prefer_less"), {}, "--formality was default and is prefer_less now"),
        (before, {"window": 30}, "the window was 10 lines and is 30 lines now"),
    ):
        with pytest.raises(OfflineError, match=f"output: cannot be resumed after line 20: {message}; without --resume"):
            go_on(changed, **options)
    other = tmp_path / "model"
    shutil.copytree(folder / "model", other)
    reseal(other, info=load_info(other).model_copy(update={"description": "Another"}), card="# Other\n")
    with pytest.raises(OfflineError, match=r"the model's sha256 was \w{64} and is \w{64} now"):
        go_on(replace(before, models=(other,)))
    text.write_bytes(text.read_bytes().replace(b"wrong", b"Wrong"))
    with pytest.raises(OfflineError, match=r"the input's sha256 was \w{64} and is \w{64} now"):
        go_on(before)
    assert all((tmp_path / name).read_bytes() == content for name, content in kept.items())


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_workers_have_the_glossary(folder: Path, tmp_path: Path, expected: bytes) -> None:
    terms = replace(job(folder), glossary=Glossary((Entry(WORDS[0], "QQ"),)))
    run(terms, tmp_path / "one")
    assert (tmp_path / "one").read_bytes().count(b"QQ") > expected.count(b"QQ")
    run(terms, tmp_path / "two", workers=2)
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()


@pytest.mark.slow
def test_a_resumed_packed_output_is_the_same_to_the_byte_and_unpacks_to_the_plain_one(
    folder: Path, tmp_path: Path, expected: bytes
) -> None:
    peaceful, output = tmp_path / "peaceful.gz", tmp_path / "output.gz"
    run(job(folder), peaceful)
    assert gzip.decompress(peaceful.read_bytes()) == expected
    for lines in (100, 300):
        with pytest.raises(KeyboardInterrupt) as stopped:
            run(job(folder), output, resume=True, progress=stop_after(lines))
        assert stopped.value.__notes__ == [f"the same command with --resume goes on after line {lines}"]
    run(job(folder), output, resume=True)
    assert output.read_bytes() == peaceful.read_bytes()
    (tmp_path / "empty").touch()
    nothing = TextOutput(str(tmp_path / "empty.gz"))
    translate_file(job(folder), input=TextInput(str(tmp_path / "empty")), output=nothing)
    assert gzip.decompress((tmp_path / "empty.gz").read_bytes()) == b""


@pytest.fixture
def complete(folder: Path, tmp_path: Path) -> dict[str, Any]:
    """What a run was called with that has come to its end."""
    (tmp_path / "text").write_text("alte Brücke\nFluss\n", encoding="utf-8")
    arguments = {"input": TextInput(str(tmp_path / "text")), "output": TextOutput(str(tmp_path / "output"))}
    translate_file(job(folder), **arguments)
    return arguments


def test_a_complete_output_is_said_to_be_complete(folder: Path, tmp_path: Path, complete: dict[str, Any]) -> None:
    before = (tmp_path / "output").stat()
    os.utime(tmp_path / "text")  # the same text
    [note] = translate_file(job(folder), resume=True, progress=stop, **complete)
    assert note == (
        f"{tmp_path / 'output'} is complete: nothing is left to do; without --resume all lines are translated again"
    )
    assert (tmp_path / "output").stat() == before
    assert names(tmp_path) == ["output", "text"]


def test_a_complete_output_of_another_run_is_not_complete(folder: Path, tmp_path: Path, complete: dict[str, Any]) -> None:
    output, other = tmp_path / "output", tmp_path / "other"
    other.write_text("Fluss\nalte Brücke\n", encoding="utf-8")
    os.utime(other, (1, 1))
    given, content = job(folder), output.read_bytes()
    longer = given.options.model_copy(update={"length_penalty": 2.0})
    for doing, changed, message in (
        (given, {"input": TextInput(str(other))}, r"the input's sha256 was \w{64} and is \w{64} now"),
        (replace(given, options=longer), {}, r"--length-penalty was 1\.0 and is 2\.0 now"),
        (replace(given, form=Format.jsonl), {}, "the format was tsv and is jsonl now"),
    ):
        with pytest.raises(OfflineError, match=f"output: is complete, but {message}; without --resume"):
            translate_file(doing, resume=True, progress=stop, **complete | changed)
    for half in (content[:9], b""):
        output.write_bytes(half)
        with pytest.raises(OfflineError, match="output: was changed since it was complete; without --resume"):
            translate_file(given, resume=True, progress=stop, **complete)
    output.unlink()
    output.write_bytes(content)
    with pytest.raises(OfflineError, match="output: is there, and nothing tells what made it; without --resume"):
        translate_file(given, resume=True, progress=stop, **complete)
    assert names(tmp_path) == ["other", "output", "text"]


def test_a_run_that_was_killed_while_it_loaded_is_gone_on_with(
    folder: Path, tmp_path: Path, complete: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (tmp_path / "output").read_bytes()

    def look(*_: object) -> None:
        shutil.copy(tmp_path / ".output.partial", tmp_path / "left")
        raise KeyboardInterrupt

    doing = replace(job(folder), form=Format.jsonl)
    with monkeypatch.context() as patched:
        patched.setattr(TranslationJob, "load", look)
        with pytest.raises(KeyboardInterrupt):
            translate_file(doing, **complete)
    assert names(tmp_path) == ["left", "output", "text"]
    (tmp_path / "left").rename(tmp_path / ".output.partial")  # as a kill leaves it
    translate_file(doing, resume=True, **complete)
    assert (tmp_path / "output").read_bytes() != before
    assert names(tmp_path) == ["output", "text"]


def test_a_later_run_with_other_text_that_was_stopped_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    text, output = tmp_path / "text", tmp_path / "output"
    arguments: dict[str, Any] = {"input": TextInput(str(text)), "output": TextOutput(str(output)), "window": 2}
    text.write_text("Fluss\n" * 4)
    translate_file(job(folder), **arguments)
    expected = output.read_bytes()
    text.write_text("Fluss\n" * 5)
    with pytest.raises(KeyboardInterrupt):
        translate_file(job(folder), progress=stop_after(2), **arguments)
    with pytest.raises(ModelDirectoryError):  # nothing is lost
        translate_file(replace(job(folder), models=(tmp_path / "none",)), resume=True, **arguments)
    assert output.read_bytes() == expected
    told: list[int] = []
    translate_file(job(folder), resume=True, progress=told.append, **arguments)
    assert told[0] == 2
    assert output.read_bytes().startswith(expected)


def test_an_output_is_never_a_file_that_is_read(folder: Path, tmp_path: Path) -> None:
    model = shutil.copytree(folder / "model", tmp_path / "model")
    (text := tmp_path / "text").write_text("Bus\n")
    (prefixes := tmp_path / "prefixes").write_text("a\n")
    (tmp_path / ".output.partial").hardlink_to(text)
    (tmp_path / "link").symlink_to(prefixes)
    before = {path: path.read_bytes() for path in (text, prefixes, *model.iterdir())}
    doing = replace(job(folder), models=(model,), runtime="auto")
    for output in ("text", "prefixes", "link", "output", "model/config.yaml", "model/model.safetensors"):
        with pytest.raises(ConfigurationError, match="are one file; the output would overwrite the input"):
            translate_file(
                doing,
                input=TextInput(str(text)),
                prefixes=TextInput(str(prefixes)),
                output=TextOutput(str(tmp_path / output)),
            )
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_a_partial_output_has_the_mode_of_what_it_will_replace(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.touch(mode=0o640)
    output.chmod(0o640)
    with pytest.raises(KeyboardInterrupt):
        run(job(folder), output, progress=stop_after(100))
    assert (tmp_path / ".output.partial").stat().st_mode & 0o777 == 0o640
    run(job(folder), output, resume=True)
    assert output.stat().st_mode & 0o777 == 0o640


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("forked_workers")
def test_an_input_that_is_cut_short_meanwhile_is_no_success(folder: Path, tmp_path: Path, workers: int) -> None:
    text, output = tmp_path / "text", tmp_path / "output"
    # More than is read at a time, and after the first lines nothing that would take time.
    text.write_bytes(b"eine alte Br\xc3\xbccke\n" * 100 + (b"-" * 300 + b"\n") * 20_000)

    def cut(done: int) -> None:
        if done == 2 * WINDOW:
            os.truncate(text, text.stat().st_size // 100)

    with pytest.raises(InputError, match=r"text: was changed or replaced while it was read, found after line \d+"):
        translate_file(
            job(folder, Format.text),
            input=TextInput(str(text)),
            output=TextOutput(str(output)),
            workers=workers,
            window=WINDOW,
            progress=cut,
        )
    assert not output.exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("forked_workers")
def test_an_input_that_is_written_over_and_given_its_old_time_is_no_success(
    folder: Path, tmp_path: Path, workers: int
) -> None:
    """As a copy that keeps times does: size and time are those that were promised, and the text is another."""
    text, output = tmp_path / "text", tmp_path / "output"
    text.write_bytes(b"eine alte Br\xc3\xbccke\n" * 200)
    before = text.stat()

    def write_over(done: int) -> None:
        if done == WINDOW:
            with text.open("r+b") as file:
                file.write(b"EINE")
            os.utime(text, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(InputError, match="text: its content changed while it was read; run it again"):
        translate_file(
            job(folder, Format.text),
            input=TextInput(str(text)),
            output=TextOutput(str(output)),
            workers=workers,
            window=WINDOW,
            progress=write_over,
        )
    assert not output.exists()


@pytest.mark.slow
def test_a_run_by_pytorch_goes_on_with_the_same_arithmetic_alone(folder: Path, tmp_path: Path) -> None:
    """Another processor, or another version of PyTorch, sums in another order: some lines would be others."""
    output = tmp_path / "output"
    shutil.copyfile(folder / "text", tmp_path / "text")
    with pytest.raises(KeyboardInterrupt):
        run(job(folder), output, progress=stop_after(20))
    code = (
        "from pathlib import Path; from support.offline_job import job, run; "
        f"run(job(Path({str(folder)!r})), Path({str(output)!r}), resume=True)"
    )
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": "default", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert re.search(r"the arithmetic was PyTorch \S+ on \w+ and is PyTorch \S+ on DEFAULT now", done.stderr)
    run(job(folder), output, resume=True)


@pytest.mark.slow
@pytest.mark.skipif(not AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("forked_workers")
def test_a_run_goes_on_with_the_runtime_that_auto_became(folder: Path, tmp_path: Path, workers: int) -> None:
    model = tmp_path / "model"
    tokenizer = train_tokenizer([" ".join(WORDS)], vocabulary_size=60, kind="bpe", character_coverage=1.0)
    write_model(model, tokenizer=tokenizer, shape=small(32), seed=5)  # of a size that both runtimes can run
    output = tmp_path / "output"
    shutil.copyfile(folder / "text", tmp_path / "text")
    doing = replace(job(folder), models=(model,), runtime="auto")
    with pytest.raises(KeyboardInterrupt):
        run(doing, output, progress=stop_after(100), workers=workers)
    journal = json.loads((tmp_path / ".output.partial.json").read_text())
    assert journal["fingerprint"]["the runtime"] == "int8"
    assert journal["fingerprint"]["the arithmetic"] == "exact"  # on every machine: any may go on
    with pytest.raises(OfflineError, match=r"the runtime was int8 and is reference now \(--runtime int8 asks for it\)"):
        run(replace(doing, runtime="reference"), output, resume=True)
    run(replace(doing, runtime="int8"), output, resume=True, workers=workers)


@pytest.mark.slow
def test_only_one_process_writes_an_output(folder: Path, tmp_path: Path, expected: bytes) -> None:
    output = tmp_path / "output"

    def meddle(done: int) -> None:
        if done == 50:
            with pytest.raises(OfflineError, match="output: another process is writing it"):
                run(job(folder), output, resume=True)

    run(job(folder), output, progress=meddle)
    assert output.read_bytes() == expected


def test_what_cannot_be_resumed_says_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"Bus\n" * 95)[:-9])
    output, standard = TextOutput(str(tmp_path / "output")), TextInput("-")
    with pytest.raises(ConfigurationError, match="--resume needs --input, --prefixes and --output to be files, not - and"):
        translate_file(job(folder), input=standard, output=output, resume=True)
    with pytest.raises(ConfigurationError, match="--workers 2 needs --input to be a file, not -"):
        translate_file(job(folder), input=standard, output=output, workers=2)
    with pytest.raises(InputError, match=r"text\.gz: cannot be read after line \d+: Compressed file ended .* was reached$"):
        translate_file(job(folder), input=TextInput(str(tmp_path / "text.gz")), output=output, window=10)


# --- several processes -------------------------------------------------------------------------------------------------


def deadly(folder: Path, marks: Path, *, times: int) -> DeadlyJob:
    marks.mkdir()
    return DeadlyJob(**vars(job(folder)), deadly=105, times=times, marks=marks)


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_workers_write_the_same_and_one_that_is_killed_is_replaced(folder: Path, tmp_path: Path, expected: bytes) -> None:
    told: list[int] = []

    def kill_one(done: int) -> None:
        told.append(done)
        if done == 200:
            multiprocessing.active_children()[0].kill()

        if done == 300:
            stop()

    doomed = deadly(folder, tmp_path / "marks", times=1)
    with pytest.raises(KeyboardInterrupt):
        run(doomed, tmp_path / "output", workers=2, progress=kill_one)
    assert multiprocessing.active_children() == []
    run(doomed, tmp_path / "output", workers=3, resume=True, progress=told.append)
    assert (tmp_path / "output").read_bytes() == expected
    assert told == [*range(0, 310, WINDOW), *range(300, LINES, WINDOW), LINES]
    assert len(names(tmp_path / "marks")) == 1
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_lines_that_kill_two_workers_end_the_run_and_what_is_before_them_is_kept(
    folder: Path, tmp_path: Path, expected: bytes
) -> None:
    output = tmp_path / "output"
    message = (
        "lines 101 to 110: two workers failed on them, the second killed by signal 9; .*--resume goes on after line 100"
    )
    with pytest.raises(OfflineError, match=message):
        run(deadly(folder, tmp_path / "marks", times=2), output, workers=2)
    assert multiprocessing.active_children() == []
    run(job(folder), output, resume=True)
    assert output.read_bytes() == expected


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_windows_in_flight_are_few(folder: Path, expected: bytes) -> None:
    """However slow the output is, no more is read than what two windows for each worker hold."""
    lines = Lines(TextInput(str(folder / "text")))
    texts = []
    with Workers(job(folder), count=3, device="cpu") as workers:
        for window, text in workers.translate(windows(lines, after=0, size=WINDOW)):
            texts.append(text)
            assert lines.count <= window.last + 5 * WINDOW
    assert "".join(texts).encode() == expected
    assert multiprocessing.active_children() == []


class Untidy:
    """Stands for a Translator whose work leaves holes of 36 MB in the heap, each below something small that stays."""

    def __init__(self) -> None:
        self.stays: list[bytearray] = []

    def translate(self, *_: object, **__: object) -> list[Any]:
        pieces = [bytearray(b"x" * 90_000) for _ in range(440)]  # glibc takes more than 128 kB from elsewhere
        self.stays += pieces[::11]
        return []


def memory() -> int:
    """What this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's heap can be asked to give back what is free")
def test_a_window_leaves_no_free_memory_behind(folder: Path) -> None:
    untidy: Any = Untidy()
    before = memory()
    untidy.translate()
    assert memory() - before > 30e6  # or this would show nothing
    job(folder).translate(untidy, LineWindow(1, ()))
    assert memory() - before < 15e6, "what stays is 7 MB"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find the workers of another process")
def test_workers_die_with_the_process_that_started_them(folder: Path, tmp_path: Path, expected: bytes) -> None:
    output, journal = tmp_path / "output", tmp_path / ".output.partial.json"
    process = PROCESSES.Process(target=run, args=(job(folder), output), kwargs={"workers": 2})
    process.start()
    while not journal.exists():
        assert process.is_alive()
        time.sleep(0.001)
    workers = children(process.pid)
    assert len(workers) >= 2
    process.kill()
    process.join()
    # One that is still loading libraries finds out afterwards.
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert not output.exists()
    run(job(folder), output, resume=True)
    assert output.read_bytes() == expected


# --- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_on_a_full_disk_keeps_what_is_done_and_workers_go_on(folder: Path, tmp_path: Path) -> None:
    text, output = tmp_path / "text", tmp_path / "output"
    text.write_bytes(b"Fluss\nBr\xc3\xbccke \xff\n" * 2100)
    translate_file(
        replace(job(folder, Format.text), options=SearchOptions(beam_size=1), batch_tokens=4096),
        input=TextInput(str(text)),
        output=TextOutput(str(tmp_path / "expected")),
    )
    expected = (tmp_path / "expected").read_bytes()
    first = command(folder, text, output, "--threads", "1")
    full = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({len(expected) * 3 // 4},) * 2)"
    done = Command(*first[1:], first=full).wait()
    why = f"{output}: cannot be written: File too large; the same command with --resume goes on after line 2000"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (74, b"", f"nmt: error: {why}\n")
    assert not output.exists()
    # On a terminal, to see the lines that were done before on its progress bar.
    screen, terminal = os.openpty()
    go_on = command(folder, text, output, "--resume", "--workers", "2")
    shown = b""
    with subprocess.Popen(go_on, stderr=terminal, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}) as process:
        os.close(terminal)
        with suppress(OSError):  # Linux's way of saying that the other end is closed
            while some := os.read(screen, 4096):
                shown += some
    os.close(screen)
    assert process.returncode == 0, shown.decode()
    assert output.read_bytes() == expected
    assert b"2000/4200" in shown
    assert b"4200/4200" in shown
    assert b"2100 lines were not valid UTF-8 (the first: line 2)" in shown
    assert names(tmp_path) == ["expected", "output", "text"]
