"""What an update does to gradients, weights and their average, against formulas computed apart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.sample import prepared, sample_recipe
from torch import nn

from nmt.corpus.batching import Position
from nmt.errors import TrainingError
from nmt.training.average import MovingAverage
from nmt.training.build import build_trainer
from nmt.training.sums import has_diverged, perplexity
from nmt.training.update import Update

PLAIN = ["training.precision=float32", "model.dropout=0", "model.embedding_dropout=0", "model.output_dropout=0"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return prepared(tmp_path)


# --- gradient clipping -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip_norm", [1e-3, 0.5, 1e9])
def test_gradients_are_scaled_down_to_the_norm_and_never_up(clip_norm: float, directory: Path) -> None:
    """Pascanu et al. 2013, algorithm 1: where the 2-norm of all gradients together is larger, each is divided by norm/c."""
    recipe = sample_recipe([*PLAIN, f"training.clip_norm={clip_norm}"])
    trainer = build_trainer(recipe, name="s", directory=directory, device=torch.device("cpu"))
    batch, _ = next(trainer.text.batches(Position()))
    network = trainer.network.train()
    loss, _, tokens, _ = trainer.update.objective(network, batch)
    (loss / tokens).backward()
    plain = [weight.grad.double().numpy().copy() for weight in network.parameters() if weight.grad is not None]
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in plain))
    assert 1e-2 < norm < 1e3
    network.zero_grad()

    computed = trainer.update._gradients([batch], 1)
    assert computed is not None
    sums, _ = computed
    assert sums.gradient_norm == pytest.approx(norm, rel=1e-5)  # as it was before
    clipped = [weight.grad.double().numpy() for weight in network.parameters() if weight.grad is not None]
    for found, gradient in zip(clipped, plain, strict=True):
        np.testing.assert_allclose(found, gradient * min(1.0, clip_norm / norm), rtol=1e-4, atol=1e-9)
    assert math.sqrt(sum(float((gradient**2).sum()) for gradient in clipped)) <= clip_norm * (1.0 + 1e-5)


def test_the_weights_take_the_step_of_the_clipped_gradient(directory: Path) -> None:
    """The first step of AdamW (Loshchilov and Hutter 2019, algorithm 2) is rate · g / (|g| + 1e-8), whatever the norm.

    So it tells a gradient that is too small by its epsilon: with a norm of 1e-7 in all, most weights move by far less.
    """
    rate, clip_norm = 0.01, 1e-7
    recipe = sample_recipe([*PLAIN, f"training.clip_norm={clip_norm}"])
    trainer = build_trainer(recipe, name="s", directory=directory, device=torch.device("cpu"))
    batch, _ = next(trainer.text.batches(Position()))
    before = [weight.detach().double().numpy().copy() for weight in trainer.network.parameters()]
    loss, _, tokens, _ = trainer.update.objective(trainer.network.train(), batch)
    (loss / tokens).backward()
    gradients = [weight.grad.double().numpy().copy() for weight in trainer.network.parameters() if weight.grad is not None]
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    trainer.network.zero_grad()
    trainer.update([batch], rate=rate, parts=1)
    for weight, old, gradient in zip(trainer.network.parameters(), before, gradients, strict=True):
        clipped = gradient * clip_norm / norm
        expected = old - rate * clipped / (np.abs(clipped) + 1e-8)
        np.testing.assert_allclose(weight.detach().double().numpy(), expected, rtol=1e-4, atol=1e-6)


# --- the moving average ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.999])
def test_the_average_is_its_recurrence_from_the_first_update_on(decay: float) -> None:
    generator = np.random.default_rng(1)
    network = nn.Linear(3, 2)
    with torch.no_grad():
        network.weight.copy_(torch.tensor(generator.normal(size=(2, 3))))
    average = MovingAverage(network, decay=decay)
    expected = network.weight.detach().double().numpy().copy()
    for update in range(1, 41):
        weights = generator.normal(size=(2, 3))
        with torch.no_grad():
            network.weight.copy_(torch.tensor(weights))
        average.add(network, update=update)
        share = min(decay, (1.0 + update) / (10.0 + update))
        expected = share * expected + (1.0 - share) * weights.astype(np.float32)
        np.testing.assert_allclose(average.network.weight.double().numpy(), expected, rtol=1e-5, atol=1e-6)
    assert not average.network.training
    assert not any(weight.requires_grad for weight in average.network.parameters())


def test_a_run_validates_and_saves_that_average(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recomputed in float64 from the weights after each update, through a whole run of the sample."""
    changes = ["training.max_updates=12", "training.validate_every=12", "training.validation_sentences=2"]
    recipe = sample_recipe([*changes, "training.average_decay=0.6"])
    trainer = build_trainer(recipe, name="s", directory=directory, device=torch.device("cpu"))
    weights = [[weight.detach().double().numpy().copy() for weight in trainer.network.parameters()]]
    make = Update.__call__

    def recorded(*arguments: Any, **options: Any) -> object:
        sums = make(*arguments, **options)
        weights.append([weight.detach().double().numpy().copy() for weight in trainer.network.parameters()])
        return sums

    monkeypatch.setattr(Update, "__call__", recorded)
    trainer.run(resume=False)
    assert len(weights) == 13
    expected, *later = weights
    for update, current in enumerate(later, start=1):
        share = min(0.6, (1.0 + update) / (10.0 + update))
        expected = [share * old + (1.0 - share) * new for old, new in zip(expected, current, strict=True)]
    saved = trainer.task.load(directory, torch.device("cpu"))
    for found, wanted in zip(saved.parameters(), expected, strict=True):
        np.testing.assert_allclose(found.double().numpy(), wanted, rtol=1e-4, atol=1e-6)


# --- perplexity and divergence -----------------------------------------------------------------------------------------


def test_perplexity_is_the_exponential_of_nats_per_token() -> None:
    assert perplexity(6.0 * math.log(7.0), 6) == pytest.approx(7.0)
    assert perplexity(0.0, 0) == 1.0
    assert perplexity(1e9, 3) == pytest.approx(math.exp(50.0))


def test_twice_the_nats_of_chance_is_divergence() -> None:
    chance = 10 * math.log(500)  # ten tokens, each of 500
    assert not has_diverged(1.99 * chance, 10, vocabulary_size=500)
    assert has_diverged(2.01 * chance, 10, vocabulary_size=500)
    assert not has_diverged(0.0, 0, vocabulary_size=500)
    assert has_diverged(math.nan, 10, vocabulary_size=500)


@pytest.mark.parametrize("lost", [math.nan, math.inf, 1e30])
def test_weights_that_are_lost_are_no_fault_of_a_sentence(lost: float, directory: Path) -> None:
    """An update may lose them after its own text was read, and before any log line: validation then is the first to know."""
    trainer = build_trainer(sample_recipe(PLAIN), name="s", directory=directory, device=torch.device("cpu"))
    with torch.no_grad():
        for weight in trainer.average.network.parameters():
            weight.copy_(lost * torch.sign(torch.randn(weight.shape)))
    with pytest.raises(
        TrainingError,
        match=r"^training has diverged: perplexity 5\.2e\+21 on validation text, first 40 sentences, .*: lower training",
    ):
        trainer.validator(trainer.average.network, trainer.valid)
