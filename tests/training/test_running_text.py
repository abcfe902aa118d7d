"""Language models of running text: windows, truncated backpropagation through time, and the penalties of AWD-LSTM."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from nmt.checkpoint.directory import load_language_model
from nmt.config.network import LanguageModelConfig
from nmt.config.recipe import LanguageModelRecipe, read_recipe
from nmt.config.vocabulary import BEGIN_ID, END_ID, PADDING_ID
from nmt.corpus.batching import PairBatch, Position
from nmt.corpus.prepare import prepare
from nmt.corpus.running import RunningText, windows
from nmt.errors import ConfigurationError, CorpusError
from nmt.model.build import build_language_model
from nmt.model.language_model import LanguageModel
from nmt.text.tokenizer import Tokenizer
from nmt.training.build import build_trainer
from nmt.training.loss import activation_penalty
from nmt.training.run import train
from nmt.training.trainer import Trainer

CPU = torch.device("cpu")
# Lines that a preparation of sentences would drop: empty ones, and the same again.
LINES = ["the cat sat", "", "the dog sat on the mat", "the cat sat", " and then ", "it rained"] * 6
RECIPE: dict[str, Any] = {
    "kind": "language-model",
    "language": "en",
    "description": "a few lines",
    "licence": "Apache-2.0",
    "preparation": {
        "running_text": True,
        "tokenizer": "word",
        "train": [{"path": "train.txt"}],
        "valid": [{"path": "valid.txt"}],
        "test": {"again": [{"path": "valid.txt"}]},
    },
    "model": {"embedding_size": 8, "layers": 2, "hidden_size": 8, "dropout": 0.2},
    "training": {
        "batch_tokens": 20,
        "bptt": 5,
        "max_updates": 24,
        "label_smoothing": 0.0,
        "learning_rate": 0.02,
        "warmup_updates": 5,
        "average_decay": 0.9,
        "validate_every": 12,
        "checkpoint_every": 7,
        "precision": "float32",
    },
}
NO_DROPOUT = [f"model.{key}=0" for key in ("dropout", "embedding_dropout", "output_dropout")]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    folder = tmp_path / "lines-lm-en"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(yaml.safe_dump(RECIPE), encoding="utf-8")
    (folder / "train.txt").write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    (folder / "valid.txt").write_text("the mat sat\n\nit sat on the moon\n", encoding="utf-8")
    return folder / "recipe.yaml"


def prepared(recipe: Path, *settings: str) -> tuple[LanguageModelRecipe, Path]:
    """The recipe and the model directory with its prepared text."""
    read = read_recipe(recipe, settings)
    assert isinstance(read, LanguageModelRecipe)
    directory = recipe.parent / "model"
    if not (directory / "prepared").exists():
        prepare(read, corpora=recipe.parent, output=directory / "prepared")
    return read, directory


def stream_of(directory: Path) -> list[int]:
    tokenizer = Tokenizer.load(directory / "prepared" / "tokenizer.model")
    return [token for line in LINES for token in (*tokenizer.encode(line), END_ID)]


# --- text and windows ----------------------------------------------------------------------------------------------------


def test_each_line_of_running_text_is_kept_as_it_is(recipe: Path) -> None:
    _, directory = prepared(recipe)
    assert (directory / "prepared" / "train.target").read_text(encoding="utf-8").split("\n")[:-1] == LINES


@pytest.mark.parametrize(("lanes", "batches", "window", "variable"), [(1, 1, 7, False), (3, 2, 4, False), (2, 2, 9, True)])
def test_lanes_read_the_whole_stream_in_order(recipe: Path, lanes: int, batches: int, window: int, variable: bool) -> None:
    _, directory = prepared(recipe)
    stream = stream_of(directory)
    text = RunningText(directory / "prepared", lanes=lanes, batches=batches, window=window, variable=variable, seed=3)
    read: list[list[list[int]]] = [[[] for _ in range(lanes)] for _ in range(batches)]
    prefixes: list[list[list[int]]] = [[[] for _ in range(lanes)] for _ in range(batches)]
    position, first = Position(), True
    while position.epoch == 0:
        ((some, ends),) = [next(text.updates(position, size=batches))]
        for number, batch in enumerate(some):
            assert batch.continues is not first
            for lane in range(lanes):
                read[number][lane] += batch.target[lane].tolist()
                prefixes[number][lane] += batch.prefix[lane].tolist()
        position, first = ends[-1], False
    length = len(stream) // (lanes * batches)
    flat, inputs = ([lane for batch in some for lane in batch] for some in (read, prefixes))
    assert flat == [stream[start * length : (start + 1) * length] for start in range(lanes * batches)]
    # The model reads the token before; where a line has ended, it is at a beginning.
    before = [BEGIN_ID, *(BEGIN_ID if token == END_ID else token for token in stream)]
    assert inputs == [before[start * length : (start + 1) * length] for start in range(lanes * batches)]
    assert position == Position(epoch=1)


def test_drawn_windows_are_those_of_the_paper(recipe: Path) -> None:
    """Merity et al. 2018, section 5: N(70, 5), and with probability 0.05 N(35, 5); the rate follows the length."""
    _, directory = prepared(recipe)
    text = RunningText(directory / "prepared", lanes=1, batches=1, window=70, variable=True, seed=1)
    generator = np.random.default_rng(5)
    lengths = np.array([text._draw_length(generator) for _ in range(20_000)])
    long = lengths[lengths > 52.5]
    assert 1.0 - len(long) / len(lengths) == pytest.approx(0.05, abs=0.006)
    assert long.mean() + 0.5 == pytest.approx(70.0, abs=0.2)  # they are cut to whole numbers
    assert long.std() == pytest.approx(5.0, abs=0.2)
    assert lengths[lengths <= 52.5].mean() + 0.5 == pytest.approx(35.0, abs=0.8)
    (batch,), _ = next(text.updates(Position(), size=1))
    assert batch.rate_factor == pytest.approx(batch.target.shape[1] / 70)


def test_the_learning_rate_follows_the_length_of_the_window(recipe: Path) -> None:
    settings, directory = prepared(recipe, "training.variable_bptt=true", "training.bptt=12", "training.warmup_updates=0")
    trainer = build_trainer(settings, name="lm", directory=directory, device=CPU)
    (batch,), _ = next(trainer.text.updates(Position(), size=1))
    trainer.progress.update = 1
    trainer._update([batch], [Position()], None)  # type: ignore[arg-type]
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.02 * batch.target.shape[1] / 12)
    assert batch.target.shape[1] != 12


def test_a_text_shorter_than_the_window_is_refused(recipe: Path) -> None:
    settings, directory = prepared(recipe, "training.bptt=400")
    with pytest.raises(CorpusError, match=r"has \d+ tokens, .* fewer than one window of training\.bptt .*\(400\)"):
        build_trainer(settings, name="lm", directory=directory, device=CPU)
    settings, directory = prepared(recipe, "training.batch_tokens=200", "training.bptt=10")
    with pytest.raises(CorpusError, match=r"in each lane \(20 × 10\); lower training\.bptt or training\.batch_tokens"):
        build_trainer(settings, name="lm", directory=directory, device=CPU)


def test_held_out_text_is_read_whole_with_padding_only_behind_its_end() -> None:
    lines = [[5, 6, 7], [], [8, 9], [10]]
    stream = [5, 6, 7, END_ID, END_ID, 8, 9, END_ID, 10, END_ID]
    for lanes in (1, 3, 4, 10, 16):
        rows: list[list[int]] = [[] for _ in range(lanes)]
        for batch in windows(lines, lanes=lanes, length=2):
            for row, tokens in zip(rows, batch.target.tolist(), strict=False):
                row += tokens
        read = [token for row in rows for token in row]
        assert read[: len(stream)] == stream
        assert set(read[len(stream) :]) <= {PADDING_ID}


# --- truncated backpropagation through time ------------------------------------------------------------------------------


def network_of(settings: LanguageModelRecipe, directory: Path) -> LanguageModel:
    size = Tokenizer.load(directory / "prepared" / "tokenizer.model").vocabulary_size
    torch.manual_seed(4)
    return build_language_model(settings.model, vocabulary_size=size)


def stepwise_loss(network: LanguageModel, stream: list[int], *, window: int) -> torch.Tensor:
    """Negative log-likelihood of a stream, token by token; the gradient stops at each window's beginning."""
    state, token, total = network.start(1), BEGIN_ID, torch.zeros(())
    for place, following in enumerate(stream):
        if place % window == 0:
            state = state.of_tensors(tensor.detach() for tensor in state.tensors())
        logits, state = network.step(torch.tensor([token]), state)
        total = total - logits[0].log_softmax(dim=0)[following]
        token = BEGIN_ID if following == END_ID else following
    return total


@pytest.mark.parametrize("window", [4, 500])
@pytest.mark.parametrize("cell", ["lstm", "gru-chung", "olrn"])
def test_gradients_are_those_of_the_stream_cut_at_the_windows(recipe: Path, window: int, cell: str) -> None:
    """Williams and Peng 1990. With a window as long as the text it is backpropagation through all of it."""
    settings, directory = prepared(recipe, *NO_DROPOUT, f"model.cell={cell}", "training.clip_norm=1.0e9")
    stream = [*stream_of(directory)[:23], END_ID]
    trainer = build_trainer(settings, name="lm", directory=directory, device=CPU)
    expected = network_of(settings, directory)
    expected.load_state_dict(trainer.network.state_dict())
    loss = stepwise_loss(expected, stream, window=window)
    (loss / len(stream)).backward()  # type: ignore[no-untyped-call]

    batches = [*windows([stream[:-1]], lanes=1, length=window)]
    carried: dict[int, Any] = {}
    trainer.network.train()
    total = 0.0
    gradients = [torch.zeros_like(weight) for weight in trainer.network.parameters()]
    for batch in batches:
        trainer.update.carried = carried
        computed = trainer.update._gradients([batch], 1)
        assert computed is not None
        sums, carried = computed
        total += sums.likelihood
        for gradient, weight in zip(gradients, trainer.network.parameters(), strict=True):
            gradient += weight.grad * sums.tokens  # type: ignore[operator]
        trainer.optimizer.zero_grad()
    assert len(batches) == math.ceil(len(stream) / window)
    assert total == pytest.approx(loss.item(), rel=1e-5)
    for gradient, weight in zip(gradients, expected.parameters(), strict=True):
        torch.testing.assert_close(gradient / len(stream), weight.grad, rtol=1e-4, atol=1e-6)


def test_a_batch_in_parts_carries_the_same_states_on(recipe: Path) -> None:
    settings, directory = prepared(recipe, *NO_DROPOUT)
    found = []
    for parts in (1, 3):
        trainer = build_trainer(settings, name="lm", directory=directory, device=CPU)
        stream = trainer.text.updates(Position(), size=1)
        for _ in range(3):
            batches, _ = next(stream)
            trainer.update(batches, rate=0.01, parts=parts)
        found.append((trainer.update.carried, [weight.detach().clone() for weight in trainer.network.parameters()]))
    (one, weights), (several, others) = found
    assert [tensor.shape for tensor in one[0]] == [(4, 8)] * 4
    for tensor, other in zip((*one[0], *weights), (*several[0], *others), strict=True):
        torch.testing.assert_close(tensor, other, rtol=1e-4, atol=1e-6)


def test_an_update_that_is_left_out_leaves_the_state(recipe: Path) -> None:
    settings, directory = prepared(recipe, *NO_DROPOUT)
    trainer = build_trainer(settings, name="lm", directory=directory, device=CPU)
    stream = trainer.text.updates(Position(), size=1)
    trainer.update(next(stream)[0], rate=0.01, parts=1)
    before = trainer.update.carried
    with torch.no_grad():
        trainer.network.output.bias.fill_(math.nan)  # type: ignore[union-attr, operator]
    assert not trainer.update(next(stream)[0], rate=0.01, parts=1).finite
    assert trainer.update.carried is before


def test_a_run_that_dies_goes_on_to_the_same_weights(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_recipe(recipe, ["training.variable_bptt=true", "training.bptt=6", "training.accumulate=2"])
    directories = [tmp_path / name for name in ("peaceful", "dying")]
    for directory in directories:
        prepare(settings, corpora=recipe.parent, output=directory / "prepared")
    train(settings, name="lm", directory=directories[0], resume=False, device="cpu")

    class DeathError(Exception):
        pass

    update, deaths = Trainer._update, [9, 17]

    def mortal(self: Trainer, *arguments: Any) -> None:
        if deaths and self.progress.update > deaths[0]:
            deaths.pop(0)
            raise DeathError
        update(self, *arguments)

    monkeypatch.setattr(Trainer, "_update", mortal)
    for lives in range(2):
        with pytest.raises(DeathError):
            train(settings, name="lm", directory=directories[1], resume=lives > 0, device="cpu")
    train(settings, name="lm", directory=directories[1], resume=True, device="cpu")
    assert len({(directory / "model.safetensors").read_bytes() for directory in directories}) == 1
    states = [torch.load(directory / "training" / "state.pt", weights_only=True) for directory in directories]
    one, other = (state["carried"][0] for state in states)
    assert one.keys() == other.keys() == {0, 1}
    assert all(torch.equal(*pair) for key in one for pair in zip(one[key], other[key], strict=True))


# --- regularisation ------------------------------------------------------------------------------------------------------


def test_the_penalties_are_their_formulas() -> None:
    generator = torch.Generator().manual_seed(3)
    features, vectors = (torch.randn(3, 5, 4, generator=generator) for _ in range(2))
    real = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], dtype=torch.bool)
    squares = [features[b, t, e].item() ** 2 for b in range(3) for t in range(5) for e in range(4) if real[b, t]]
    changes = [
        (vectors[b, t + 1, e] - vectors[b, t, e]).item() ** 2
        for b in range(3)
        for t in range(4)
        for e in range(4)
        if real[b, t] and real[b, t + 1]
    ]
    expected = 2.0 * sum(squares) / len(squares) + 0.5 * sum(changes) / len(changes)
    found = activation_penalty(features, vectors, real, alpha=2.0, beta=0.5)
    assert found is not None
    assert found.item() == pytest.approx(expected, rel=1e-5)
    assert activation_penalty(features, vectors, real, alpha=0.0, beta=0.0) is None


def test_the_loss_has_the_penalties_in_training_alone(recipe: Path) -> None:
    factors = ["training.activation_regularisation=2", "training.temporal_activation_regularisation=1"]
    settings, directory = prepared(recipe, *NO_DROPOUT, *factors)
    trainer = build_trainer(settings, name="lm", directory=directory, device=CPU)
    (batch,), _ = next(trainer.text.updates(Position(), size=1))
    found = trainer.update.objective(trainer.network.train(), batch)
    vectors = trainer.network.read(batch.prefix).vectors  # type: ignore[operator]
    added = 2.0 * (vectors**2).mean() + ((vectors[:, 1:] - vectors[:, :-1]) ** 2).mean()
    assert (found.loss - found.likelihood).item() == pytest.approx(found.tokens * added.item(), rel=1e-4)
    judged = trainer.update.objective(trainer.network.eval(), batch)
    assert judged.loss.item() == pytest.approx(judged.likelihood.item())


@pytest.mark.parametrize(("readout", "tied"), [("tanh", True), ("none", True), ("none", False), ("tanh", False)])
def test_a_network_of_each_shape_steps_as_it_reads(readout: Any, tied: bool) -> None:
    torch.manual_seed(2)
    config = LanguageModelConfig(embedding_size=6, layers=3, hidden_size=10, readout=readout, tied_embeddings=tied)
    network = build_language_model(config, vocabulary_size=20).eval()
    assert [cell.hidden_size for cell in network.layers] == [10, 10, 6 if readout == "none" else 10]
    assert (network.output.weight is network.embedding.weight) is tied
    tokens = torch.randint(4, 20, (2, 7))
    whole, first = network.read(tokens), network.read(tokens[:, :3])
    second = network.read(tokens[:, 3:], first.state)
    torch.testing.assert_close(torch.cat((first.features, second.features), dim=1), whole.features)
    state, logits = network.start(2), []
    for token in tokens.T:
        step, state = network.step(token, state)
        logits.append(step)
    torch.testing.assert_close(torch.stack(logits, dim=1), network.output(whole.features))
    for tensor, other in zip(state.tensors(), whole.state.tensors(), strict=True):
        torch.testing.assert_close(tensor, other)


def test_weight_drop_drops_weights_between_states() -> None:
    """Merity et al. 2018, section 2: the first position, which has no state before it, is the same under each draw."""
    torch.manual_seed(2)
    off = dict.fromkeys(("dropout", "embedding_dropout", "output_dropout"), 0.0)
    config = LanguageModelConfig(embedding_size=6, layers=1, hidden_size=10, recurrent_dropout=0.5, **off)
    network = build_language_model(config, vocabulary_size=20).train()
    tokens = torch.randint(4, 20, (2, 7))
    one, other = network.read(tokens).features, network.read(tokens).features
    torch.testing.assert_close(one[:, 0], other[:, 0])
    assert not torch.allclose(one[:, 1:], other[:, 1:])


# --- from a recipe to figures --------------------------------------------------------------------------------------------


def test_the_figures_of_a_test_set_are_their_definitions(recipe: Path) -> None:
    settings, directory = prepared(recipe)
    info = train(settings, name="lm", directory=directory, resume=False, device="cpu")
    loaded = load_language_model(directory, device=CPU)
    lines = ["the mat sat", "", "it sat on the moon"]  # of which the moon is unknown
    stream = [token for line in lines for token in (*loaded.tokenizer.encode(line), END_ID)]
    nats = stepwise_loss(loaded.model, stream, window=1000).item()
    scores = {score.metric: score for score in info.scores if score.test_set == "again"}
    assert scores["perplexity"].value == pytest.approx(math.exp(nats / 11), abs=0.006)
    assert scores["perplexity per word"].value == pytest.approx(math.exp(nats / 11), abs=0.006)  # a token is a word
    assert scores["bits per character"].value == pytest.approx(nats / math.log(2) / (11 + 0 + 18 + 3), abs=6e-5)
    assert all(score.note == "1 of 11 tokens are not in the vocabulary and count as one" for score in scores.values())
    validation = [score for score in info.scores if score.test_set == "validation text, first 3 lines"]
    assert len(validation) == 3
    assert "| again | bits per character | " in (directory / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.cell=gru-chang", r"model\.cell: .*'gru-chang'; did you mean gru-chung\?"),
        ("model.layers=0", r"model\.layers: .* greater than or equal to 1, not 0"),
        ("model.hidden_size=0", r"model\.hidden_size: .* greater than or equal to 1, not 0"),
        ("preparation.drop_duplicates=true", "drop_duplicates drops sentences; running_text keeps every line"),
        ("training.subword_sampling=0.1", "change sentences; running_text stays as it is"),
    ],
)
def test_settings_that_do_not_fit_are_refused(recipe: Path, setting: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_recipe(recipe, [setting])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["model.cell=gru", "model.transition_depth=2"], "transition_depth above 1 is for cell lstm, not gru"),
        (["model.cell=ssru", "model.recurrent_dropout=0.2"], "recurrent_dropout are for cell lstm, not ssru"),
        (["preparation.running_text=false"], r"training\.bptt is for preparation\.running_text"),
        (["preparation.vocabulary_of=elsewhere"], "tokenizer is for a vocabulary that is learned"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(recipe: Path, settings: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_recipe(recipe, settings)


def test_where_tells_the_lines_of_a_window(recipe: Path) -> None:
    _, directory = prepared(recipe)
    text = RunningText(directory / "prepared", lanes=2, batches=2, window=5, variable=False, seed=1)
    tokenizer = Tokenizer.load(directory / "prepared" / "tokenizer.model")
    numbers = [number for number, line in enumerate(LINES, 1) for _ in (*tokenizer.encode(line), END_ID)]
    length = len(numbers) // 4
    places = [lane * length + 5 for lane in (2, 3)]  # the second batch of the second update
    expected = ", ".join(str(numbers[place]) for place in places)
    assert text.where([Position(0, 3)]) == f"from lines {expected} of {directory}/prepared/train.target on"


def test_a_window_is_a_batch_of_full_rows(recipe: Path) -> None:
    _, directory = prepared(recipe)
    text = RunningText(directory / "prepared", lanes=4, batches=1, window=5, variable=False, seed=1)
    (batch,), _ = next(text.updates(Position(0, 2), size=1))
    assert isinstance(batch, PairBatch)
    parts = batch.split(3)
    assert [len(part.lengths) for part in parts] == [2, 2]
    assert all(part.continues for part in parts)
    assert torch.equal(torch.cat([part.target for part in parts]), batch.target)
