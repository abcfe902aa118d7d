"""Measuring: that what is measured is the real work, counted right, and that figures fit each other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.command import error_of, nmt
from support.untrained import small, write_model

from nmt.bench import run as bench
from nmt.bench.machine import peak_memory, this_machine
from nmt.bench.plan import SAMPLE, BenchmarkPlan, Setting, batches_of, read_sentences
from nmt.bench.report import MachineLimits, ProductSpeed, Run, summarise
from nmt.bench.worker import vocabulary_share
from nmt.checkpoint.directory import load_model
from nmt.config.search import SearchOptions
from nmt.errors import BenchmarkError, ConfigurationError, InputError
from nmt.model.shortlist import Shortlist
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.translator import Translator

WORDS = ["der", "Zug", "nach", "Norden", "fährt", "heute", "leider", "etwas", "später", "ab"]
SENTENCES = [" ".join(WORDS[: 1 + 3 * number % 10]) for number in range(11)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bench") / "tiny-de-en"
    tokenizer = train_tokenizer([" ".join(WORDS)], vocabulary_size=60, kind="bpe", character_coverage=1.0)
    write_model(directory, tokenizer=tokenizer, shape=small(8), seed=4)
    return directory


@pytest.mark.slow
def test_two_processes_do_the_work_of_one_translator(model: Path) -> None:
    setting = Setting(beam_size=2, batch_size=3, workers=2, threads=1, device="cpu")
    run = bench.measure(str(model), setting, SENTENCES)

    translator = Translator.load(model, device="cpu", threads=1)
    expected = translator.translate_sentences(SENTENCES, SearchOptions(beam_size=2))
    assert run.translations == tuple(one.text for one in expected)
    assert run.source_tokens == sum(len(one.source_tokens) for one in expected)
    assert run.target_tokens == sum(len(one.hypotheses[0].tokens) + 1 for one in expected)
    assert len(run.latencies) == 4  # batches
    assert 0 < max(run.latencies) <= run.seconds <= sum(run.latencies) + run.process_seconds
    assert 0 < run.torch_import_seconds + run.load_seconds < run.first_translation_seconds < run.process_seconds
    assert run.threads == 1
    assert run.peak_memory_bytes > 100 * 2**20  # two processes with PyTorch


@pytest.mark.slow
def test_the_command_reports_every_setting_and_the_limits(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("\n".join(["", *SENTENCES, " "]), encoding="utf-8")
    shown = nmt(
        *("bench", "--model", model, "--input", tmp_path / "text", "--beam-size", 2, "--batch-size", 4, "--batch-size", 1),
        *("--threads", 1, "--device", "cpu", "--repeat", 1, "--json", tmp_path / "report.json"),
    ).stdout.decode()
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())

    limits = report["limits"]
    assert [product["shape"] for product in limits["products"]] == [[2, 16, 32], [8, 16, 32]]  # hypotheses, 2 H, 4 H
    assert all(product["fp32"] > 0 for product in limits["products"])
    assert limits["copy_bytes_per_second"] > 1e8
    assert 0 < limits["launch_seconds"] < 1e-2
    assert [result["setting"]["batch_size"] for result in report["results"]] == [4, 1]
    for result in report["results"]:
        assert result["sentences"] == len(SENTENCES)
        assert result["target_tokens"] >= result["sentences"]
        assert result["sentences_per_second"] == pytest.approx(result["sentences"] / result["seconds"])
        assert 0 < result["own_start_seconds"] <= result["first_translation_seconds"]
        assert result["product_share"]["fp32"] > 0
        assert 0 < result["peak_memory_bytes"] < report["machine"]["memory_bytes"]
    batched, single = report["results"]
    assert batched["latency_seconds"] is None
    assert 0 < single["latency_seconds"]["p50"] <= single["latency_seconds"]["p90"] <= single["latency_seconds"]["p99"]
    for result in report["results"]:
        assert f"{result['sentences_per_second']:.1f}" in shown


def fake(seconds: float, latencies: list[float]) -> Run:
    return Run(
        seconds=seconds,
        process_seconds=9.0,
        latencies=tuple(latencies),
        source_tokens=30,
        target_tokens=40,
        torch_import_seconds=2.0,
        load_seconds=0.5,
        first_translation_seconds=3.0,
        peak_memory_bytes=1000,
        peak_gpu_memory_bytes=0,
        threads=1,
        runtime="reference",
        complaint="slow",
        translations=("a",) * 100,
    )


def test_medians_percentiles_and_shares_by_hand() -> None:
    latencies = [number / 1000 for number in range(100, 0, -1)]  # 100 ms, ..., 1 ms
    runs = [fake(4.0, latencies), fake(2.0, latencies), fake(5.0, [2 * latency for latency in latencies])]
    products = (ProductSpeed((5, 8, 16), 10.0, None, 40.0), ProductSpeed((64, 8, 16), 99.0, None, 99.0))
    result = summarise(
        Setting(beam_size=5, batch_size=1),
        runs,
        20.0,
        MachineLimits("cpu", products, copy_bytes_per_second=1.0, launch_seconds=1.0),
    )
    assert (result.seconds, result.sentences_per_second, result.target_tokens_per_second) == (4.0, 25.0, 10.0)
    assert result.latency_seconds == {"p50": 0.050, "p90": 0.090, "p99": 0.099}
    assert result.flops_per_second == 5.0
    assert result.product_share == {"fp32": 0.5, "int8": 0.125}
    assert result.own_start_seconds == 1.0
    assert result.complaint == "slow"


def test_batches_hold_every_sentence_once_and_like_lengths() -> None:
    batches = batches_of(SENTENCES, 3)
    assert sorted(number for batch in batches for number in batch) == list(range(len(SENTENCES)))
    assert [len(batch) for batch in batches] == [3, 3, 3, 2]
    lengths = [len(SENTENCES[number]) for batch in batches for number in batch]
    assert lengths == sorted(lengths, reverse=True)
    assert batches_of(SENTENCES, 1) == [[number] for number in range(len(SENTENCES))]


def test_memory_is_what_this_process_had() -> None:
    before = peak_memory()
    block = torch.ones(64 * 2**20, dtype=torch.uint8)
    assert peak_memory() >= before
    assert len(block) < peak_memory() < this_machine().memory_bytes


def test_the_sample_is_the_text_of_the_sample_recipe() -> None:
    """A package that is installed has no data/, and measures with the same sentences."""
    assert SAMPLE.read_bytes() == (Path(__file__).parents[2] / "data/sample-de-en/train.tsv").read_bytes()


def test_the_sample_is_in_the_language_of_the_model(model: Path, tmp_path: Path) -> None:
    assert len(read_sentences(model, None)) > 100
    (tmp_path / "config.yaml").write_text("source_language: fi\n")
    with pytest.raises(InputError, match="'fi' here; name a file with --input"):
        read_sentences(tmp_path, None)


def test_a_process_that_dies_is_said_to_have_died(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.sys, "executable", "false")
    with pytest.raises(BenchmarkError, match="ended with status 1 before it was ready"):
        bench.measure(str(model), Setting(beam_size=1, batch_size=1), SENTENCES)


def test_more_workers_than_batches_is_refused(model: Path) -> None:
    with pytest.raises(ConfigurationError, match="3 workers have not enough to do: 11 sentences are 2 batches of 8"):
        bench.measure(str(model), Setting(beam_size=1, batch_size=8, workers=3), SENTENCES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--beam-size", 0], "beam_size"),
        (["--input", "{folder}/empty"], "empty has no text"),
        (["--input", "{folder}/missing"], "missing: cannot be read"),
        (["--input", "{folder}/text", "--model", "{folder}/nowhere"], "nowhere"),
        (["--input", "{folder}/text", "--json", "{folder}/nowhere/report"], "nowhere/report"),
    ],
)
def test_a_mistake_is_one_line(model: Path, tmp_path: Path, arguments: list[object], message: str) -> None:
    (tmp_path / "empty").write_text("\n\n")
    (tmp_path / "text").write_text("Guten Tag\n")
    given = [str(argument).format(folder=tmp_path) for argument in arguments]
    assert message in error_of("bench", *([] if "--model" in given else ["--model", model]), *given)


def test_a_plan_is_every_beam_with_every_batch_once() -> None:
    plan = BenchmarkPlan(
        model=Path("m"),
        beam_sizes=(5, 1, 5),
        batch_sizes=(64, 1),
        runtimes=("int8", "reference"),
        workers=1,
        threads=None,
        device="cpu",
        repeat=1,
    )
    four = [(5, 64), (5, 1), (1, 64), (1, 1)]
    settings = [(one.runtime, one.beam_size, one.batch_size) for one in plan.settings]
    assert settings == [(runtime, *sizes) for runtime in ("int8", "reference") for sizes in four]


def test_a_shortlist_leaves_its_share_of_the_vocabulary(model: Path) -> None:
    loaded = load_model(model, device=torch.device("cpu"))
    size = loaded.tokenizer.vocabulary_size
    common = np.array([0, 1, 2, 3, 7, 9])
    translations = np.array([[token, (5 * token) % size] for token in range(size)])
    shortlist = Shortlist.build(common=common, translations=translations)
    expected = tokens = 0
    for sentence in SENTENCES:
        source = loaded.tokenizer.encode(sentence)
        own = {*common.tolist(), *(number for token in source for number in (token, 5 * token % size))}
        expected, tokens = expected + len(own) * len(source), tokens + len(source)
    found = vocabulary_share(replace(loaded, shortlist=shortlist), ["", *SENTENCES])
    assert found == pytest.approx(expected / tokens / size)
    assert vocabulary_share(loaded, SENTENCES) == 1.0
