"""Ctrl-C at any moment of every command: one line, exit status 130, and no traceback."""

from __future__ import annotations

import array
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.forks import COMMAND, NMT, Piped
from support.sample import RECIPE, prepared
from support.untrained import small, write_model

from nmt.text.tokenizer import train_tokenizer

LINES = 100_000


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with text that takes minutes, and models."""
    folder = tmp_path_factory.mktemp("interrupts")
    (folder / "text").write_text("Der alte Zug fährt über die Brücke.\n" * LINES, encoding="utf-8")
    (folder / "part").write_text("Der alte Zug fährt über die Brücke.\n" * 2000, encoding="utf-8")
    tokenizer = train_tokenizer(
        ["Der alte Zug fährt über die Brücke."], vocabulary_size=40, kind="bpe", character_coverage=1.0
    )
    for source, target in (("de", "en"), ("en", "de")):
        model = folder / f"{source}-{target}"
        write_model(model, tokenizer=tokenizer, shape=small(16), seed=1, source=source, target=target)
    # The compiled kernel runs a model of so many units, and none of fewer.
    write_model(folder / "int8", tokenizer=tokenizer, shape=small(32), seed=1, source="de", target="en")
    prepared(folder / "run")
    (folder / "prepared").mkdir()
    (folder / "prepared" / "train.source").symlink_to(folder / "text")
    return folder


COMMANDS = {
    "translate": ["translate", "--model", "de-en", "--input", "text", "--output", "translated"],
    "stream": ["translate", "--model", "de-en"],
    "workers": ["translate", "--model", "de-en", "--input", "text", "--output", "translated.2", "--workers", "2"],
    "score": ["score", "--model", "de-en", "--source", "text", "--target", "text"],
    "evaluate": ["evaluate", "--model", "de-en", "--source", "text", "--reference", "text"],
    "bench": ["bench", "--model", "de-en", "--repeat", "20"],
    "info": ["info", "de-en"],
    "shortlist": ["shortlist", "--model", "de-en", "--source", "text", "--target", "text"],
    "prepare": ["prepare", str(RECIPE), "--output", "run"],
    "train": ["train", str(RECIPE), "--output", "run", "--set", "training.max_updates=1000000"],
    "distill": ["distill", str(RECIPE), "--teacher", "de-en", "--prepared", "prepared", "--output", "distilled"],
    "backtranslate": ["backtranslate", str(RECIPE), "--model", "en-de", "--input", "text", "--output", "back"],
    "serve": ["serve", "--models", ".", "--port", "0"],
}


class Running:
    """A command with a process group of its own, as a shell gives it; `from_start`, it loads its libraries itself."""

    def __init__(self, work: Path, arguments: list[str], *, from_start: bool = False) -> None:
        environment, words = os.environ | {"OMP_NUM_THREADS": "1"}, [str(NMT), *arguments]
        self.process: Piped | subprocess.Popen[str]
        if from_start:
            self.process = subprocess.Popen(
                words,
                cwd=work,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env=environment,
                text=True,
                encoding="utf-8",
            )
        else:
            self.process = Piped(COMMAND, words, environment=environment, folder=work, first="import os; os.setsid()")

    def interrupt(self, by: signal.Signals = signal.SIGINT) -> tuple[int, list[str]]:
        """Exit status, and the lines on standard error that are no progress of a training."""
        os.killpg(self.process.pid, by)
        _, error = self.process.communicate(timeout=120)
        assert self.process.returncode is not None
        return self.process.returncode, error.splitlines()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            assert self.process.poll() is None
            time.sleep(0.01)

    def wait_for(self, library: str) -> None:
        """Until the process has loaded it."""
        maps = Path(f"/proc/{self.process.pid}/maps")
        self.wait_until(lambda: library in maps.read_text(encoding="utf-8", errors="replace"))

    def wait_for_work(self, seconds: float) -> None:
        """Until it has computed for so many seconds more than now, however long that takes."""

        def computed() -> float:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before = computed()
        self.wait_until(lambda: computed() - before > seconds)

    def give(self, text: bytes) -> None:
        """Write `text` to its standard input, which stays open, and wait until it has read all of it."""
        assert self.process.stdin is not None
        pipe, unread = self.process.stdin.fileno(), array.array("i", [0])
        for start in range(0, len(text), 4096):
            os.write(pipe, text[start : start + 4096])

        def is_read() -> bool:
            fcntl.ioctl(pipe, termios.FIONREAD, unread)
            return unread[0] == 0

        self.wait_until(is_read)


needs_proc = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to see what a process has loaded")


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_an_interrupt_while_the_program_loads_is_one_line(work: Path, command: str) -> None:
    """Once its first library of compiled code is there, `main` runs; PyTorch takes its second or more after that."""
    running = Running(work, COMMANDS[command], from_start=True)
    running.wait_for("pydantic_core")
    if command not in ("prepare", "serve", "bench", "workers", "shortlist", "info"):  # their first process does without it
        running.wait_for("libtorch_cpu")
    status, lines = running.interrupt()
    # An import is waited for; what comes first after it may still give its warning.
    assert (status, lines[-1]) == (130, "nmt: interrupted")
    assert all(line.startswith("nmt: warning: ") for line in lines[:-1])


@pytest.mark.slow
@pytest.mark.parametrize("command", ["translate", "workers", "distill", "backtranslate"])
def test_an_interrupted_translation_says_how_to_go_on(work: Path, command: str) -> None:
    running = Running(work, COMMANDS[command])
    folder = {"distill": "distilled", "backtranslate": "back"}.get(command, ".")
    name = {"translate": "translated", "workers": "translated.2", "distill": "train.target", "backtranslate": "train.source"}
    journal = work / folder / f".{name[command]}.partial.json"
    running.wait_until(journal.exists)
    status, [line] = running.interrupt()
    assert status == 130
    assert line.startswith("nmt: interrupted; the same command with --resume goes on after line ")
    done = int(line.rpartition(" ")[2])
    assert done % 2000 == 0
    assert 0 < done < LINES


def test_a_terminated_command_says_so_and_leaves_nothing_half_done(work: Path) -> None:
    """As a batch system or the shutdown of a machine ends it."""
    running = Running(work, ["score", "--model", "de-en", "--source", "text", "--target", "text", "--output", "scores"])
    running.wait_until(lambda: any(work.glob(".scores.partial")))
    assert running.interrupt(signal.SIGTERM) == (143, ["nmt: terminated"])
    assert list(work.glob("*scores*")) == []


def test_an_interrupted_training_says_how_to_go_on(work: Path) -> None:
    log, state = (work / "run" / "training" / name for name in ("log.jsonl", "state.pt"))
    running = Running(work, [*COMMANDS["train"], "--set", "training.checkpoint_every=1000000"])
    running.wait_until(lambda: log.exists() and '"training"' in log.read_text(encoding="utf-8"))
    assert not state.exists()
    status, lines = running.interrupt(signal.SIGTERM)
    assert status == 143
    assert lines[-1] == "nmt: terminated; the same command with --resume goes on from the last saved state"
    assert not any("Traceback" in line for line in lines)
    assert state.exists()  # of the update that was being made


@pytest.mark.slow
@needs_proc
def test_an_interrupt_of_an_import_in_the_middle_of_the_work_leaves_nothing_half_done(work: Path) -> None:
    """PyTorch is loaded when a search needs it; by then the output has been opened. The rest of the text takes seconds."""
    for library in ("libtorch_cpu", "libtorch_python"):
        command = [
            "evaluate",
            "--model",
            "int8",
            "--source",
            "part",
            "--reference",
            "part",
            "--sampling",
            "--output",
            "half",
        ]
        running = Running(work, command, from_start=True)
        running.wait_for(library)
        assert running.interrupt() == (130, ["nmt: interrupted"])
        assert list(work.glob("*half*")) == []


@needs_proc
@pytest.mark.parametrize("command", ["stream", "score", "evaluate", "shortlist"])
def test_an_interrupt_at_work_is_one_line(work: Path, command: str) -> None:
    running = Running(work, COMMANDS[command])
    if command == "stream":
        running.give(b"Der alte Zug\n" * 5000)
    else:
        running.wait_for_work(2.0)
    assert running.interrupt() == (130, ["nmt: interrupted"])


def test_an_interrupt_of_which_a_module_makes_another_exception_is_one_line() -> None:
    """As pydantic does where a signal comes while it builds a schema."""
    code = (
        "import signal; from nmt.cli import interrupts\n"
        "interrupts.answer()\n"
        "with interrupts.work():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        raise RuntimeError('KeyboardInterrupt: ') from None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "nmt: interrupted\n")
    other = code.replace("signal.raise_signal(signal.SIGINT)", "raise KeyError").replace(
        "except KeyboardInterrupt", "except KeyError"
    )
    assert subprocess.run([sys.executable, "-c", other], capture_output=True, timeout=60).returncode == 1


def test_a_process_that_is_to_ignore_interrupts_does(work: Path) -> None:
    command = ["sh", "-c", f"trap '' INT; exec {NMT} info de-en"]
    with subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, start_new_session=True) as process:
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert output.startswith(b"name")
