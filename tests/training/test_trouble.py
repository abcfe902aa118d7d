"""What training does when memory is short, numbers are not finite, or the text is odd."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from support.sample import prepared, sample_recipe
from torch import Tensor

from nmt.config.recipe import Recipe
from nmt.corpus.batching import PairBatch, Position
from nmt.errors import TrainingError
from nmt.training.build import build_trainer
from nmt.training.objective import BatchLoss, Objective
from nmt.training.run import train
from nmt.training.update import is_out_of_memory

SHORT = [
    "training.max_updates=8",
    "training.validate_every=8",
    "training.checkpoint_every=3",
    "training.validation_sentences=4",
]
PLAIN = [*SHORT, "training.precision=float32", "model.dropout=0", "model.embedding_dropout=0", "model.output_dropout=0"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return prepared(tmp_path / "run")


def run(recipe: Recipe, directory: Path, *, resume: bool = False) -> dict[str, Tensor]:
    """The weights that training ends with."""
    train(recipe, name="sample-de-en", directory=directory, resume=resume, device="cpu")
    weights: dict[str, Tensor] = torch.load(directory / "training" / "state.pt", weights_only=True)["model"]
    return weights


def progress(directory: Path) -> dict[str, Any]:
    values: dict[str, Any] = torch.load(directory / "training" / "state.pt", weights_only=True)["progress"]
    return values


def replace_loss(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[int, PairBatch, Callable[[], BatchLoss]], BatchLoss]
) -> None:
    """`change` is called for each batch trained on, with its number from 1 and what computes its loss."""
    loss, numbers = Objective.__call__, itertools.count(1)

    def changed(self: Objective, network: Any, batch: PairBatch, *carried: Any) -> BatchLoss:
        if not network.training:
            return loss(self, network, batch, *carried)
        return change(next(numbers), batch, lambda: loss(self, network, batch, *carried))

    monkeypatch.setattr(Objective, "__call__", changed)


# --- accumulation and memory -------------------------------------------------------------------------------------------


def test_a_split_batch_is_the_batch() -> None:
    generator = random.Random(1)
    pairs = [([7] * generator.randint(1, 9), [8] * generator.randint(0, 9)) for _ in range(11)]
    for parts in (1, 2, 4, 11, 20):
        split = PairBatch.of(pairs).split(parts)
        assert len(split) == min(parts, 11)
        rows = [row for part in split for row in zip(part.lengths, part.source, part.prefix, part.target, strict=True)]
        for (source, target), (length, *row) in zip(pairs, rows, strict=True):
            assert length == len(source)
            alone = PairBatch.of([(source, target)])
            for padded, expected in zip(row, (alone.source[0], alone.prefix[0], alone.target[0]), strict=True):
                assert padded[: len(expected)].equal(expected)
                assert not padded[len(expected) :].any()
        for part in split:
            assert (part.target != 0).any(dim=0).all()  # no column of padding alone
            assert (part.source != 0).any(dim=0).all()


def test_accumulated_gradients_are_those_of_the_mean_over_all_batches(directory: Path) -> None:
    recipe = sample_recipe([*PLAIN, "training.clip_norm=1.0e9"])
    trainer = build_trainer(recipe, name="s", directory=directory, device=torch.device("cpu"))
    stream = trainer.text.batches(Position())
    batches = [next(stream)[0] for _ in range(3)]
    computed = trainer.update._gradients(batches, 1)
    gradients = [weight.grad.clone() for weight in trainer.network.parameters()]  # type: ignore[union-attr]
    trainer.optimizer.zero_grad()
    losses = [trainer.update.objective(trainer.network, batch) for batch in batches]
    tokens = sum(found.tokens for found in losses)
    (sum(found.loss for found in losses) / tokens).backward()  # type: ignore[union-attr, no-untyped-call]
    for accumulated, weight in zip(gradients, trainer.network.parameters(), strict=True):
        torch.testing.assert_close(accumulated, weight.grad)
    assert computed is not None
    sums, _ = computed
    assert sums.tokens == tokens
    assert sums.losses == pytest.approx([found.loss.item() for found in losses])


def test_short_memory_makes_parts_smaller_and_changes_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = sample_recipe(PLAIN)
    expected = run(recipe, prepared(tmp_path / "plenty"))

    def no_memory_for_many(_: int, batch: PairBatch, loss: Callable[[], BatchLoss]) -> BatchLoss:
        sums = loss()
        if len(batch.lengths) > 6:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 more byte")
        return sums

    replace_loss(monkeypatch, no_memory_for_many)
    capsys.readouterr()
    found = run(recipe, prepared(tmp_path / "little"))
    said = [line for line in capsys.readouterr().err.splitlines() if "out of memory" in line]
    assert 1 <= len(said) <= 2  # once for each time that the parts had to become smaller
    parts = progress(tmp_path / "little")["parts"]
    assert parts >= 4
    assert f"each batch is computed in {parts} parts" in said[-1]
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, rtol=1e-3, atol=1e-4)
    # The next run knows.
    run(sample_recipe([*PLAIN, "training.max_updates=10"]), tmp_path / "little", resume=True)
    assert "out of memory" not in capsys.readouterr().err


def test_no_memory_for_a_single_pair(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(_: int, __: PairBatch, ___: Callable[[], BatchLoss]) -> BatchLoss:
        raise MemoryError

    replace_loss(monkeypatch, no_memory)
    with pytest.raises(TrainingError, match=r"out of memory with one sentence pair at a time on cpu; .* untouched"):
        run(sample_recipe(SHORT), directory)


def test_what_an_allocation_that_fails_raises_is_known() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**50)
    assert is_out_of_memory(raised.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


# --- numbers that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoilt", ["loss", "gradient"])
def test_a_bad_batch_is_left_out_and_named(
    spoilt: str, directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sometimes_bad(update: int, _: PairBatch, loss: Callable[[], BatchLoss]) -> BatchLoss:
        sums = loss()
        if update in (2, 5, 6):
            if spoilt == "loss":
                return sums._replace(loss=sums.loss * torch.nan)
            sums.loss.register_hook(lambda gradient: gradient * torch.inf)
        return sums

    replace_loss(monkeypatch, sometimes_bad)
    weights = run(sample_recipe(SHORT), directory)
    assert all(weight.isfinite().all() for weight in weights.values())
    assert progress(directory)["skipped"] == 3
    assert progress(directory)["skipped_in_a_row"] == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "not finite" in line]
    assert [line.split(":")[0] for line in said] == ["update 2", "update 5", "update 6"]
    trainer = build_trainer(sample_recipe(SHORT), name="s", directory=directory, device=torch.device("cpu"))
    second = trainer.text.plan(0)[1] + 1
    assert f"the {spoilt} is not finite" in said[0]
    assert f"lines {', '.join(map(str, sorted(second)[:10]))}" in said[0]


def test_too_many_bad_batches_end_training_and_spoil_nothing(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(sample_recipe(SHORT), directory)
    files = [path for path in directory.rglob("*") if path.is_file() and path.name not in ("log.jsonl", "report.html")]
    before = {path: path.read_bytes() for path in files}

    def bad(_: int, __: PairBatch, loss: Callable[[], BatchLoss]) -> BatchLoss:
        sums = loss()
        return sums._replace(loss=sums.loss * torch.inf)

    replace_loss(monkeypatch, bad)
    longer = [*SHORT, "training.max_updates=30", "training.checkpoint_every=100", "training.validate_every=100"]
    with pytest.raises(
        TrainingError, match=r"update 13: the loss is not finite, for the 5th time .*\(batch: lines \d+, .* of"
    ):
        run(sample_recipe(longer), directory, resume=True)
    assert {path: path.read_bytes() for path in files} == before


# --- odd text ----------------------------------------------------------------------------------------------------------


def test_a_corpus_smaller_than_a_batch(directory: Path) -> None:
    run(sample_recipe([*SHORT, "training.batch_tokens=1000000", "training.accumulate=2"]), directory)
    assert progress(directory)["position"] == {"epoch": 16, "batch": 0}


def test_validation_text_that_tokenises_to_nothing(directory: Path) -> None:
    for side in ("source", "target"):
        (directory / "prepared" / f"valid.{side}").write_text(" \n\nIch bin da.\n", encoding="utf-8")
    run(sample_recipe(SHORT), directory)
    log = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
    assert [entry["perplexity"] > 1.0 for entry in log if entry["kind"] == "validation"] == [True]
    for side in ("source", "target"):
        (directory / "prepared" / f"valid.{side}").write_text(" \n\n", encoding="utf-8")
    run(sample_recipe([*SHORT, "training.max_updates=9"]), directory, resume=True)
