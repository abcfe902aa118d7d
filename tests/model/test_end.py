"""Where a target ends: each way against sums over all sequences, formulas written down here once more, and differences."""

from __future__ import annotations

import itertools
import math
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from support.precision import NEEDS_BFLOAT16
from support.searching import search
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, linear, log_softmax, logsigmoid

from nmt.config.network import ModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID, NEVER_PRODUCED, PADDING_ID
from nmt.config.yaml import parse
from nmt.corpus.batching import PairBatch
from nmt.errors import ConfigurationError
from nmt.model.build import build_seq2seq
from nmt.model.length import LengthPredictor, LengthSeq2Seq, end_log_odds, remaining
from nmt.model.seq2seq import Seq2Seq
from nmt.model.statistics import statistics
from nmt.runtime.reference import ReferenceScorer
from nmt.search.forced import forced_scores
from nmt.training.loss import label_smoothed_loss
from nmt.training.objective import Objective
from nmt.training.precision import Precision
from nmt.training.task import TranslationTask

VOCABULARY = 6
TOKENS = [token for token in range(VOCABULARY) if token != END_ID]
ENDS = ["symbol", "stop", "length"]
SOURCE, LENGTHS = torch.tensor([[4, 5, 4]]), torch.tensor([3])


def network(end: str, *, vocabulary: int = VOCABULARY, **changes: Any) -> Seq2Seq:
    """In float64, its weights large enough for distributions that differ."""
    torch.manual_seed(2)
    rates = {"dropout": 0.0, "embedding_dropout": 0.0, "output_dropout": 0.0}
    sizes = {"embedding_size": 6, "encoder_hidden_size": 8, "decoder_hidden_size": 8, "attention_heads": 2}
    config = ModelConfig.model_validate(rates | sizes | {"tied_embeddings": "none", "end": end} | changes)
    model = build_seq2seq(config, vocabulary_size=vocabulary).double().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.mul_(2.0)
            if name.startswith(("remaining", "output.bias")):
                torch.nn.init.normal_(parameter)
    return model


def sequences(length: int) -> Tensor:
    """All of `length` tokens without END, each after BEGIN: (5 ** length, 1 + length)."""
    return torch.tensor([[BEGIN_ID, *tokens] for tokens in itertools.product(TOKENS, repeat=length)])


def probabilities(model: Seq2Seq, prefixes: Tensor) -> tuple[Tensor, Tensor]:
    """Of each prefix the probability of its tokens, and of END after them: (N,), (N,)."""
    rows = len(prefixes)
    logits, _ = model(SOURCE.expand(rows, -1), LENGTHS.expand(rows), prefixes)
    log_probabilities = logits.log_softmax(dim=2)
    tokens = log_probabilities[:, :-1].gather(2, prefixes[:, 1:, None]).sum(dim=(1, 2))
    return tokens.exp(), log_probabilities[:, -1, END_ID].exp()


def length_probability(model: LengthSeq2Seq, length: int) -> float:
    """By the cumulative logistic distribution, without the negative lengths."""
    location, steepness = model.encode(SOURCE, LENGTHS).length[0].tolist()

    def below(value: float) -> float:
        return 1.0 / (1.0 + math.exp(-(value - location) * steepness))

    return (below(length + 0.5) - below(length - 0.5)) / (1.0 - below(-0.5))


@pytest.mark.parametrize("end", ENDS)
def test_the_probabilities_of_all_sequences_and_of_all_that_go_on_sum_to_one(end: str) -> None:
    model, ended = network(end), 0.0
    for length in range(5):
        tokens, ends = probabilities(model, sequences(length))
        ended += (tokens * ends).sum().item()
        going_on = (tokens * (1.0 - ends)).sum().item()
        assert 0.0 < ended < 1.0
        assert ended + going_on == pytest.approx(1.0, abs=1e-12)


def test_all_sequences_of_a_length_have_together_the_predicted_probability_of_that_length() -> None:
    model = network("length")
    assert isinstance(model, LengthSeq2Seq)
    for length in range(5):
        tokens, ends = probabilities(model, sequences(length))
        assert (tokens * ends).sum().item() == pytest.approx(length_probability(model, length), abs=1e-12)
    assert sum(length_probability(model, length) for length in range(200)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("location", "scale"), [(0.3, 0.5), (7.0, 0.1), (12.0, 4.0), (200.0, 3.0)])
def test_the_log_odds_and_the_remaining_length_are_those_of_the_distribution(location: float, scale: float) -> None:
    """Sums of the probabilities of all lengths, from the least one on."""
    lengths = torch.arange(2000, dtype=torch.float64)
    below = torch.sigmoid((lengths - 0.5 - location) / scale)
    above = torch.sigmoid((location - 0.5 - lengths) / scale)
    chances = 1.0 - below - above
    predicted, positions = torch.tensor([[location, 1.0 / scale]], dtype=torch.float64), torch.arange(0, 30)[None]
    for position, log_odds in zip(range(30), end_log_odds(predicted, positions)[0].tolist(), strict=True):
        if chances[position:].sum() < 1e-6:  # what is left is rounding
            break
        rest = chances[position:] / chances[position:].sum()
        expected = (rest[0] / rest[1:].sum()).item()
        if expected > 1e-10:
            assert math.exp(log_odds) == pytest.approx(expected, rel=1e-4)
        found = remaining(predicted, positions)[0, position]
        torch.testing.assert_close(found, torch.cat((rest[:15], rest[15:].sum()[None])), atol=1e-8, rtol=1e-5)


def test_far_behind_and_far_before_the_predicted_length_an_end_has_finite_log_odds() -> None:
    predicted = torch.tensor([[1e3, 10.0], [0.0, 10.0], [5.0, 1e-3]])
    found = end_log_odds(predicted, torch.tensor([[0, 1, 5000]]).expand(3, -1))
    assert found.isfinite().all()
    assert remaining(predicted, torch.tensor([[0, 1, 5000]]).expand(3, -1)).isfinite().all()


def test_the_predicted_length_is_the_sum_of_the_shares_of_the_source_tokens() -> None:
    torch.manual_seed(1)
    predictor, states = LengthPredictor(state_size=4).double(), torch.randn(2, 3, 4, dtype=torch.float64)
    found = predictor(states, torch.tensor([[True, True, True], [True, False, False]]))
    weight, bias = predictor.shares.weight, predictor.shares.bias
    for row, length in enumerate([3, 1]):
        shares = [torch.log1p(torch.exp(weight @ states[row, token] + bias)) for token in range(length)]
        location, variance = torch.stack(shares).sum(dim=0)
        torch.testing.assert_close(found[row], torch.stack((location, (variance + 0.01) ** -0.5)))
    untrained = LengthPredictor(state_size=4)(torch.zeros(1, 10, 4), torch.ones(1, 10, dtype=torch.bool))
    assert untrained[0].tolist() == pytest.approx([10.0, 1.01**-0.5])


def expected_score(model: Seq2Seq, target: list[int]) -> float:
    """log P(target), put together from the decoder's readouts as the recipe's key says."""
    memory = model.encode(SOURCE, LENGTHS)
    readout, _ = model.decoder(torch.tensor([[BEGIN_ID, *target]]), memory)
    vectors, count = readout[0], len(target)
    if isinstance(model, LengthSeq2Seq):
        chances = [length_probability(model, length) for length in range(400)]
        near = []
        for position in range(count + 1):
            rest = [chance / sum(chances[position:]) for chance in chances[position:]]
            near.append(torch.tensor([*rest[:15], sum(rest[15:])], dtype=torch.float64) @ model.remaining.weight.T)
        vectors = vectors + torch.stack(near)
        ends = math.log(chances[count])
    else:
        stop = vectors @ model.output.weight[END_ID] + model.output.bias[END_ID]
        ends = (logsigmoid(-stop[:count]).sum() + logsigmoid(stop[count])).item()
    others = [token for token in range(VOCABULARY) if token != END_ID]
    tokens = log_softmax(linear(vectors, model.output.weight[others], model.output.bias[others]), dim=1)
    return ends + sum(tokens[place, others.index(token)].item() for place, token in enumerate(target))


@pytest.mark.parametrize("target", [[], [4], [5, 4, 4], [5, 5, 5, 5, 4, 5, 4, 4]], ids=len)
@pytest.mark.parametrize("end", ["stop", "length"])
@pytest.mark.parametrize("decoder", ["recurrent", "transformer"])
def test_the_score_of_a_given_translation_is_the_sum_by_hand(decoder: str, end: str, target: list[int]) -> None:
    model = network(end, decoder_kind=decoder)
    (found,) = forced_scores(ReferenceScorer(model), [SOURCE[0].tolist()], [[*target, END_ID]], device="cpu")
    assert found == pytest.approx(expected_score(model, target), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("end", ENDS)
def test_a_search_finds_the_most_probable_sequence(end: str) -> None:
    """With a beam for all hypotheses of up to three tokens, which are compared by their probability alone."""
    model = network(end)
    options = SearchOptions(beam_size=16, n_best=5, length_penalty=0.0, max_length_ratio=0.1, max_length_offset=3)
    found = search(ReferenceScorer(model), SOURCE, LENGTHS, options)[0]
    every: dict[tuple[int, ...], float] = {}
    for length in range(4):
        prefixes = sequences(length)
        tokens, ends = probabilities(model, prefixes)
        for row, probability in zip(prefixes.tolist(), (tokens * ends).tolist(), strict=True):
            if not set(NEVER_PRODUCED) & set(row[1:]):
                every[tuple(row[1:])] = math.log(probability)
    best = sorted(every, key=lambda tokens: -every[tokens])[:5]
    assert [tuple(candidate.tokens) for candidate in found] == best
    for candidate in found:
        assert candidate.log_probability == pytest.approx(every[tuple(candidate.tokens)], abs=1e-5)


def losses(model: Seq2Seq, features: Tensor, target: Tensor, *, smoothing: float) -> tuple[Tensor, Tensor]:
    return label_smoothed_loss(model.output(features), target, smoothing=smoothing, unsmoothed=model.unsmoothed)


def features_and_targets(model: Seq2Seq) -> tuple[Tensor, Tensor]:
    source, lengths = torch.tensor([[4, 5, 4], [5, 5, 0]]), torch.tensor([3, 2])
    prefix = torch.tensor([[BEGIN_ID, 4, 5], [BEGIN_ID, 5, 0]])
    features, _ = model.features(source, lengths, prefix)
    return features[[0, 0, 0, 1, 1], [0, 1, 2, 0, 1]], torch.tensor([4, 5, END_ID, 5, END_ID])


@pytest.mark.parametrize("end", ["stop", "length"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_an_end_is_learned_by_its_own_cross_entropy_and_labels_are_smoothed_among_the_other_tokens(
    end: str, smoothing: float
) -> None:
    model = network(end)
    features, target = features_and_targets(model)
    loss, likelihood = losses(model, features, target, smoothing=smoothing)
    ends = target == END_ID
    if end == "stop":
        stop = features @ model.output.weight[END_ID] + model.output.bias[END_ID]
    else:
        stop, features = features[:, -1], features[:, :-1]
    by_itself = binary_cross_entropy_with_logits(stop, ends.double(), reduction="sum")
    others = torch.tensor(TOKENS)
    logits = linear(features, model.output.weight[others], model.output.bias[others])[~ends]
    places = torch.tensor([TOKENS.index(token) for token in target[~ends].tolist()])
    expected = by_itself + cross_entropy(logits, places, reduction="sum", label_smoothing=smoothing)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    plain = by_itself + cross_entropy(logits, places, reduction="sum")
    assert likelihood.item() == pytest.approx(plain.item(), rel=1e-10)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    ours = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    theirs = torch.autograd.grad(expected, weights, allow_unused=True)
    for own, other, weight in zip(ours, theirs, weights, strict=True):
        zero = torch.zeros_like(weight)
        torch.testing.assert_close(zero if own is None else own, zero if other is None else other, atol=1e-10, rtol=1e-8)


@pytest.mark.parametrize("precision", ["float32", pytest.param("bfloat16", marks=NEEDS_BFLOAT16)])
@pytest.mark.parametrize("end", ["stop", "length"])
def test_training_does_not_smooth_the_end(end: str, precision: Precision) -> None:
    """The smoothed loss and the plain one have the gradient of one cross entropy in the parameters that decide the end."""
    model, pairs = network(end).float().train(), [([4, 5, 4], [4, 5]), ([5, 5], [5])]
    deciding = model.length.shares.bias if isinstance(model, LengthSeq2Seq) else model.output.bias
    if isinstance(model, LengthSeq2Seq):  # tokens then have no part in the length
        torch.nn.init.zeros_(model.remaining.weight)
    task: Any = SimpleNamespace(forward=partial(TranslationTask.forward, None))
    found = []
    for smoothing in (0.0, 0.4):
        objective = Objective(task=task, smoothing=smoothing, precision=precision, device=torch.device("cpu"))
        (gradient,) = torch.autograd.grad(objective(model, PairBatch.of(pairs)).loss, [deciding])
        found.append(gradient if end == "length" else gradient[END_ID])
    assert found[0].abs().max() > 0.01
    torch.testing.assert_close(found[1], found[0], rtol=1e-4 if precision == "float32" else 0.05, atol=1e-5)


@pytest.mark.parametrize("end", ENDS)
def test_gradients_of_the_loss_are_those_by_differences(end: str) -> None:
    model = network(end)
    names = [name for name, _ in model.named_parameters()]

    class Loss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self) -> Tensor:
            features, target = features_and_targets(self.model)
            return losses(self.model, features, target, smoothing=0.1)[0]

    def loss(*weights: Tensor) -> Tensor:
        named = {f"model.{name}": weight for name, weight in zip(names, weights, strict=True)}
        return torch.func.functional_call(Loss(), named, ())

    values = tuple(parameter.detach().clone().requires_grad_() for parameter in model.parameters())
    assert torch.autograd.gradcheck(loss, values, fast_mode=True)


@pytest.mark.parametrize("end", ENDS)
def test_a_sentence_is_translated_alike_alone_and_in_a_batch(end: str) -> None:
    model = network(end, vocabulary=20).float()
    generator = torch.Generator().manual_seed(3)
    lengths = torch.tensor([7, 2, 5, 1])
    source = torch.randint(4, 20, (4, 7), generator=generator).masked_fill(torch.arange(7) >= lengths[:, None], 0)
    options = SearchOptions(beam_size=3, n_best=3)
    together = search(ReferenceScorer(model), source, lengths, options)
    for row, length in enumerate(lengths.tolist()):
        (alone,) = search(ReferenceScorer(model), source[row : row + 1, :length], lengths[row : row + 1], options)
        assert [one.tokens for one in alone] == [one.tokens for one in together[row]]
        assert [one.score for one in alone] == pytest.approx([one.score for one in together[row]], abs=1e-5)


PAIRS = [([4], [9, 8]), ([5, 6], [10]), ([6, 5, 4], [11, 12, 13, 8]), ([7, 7], [9, 10, 11]), ([5], [12, 12, 13, 13, 8])]


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS)
def test_a_network_learns_pairs_of_unlike_lengths_by_heart(end: str) -> None:
    model = network(end, vocabulary=16, embedding_size=16, encoder_hidden_size=24, decoder_hidden_size=24).float().train()
    batch = PairBatch.of(PAIRS)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    real = batch.target != PADDING_ID
    for _ in range(200):
        features, _ = model.features(batch.source, batch.lengths, batch.prefix)
        loss, _ = losses(model, features[real], batch.target[real], smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = search(ReferenceScorer(model.eval()), batch.source, batch.lengths, SearchOptions(beam_size=3))
    assert [row[0].tokens for row in found] == [target for _, target in PAIRS]


@pytest.mark.parametrize(("name", "nearest"), [("stopp", "stop"), ("lenght", "length"), ("Symbol", "symbol")])
def test_the_nearest_way_to_end_is_named_for_a_name_that_none_has(name: str, nearest: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^recipe: end: [^\n]*, not '{name}'; did you mean {nearest}\?$"):
        parse(ModelConfig, {"end": name}, where="recipe")


def test_the_way_to_end_is_described_and_counted() -> None:
    plain, stop, length = (statistics(network(end)) for end in ENDS)
    assert "end" not in dict(plain.architecture)
    assert dict(stop.architecture)["end"] == "Bernoulli stop"
    assert dict(length.architecture)["end"] == "predicted length"
    assert (stop.parameters, stop.flops_per_token) == (plain.parameters, plain.flops_per_token)
    assert length.parameters - plain.parameters == 2 * (8 + 1) + 16 * 6
    assert length.source_flops - plain.source_flops == 2 * 2 * 8
    assert length.step_flops - plain.step_flops == 2 * 16 * 6
