"""Training against formulas, against itself after a kill, and on tasks that a network of this kind must learn."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.precision import NEEDS_BFLOAT16
from support.sample import RECIPE, prepared, sample_recipe
from support.searching import search

import nmt.training.precision
from nmt.checkpoint.directory import load_model
from nmt.config.network import ModelConfig
from nmt.config.search import SearchOptions
from nmt.config.training import TrainingConfig
from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID
from nmt.corpus.batching import PairBatch, Position, TrainingText
from nmt.corpus.prepare import prepare
from nmt.errors import CorpusError, TrainingError
from nmt.model.build import build_seq2seq
from nmt.runtime.reference import ReferenceScorer
from nmt.training.build import build_trainer
from nmt.training.loss import label_smoothed_loss
from nmt.training.precision import choose_precision
from nmt.training.run import train
from nmt.training.schedule import learning_rate


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return prepared(tmp_path)


# --- loss and schedule -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_label_smoothing_is_its_formula(smoothing: float) -> None:
    torch.manual_seed(0)
    logits = torch.randn(6, 9, dtype=torch.float64, requires_grad=True)
    target = torch.randint(9, (6,))
    loss, likelihood = label_smoothed_loss(logits, target, smoothing=smoothing)
    expected = 0.0
    for row, token in zip(logits.tolist(), target.tolist(), strict=True):
        normaliser = math.log(sum(math.exp(value) for value in row))
        for index, value in enumerate(row):
            wanted = smoothing / 9 + (1.0 - smoothing) * (index == token)
            expected -= wanted * (value - normaliser)
    assert loss.item() == pytest.approx(expected)
    plain = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
    assert likelihood.item() == pytest.approx(plain.item())
    assert torch.autograd.gradcheck(lambda x: label_smoothed_loss(x, target, smoothing=smoothing)[0], (logits,))


def test_the_loss_of_logits_in_half_precision_is_computed_in_single() -> None:
    torch.manual_seed(0)
    logits = (20.0 * torch.randn(200, 50)).bfloat16().requires_grad_()
    target = torch.randint(50, (200,))  # some of them as good as impossible
    exact = logits.detach().double().requires_grad_()
    loss, likelihood = label_smoothed_loss(logits, target, smoothing=0.1)
    expected = torch.nn.functional.cross_entropy(exact, target, reduction="sum", label_smoothing=0.1)
    torch.autograd.backward((loss / 7, expected / 7))
    assert loss.dtype == likelihood.dtype == torch.float32
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert logits.grad is not None
    assert exact.grad is not None
    torch.testing.assert_close(logits.grad.double(), exact.grad, rtol=0.01, atol=1e-4)


def test_schedules() -> None:
    def rates(schedule: str) -> list[float]:
        config = TrainingConfig(schedule=schedule, learning_rate=1.0, warmup_updates=10, max_updates=100)  # type: ignore[arg-type]
        return [learning_rate(config, update) for update in range(1, 101)]

    for schedule in ("constant", "linear", "cosine", "inverse-sqrt"):
        assert rates(schedule)[:10] == pytest.approx([update / 10 for update in range(1, 11)])
    assert rates("constant")[10:] == [1.0] * 90
    assert rates("linear")[-1] == pytest.approx(1 / 91)
    assert np.diff(rates("linear")[10:]) == pytest.approx([-1 / 91] * 89)
    assert rates("cosine")[-1] == pytest.approx(0.5 * (1 + math.cos(math.pi * 90 / 91)))
    assert rates("inverse-sqrt")[39] == pytest.approx(0.5)


# --- batches -----------------------------------------------------------------------------------------------------------


def test_an_epoch_holds_every_pair_once_within_the_budget(directory: Path) -> None:
    text = TrainingText(directory / "prepared", batch_tokens=200, seed=5)
    for epoch in range(2):
        plan = text.plan(epoch)
        assert sorted(np.concatenate(plan).tolist()) == list(range(len(text)))
        for members in plan:
            batch = text.collate(members, Position())
            assert batch.source.numel() + batch.prefix.numel() <= 200 or len(members) == 1
    assert [members.tolist() for members in text.plan(0)] != [members.tolist() for members in text.plan(1)]


def test_less_is_padding_where_sources_go_up_and_down_in_turn(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def padding_share() -> float:
        return TrainingText(directory / "prepared", batch_tokens=512, seed=5).padding_share()

    def upwards(sources: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.lexsort((sources, targets))

    in_turn = padding_share()
    monkeypatch.setattr("nmt.corpus.batching._by_length", upwards)
    assert in_turn < padding_share()


def test_batches_are_the_text(directory: Path) -> None:
    text = TrainingText(directory / "prepared", batch_tokens=100, seed=1)
    members = text.plan(0)[0]
    batch = text.collate(members, Position())
    for row, member in enumerate(members.tolist()):
        source, target = text.source[member], text.target[member]
        assert batch.source[row].tolist() == source + [PADDING_ID] * (batch.source.shape[1] - len(source))
        assert batch.lengths[row] == len(source)
        padding = [PADDING_ID] * (batch.target.shape[1] - len(target) - 1)
        assert batch.prefix[row].tolist() == [BEGIN_ID, *target, *padding]
        assert batch.target[row].tolist() == [*target, END_ID, *padding]


@settings(max_examples=15)
@given(taken=st.integers(0, 60))
def test_batches_go_on_from_any_position(prepared_once: Path, taken: int) -> None:
    text = TrainingText(prepared_once, batch_tokens=200, seed=5)
    stream = text.batches(Position())
    position = Position()
    for _ in range(taken):
        _, position = next(stream)
    expected, _ = next(stream)
    resumed, _ = next(TrainingText(prepared_once, batch_tokens=200, seed=5).batches(position))
    assert torch.equal(expected.source, resumed.source)
    assert torch.equal(expected.target, resumed.target)


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once") / "prepared"
    prepare(sample_recipe(), corpora=RECIPE.parent, output=folder)
    return folder


def test_text_that_is_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="run `nmt prepare`"):
        train(sample_recipe(), name="sample-de-en", directory=tmp_path, resume=False, device="cpu")


# --- learning ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("wiring", ["gnmt", "input-feeding"])
@pytest.mark.parametrize("task", ["copy", "reverse"])
def test_a_small_network_learns_to_copy_and_to_reverse(task: str, wiring: str) -> None:
    torch.manual_seed(4)
    config = ModelConfig(
        embedding_size=32,
        encoder_layers=1,
        encoder_hidden_size=48,
        decoder_layers=1,
        decoder_hidden_size=48,
        wiring=wiring,  # type: ignore[arg-type]
        dropout=0.0,
        embedding_dropout=0.0,
        output_dropout=0.0,
    )
    generator = random.Random(1)

    def pairs(count: int) -> list[tuple[list[int], list[int]]]:
        sources = [[generator.randrange(4, 14) for _ in range(generator.randint(2, 6))] for _ in range(count)]
        return [(source, source if task == "copy" else source[::-1]) for source in sources]

    model = build_seq2seq(config, vocabulary_size=14)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)
    for update in range(350):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - update / 350)
        batch = PairBatch.of(pairs(48))
        logits, _ = model(batch.source, batch.lengths, batch.prefix)
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch.target, ignore_index=PADDING_ID)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    unseen = pairs(100)
    batch = PairBatch.of(unseen)
    found = search(ReferenceScorer(model.eval()), batch.source, batch.lengths, SearchOptions(beam_size=3))
    right = sum(candidates[0].tokens == target for candidates, (_, target) in zip(found, unseen, strict=True))
    assert right >= 95


@pytest.mark.slow
def test_the_sample_recipe_learns(directory: Path) -> None:
    changes = ["training.max_updates=300", "training.validate_every=150", "preparation.test={held-out: [{path: valid.tsv}]}"]
    recipe = sample_recipe(changes)
    prepare(recipe, corpora=RECIPE.parent, output=directory / "prepared")
    info = train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    log = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
    losses = [entry["loss"] for entry in log if entry["kind"] == "training"]
    assert losses[-1] < 0.5 * losses[0]
    validations = [entry for entry in log if entry["kind"] == "validation"]
    assert [entry["update"] for entry in validations] == [150, 300]
    assert validations[-1]["bleu"] > 20.0
    assert info.training.updates == 300
    assert [score.test_set for score in info.scores] == ["validation text, first 40 sentences", "held-out"]
    assert info.scores[0].value == info.scores[1].value > 20.0  # here the same text
    assert "held-out" in (directory / "README.md").read_text()
    first = next(entry for entry in log if entry["kind"] == "training")
    assert {"tokens_per_second", "machine_share", "gradient_norm", "learning_rate"} <= first.keys()


def test_patience_ends_training(directory: Path) -> None:
    changes = ["training.patience=2", "training.validate_every=5", "training.learning_rate=1.0e-12"]
    recipe = sample_recipe(changes)
    info = train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    assert info.training.updates == 5  # the first is the best, then two are not better
    assert torch.load(directory / "training" / "state.pt", weights_only=True)["progress"]["update"] == 15
    assert load_model(directory, device=torch.device("cpu")).shortlist is not None


# --- precision ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("multiplies_it", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_auto_is_half_precision_where_the_hardware_has_it(
    multiplies_it: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: multiplies_it)
    monkeypatch.setattr(nmt.training.precision, "cpu_has_bfloat16", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (8, 0) if multiplies_it else (7, 5))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Some GPU")
    for device in (torch.device("cpu"), torch.device("cuda")):
        assert choose_precision("auto", device) == expected
        assert choose_precision("float32", device) == "float32"
    assert choose_precision("bfloat16", torch.device("cpu")) == "bfloat16"  # slowly, where it is emulated
    if not multiplies_it:
        with pytest.raises(TrainingError, match=r"training\.precision: Some GPU has no bfloat16; use auto or float32"):
            choose_precision("bfloat16", torch.device("cuda"))
        monkeypatch.setattr(nmt.training.precision, "cpu_has_bfloat16", lambda: False)
        with pytest.raises(TrainingError, match=r"training\.precision: this processor has no bfloat16; use auto or float32"):
            choose_precision("bfloat16", torch.device("cpu"))


@NEEDS_BFLOAT16
def test_half_precision_takes_nearly_the_same_step(directory: Path) -> None:
    changes = ["model.dropout=0", "model.embedding_dropout=0", "model.output_dropout=0"]
    gradients = {}
    for precision in ("float32", "bfloat16"):
        recipe = sample_recipe([*changes, f"training.precision={precision}"])
        trainer = build_trainer(recipe, name="sample-de-en", directory=directory, device=torch.device("cpu"))
        network = trainer.network.train()
        batch, _ = next(trainer.text.batches(Position()))
        loss, _, _, _ = trainer.update.objective(network, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        gradients[precision] = torch.cat([weight.grad.flatten() for weight in network.parameters()])  # type: ignore[union-attr]
    assert gradients["bfloat16"].dtype == torch.float32
    assert not torch.equal(gradients["float32"], gradients["bfloat16"])
    assert torch.nn.functional.cosine_similarity(gradients["float32"], gradients["bfloat16"], dim=0) > 0.999
