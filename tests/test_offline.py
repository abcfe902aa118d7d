"""Files of many lines: killed at any moment and resumed, shared by processes that die, on disks that are full."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from nmt.checkpoint import ModelInfo, Training, save_model
from nmt.config import ModelConfig, SearchOptions
from nmt.errors import ConfigurationError, InputError, OfflineError
from nmt.model.seq2seq import Seq2Seq
from nmt.offline.formats import Format
from nmt.offline.job import Job, Window, windows
from nmt.offline.run import translate_file
from nmt.streams import Lines, count_lines
from nmt.text.tokenizer import train_tokenizer
from nmt.translator import Translator

WORDS = "eine alte Brücke über den Fluss wurde gestern früh wegen Hochwasser für drei Tage gesperrt".split()
SHAPE = ModelConfig(
    embedding_size=8,
    encoder_layers=1,
    encoder_hidden_size=8,
    decoder_layers=1,
    decoder_hidden_size=8,
    attention_size=8,
)
LINES, WINDOW = 601, 10
# Processes that start in no time: each is forked from one that has imported PyTorch and done nothing with it.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["nmt.offline.run"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real if untrained model, and text of many lengths, with empty lines, wrong bytes and carriage returns."""
    folder = tmp_path_factory.mktemp("offline")
    torch.manual_seed(5)
    tokenizer = train_tokenizer([" ".join(WORDS)], vocabulary_size=60, kind="bpe", character_coverage=1.0)
    training = Training(command="nmt train", updates=0, minutes=0.0, machine="", corpora={}, sentence_pairs=1)
    info = ModelInfo(
        name="tiny-de-en",
        source_language="de",
        target_language="en",
        description="Untrained, for tests",
        licence="Apache-2.0",
        model=SHAPE,
        training=training,
        scores=(),
    )
    model = Seq2Seq(SHAPE, vocabulary_size=tokenizer.vocabulary_size)
    save_model(folder / "model", model=model, tokenizer=tokenizer, info=info, card="# Tiny\n", storage="float32")
    generator = random.Random(6)
    lines = [" ".join(generator.choices(WORDS, k=generator.randrange(9))).encode() for _ in range(LINES)]
    lines[3], lines[70] = b"\xff wrong", b"Br\xc3\xbccke\r"
    (folder / "text").write_bytes(b"\n".join(lines))
    return folder


def job(folder: Path, form: Format = Format.tsv) -> Job:
    options = SearchOptions(beam_size=2, n_best=1 if form is Format.text else 2)
    return Job(model=folder / "model", options=options, form=form, batch_tokens=512, device="cpu", threads=1)


def run(job: Job, output: Path, **options: Any) -> str | None:
    return translate_file(job, input=str(job.model.parent / "text"), output=str(output), **{"window": WINDOW} | options)


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Format, bytes]:
    """What runs that nobody disturbs write."""
    output = tmp_path_factory.mktemp("expected") / "output"
    outputs = {}
    for form in Format:
        run(job(folder, form), output)
        outputs[form] = output.read_bytes()
    assert outputs[Format.text].count(b"\n") == outputs[Format.jsonl].count(b"\n") == LINES
    return outputs


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def stop_after(lines: int) -> Callable[[int], None]:
    return lambda done: stop() if done >= lines else None


# --- resume ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", Format)
def test_killed_at_ten_random_points_and_resumed_is_the_same_to_the_byte(
    folder: Path, tmp_path: Path, expected: dict[Format, bytes], form: Format
) -> None:
    output, journal = tmp_path / "output", tmp_path / ".output.partial.json"
    generator = random.Random()
    done = [0]
    for _ in range(10):
        before = journal.read_bytes() if journal.exists() else b""
        process = PROCESSES.Process(target=run, args=(job(folder, form), output), kwargs={"resume": True})
        process.start()
        while process.is_alive() and (not journal.exists() or journal.read_bytes() == before):
            time.sleep(0.001)  # so that the kill falls into translating and writing
        time.sleep(generator.uniform(0.0, 0.02))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        done.append(json.loads(journal.read_bytes())["lines"])
    assert all(first < second for first, second in pairwise(done))
    told: list[int] = []
    complaint = run(job(folder, form), output, resume=True, progress=told.append)
    assert output.read_bytes() == expected[form]
    assert told == [*range(done[-1], LINES, WINDOW), LINES]
    assert complaint is not None  # about a line that was read before the first kill
    assert "1 line was not valid UTF-8 (the first: line 4)" in complaint
    assert names(tmp_path) == ["output"]
