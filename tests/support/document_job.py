"""Folders of documents as an offline job, and processes that are killed at them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.files.places import TextInput, TextOutput
from nmt.offline.documents import Failure, translate_folder
from nmt.offline.formats import Format
from nmt.offline.job import SegmentJob, TranslationJob
from nmt.offline.windows import LineWindow
from nmt.translate.translator import Translator
from support.offline_job import job

DOCUMENTS = {
    "a.md": "# alte Brücke\n\n* über *dem* Fluss\n",
    "b/c.json": json.dumps({"text": "eine alte Brücke", "list": ["wurde früh", 1]}),
    "b/d/e.srt": "1\n00:00:01,000 --> 00:00:02,000\nüber dem\nFluss\n",
    "b/f.txt": "eine\n\nalte\n",
    "g.html": "<p>wurde <b>früh</b> gesperrt",
    "h.po": 'msgid "alte"\nmsgstr ""\n',
}


def write_documents(folder: Path) -> None:
    for name, text in DOCUMENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(folder: Path, source: Path | str, output: Path, **options: Any) -> tuple[list[Failure], Sequence[str | None]]:
    """The documents of a folder with the model of another, one sentence in each window."""
    settings: dict[str, Any] = {"window": 1} | options
    work: TranslationJob = settings.pop("job", None) or job(folder, Format.text)
    return translate_folder(work, input=TextInput(str(source)), output=TextOutput(str(output)), **settings)


def run_and_die(folder: Path, source: Path, output: Path, segment: int) -> None:
    def die(done: int) -> None:
        if done >= segment:
            os.kill(os.getpid(), signal.SIGKILL)

    run(folder, source, output, resume=True, progress=die)


@dataclass(frozen=True, kw_only=True)
class DeadlySegmentJob(SegmentJob):
    """Kills the process that is to translate the text `deadly`."""

    deadly: str

    def for_segments(self) -> DeadlySegmentJob:
        return self

    def translate(self, translator: Translator, window: LineWindow) -> str:
        if any(line.text == self.deadly for line in window.lines):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().translate(translator, window)
