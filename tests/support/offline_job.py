"""A file of many lines, its translation as an offline job, and what stops one.

Other processes import this module, which they could not do with a module of tests.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.config.search import SearchOptions
from nmt.files.places import TextInput, TextOutput
from nmt.offline.formats import Format
from nmt.offline.job import TranslationJob
from nmt.offline.run import translate_file
from nmt.offline.windows import LineWindow
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.translator import Translator
from support.untrained import small, write_model

WORDS = ["eine", "alte", "Brücke", "wurde", "über", "dem", "Fluss", "früh", "gesperrt"]
LINES, WINDOW = 501, 10


def write_model_and_text(folder: Path) -> Path:
    """A real if untrained model, and text of many lengths, with empty lines, wrong bytes and carriage returns."""
    tokenizer = train_tokenizer([" ".join(WORDS)], vocabulary_size=60, kind="bpe", character_coverage=1.0)
    write_model(folder / "model", tokenizer=tokenizer, shape=small(8), seed=5)
    generator = random.Random(6)
    lines = [" ".join(generator.choices(WORDS, k=generator.randrange(9))).encode() for _ in range(LINES)]
    lines[3], lines[70] = b"\xff wrong", b"Br\xc3\xbccke\r"
    (folder / "text").write_bytes(b"\n".join(lines))
    return folder


def job(folder: Path, form: Format = Format.tsv) -> TranslationJob:
    options = SearchOptions(beam_size=2, n_best=1 if form is Format.text else 2)
    return TranslationJob(
        models=(folder / "model",),
        options=options,
        form=form,
        batch_tokens=512,
        device="cpu",
        threads=1,
        runtime="reference",
    )


def run(job: TranslationJob, output: Path, **options: Any) -> list[str | None]:
    text = TextInput(str(job.models[0].parent / "text"))
    return translate_file(job, input=text, output=TextOutput(str(output)), **{"window": WINDOW} | options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def stop_after(lines: int) -> Callable[[int], None]:
    return lambda done: stop() if done >= lines else None


def children(parent: int | None) -> list[int]:
    """Process ids."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def command(folder: Path, text: Path, output: Path, *arguments: str) -> list[str]:
    files = ["--model", str(folder / "model"), "--input", str(text), "--output", str(output)]
    return [
        str(Path(sys.executable).with_name("nmt")),
        "translate",
        *files,
        "--beam-size",
        "1",
        "--runtime",
        "reference",
        *arguments,
    ]


def run_and_die(job: TranslationJob, output: Path, line: int) -> None:
    """Go on, and die at `line` if nobody kills this process before: ten of them in turn do not come to the end."""
    run(job, output, resume=True, progress=lambda done: os.kill(os.getpid(), signal.SIGKILL) if done >= line else None)


@dataclass(frozen=True, kw_only=True)
class DeadlyJob(TranslationJob):
    """Kills the process that is at line `deadly`, until it has done so `times` times; `marks` is a folder to count in."""

    deadly: int
    times: int
    marks: Path

    def translate(self, translator: Translator, window: LineWindow) -> str:
        if window.first <= self.deadly <= window.last and len(names(self.marks)) < self.times:
            (self.marks / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().translate(translator, window)
