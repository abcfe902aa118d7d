"""The translation of a column or a field as an offline job, for processes that are killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from nmt.files.places import TextInput, TextOutput
from nmt.offline.columns import Columns
from nmt.offline.formats import Format
from nmt.offline.run import translate_file
from support.offline_job import job


def run(folder: Path, name: str, output: Path, **options: Any) -> list[str | None]:
    place = TextInput(str(folder / name))
    is_table = name.endswith(".tsv")
    given = Columns.given(place, columns=("text",) if is_table else (), fields=() if is_table else ("doc.text",))
    settings: dict[str, Any] = {"window": 5, "columns": given} | options
    return translate_file(job(folder, Format.text), input=place, output=TextOutput(str(output)), **settings)


def run_and_die(folder: Path, name: str, output: Path, row: int) -> None:
    run(
        folder,
        name,
        output,
        resume=True,
        progress=lambda done: os.kill(os.getpid(), signal.SIGKILL) if done >= row else None,
    )
