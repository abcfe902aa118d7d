"""The int8 runtime against integers, PyTorch's own cell, and the reference runtime."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nmt.config import ModelConfig, SearchOptions
from nmt.errors import DeviceError
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime import kernels
from nmt.runtime.choice import find_scorer
from nmt.runtime.kernels import LSTMCell, Matrix, Rows, TokenTable, attend, log_softmax_, quantise
from nmt.runtime.reference import ReferenceScorer
from nmt.search import search

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

if kernels.AVAILABLE:
    from nmt.runtime import _kernel
    from nmt.runtime.cpu import CpuScorer

    INSTRUCTION_SETS = _kernel.names()
else:
    INSTRUCTION_SETS = []


@pytest.fixture(params=INSTRUCTION_SETS)
def _instruction_set(request):
    _kernel.choose(request.param)
    yield
    _kernel.choose(INSTRUCTION_SETS[0])


on_each_instruction_set = pytest.mark.usefixtures("_instruction_set")


def rounded(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each row in whole 127ths of its largest value, as the kernel reads it, and the size of one."""
    scale = x.abs().amax(dim=1, keepdim=True) / 127.0
    whole = torch.where(scale > 0, x / scale, torch.zeros_like(x))
    return torch.sign(whole) * (whole.abs() + 0.5).floor(), scale


def expected_product(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    integers, scale = quantise(weight)
    whole, own = rounded(x)
    exact = whole.long() @ integers.long().T
    return exact.double() * own.double() * scale.double() + bias.double()


@on_each_instruction_set
@pytest.mark.parametrize(("rows", "inputs", "outputs"), [(1, 3, 5), (7, 64, 64), (13, 130, 200), (6, 513, 65)])
def test_a_product_is_that_of_the_rounded_integers(rows, inputs, outputs):
    torch.manual_seed(rows)
    x, weight, bias = torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
    x[0, 0] = 50.0  # one row much coarser than the others
    found = Matrix(weight, bias, widths=[inputs])(rows, Rows(x))
    torch.testing.assert_close(found.double(), expected_product(x, weight, bias), rtol=1e-5, atol=1e-4)


@on_each_instruction_set
def test_parts_and_their_indices_are_one_row():
    torch.manual_seed(1)
    table, other, weight = torch.randn(9, 20), torch.randn(4, 7), torch.randn(33, 27)
    index = torch.tensor([8, 0, 3, 3])
    found = Matrix(weight, None, widths=[20, 7], activation="tanh")(4, Rows(table, index), Rows(other))
    expected = expected_product(torch.cat((table[index], other), dim=1), weight, torch.zeros(33)).tanh()
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)


@on_each_instruction_set
def test_an_lstm_step_is_that_of_pytorch():
    torch.manual_seed(2)
    rows, inputs, units = 11, 40, 48
    cell = torch.nn.LSTMCell(inputs, units)
    integers, scale = quantise(torch.cat((cell.weight_ih, cell.weight_hh), dim=1))
    weight = integers * scale[:, None]  # what the kernel has is exact
    x, hidden, before = torch.randn(rows, inputs), torch.randn(rows, units), 3 * torch.randn(rows, units)
    whole, own = rounded(torch.cat((x, hidden), dim=1))
    state = (whole * own).split([inputs, units], dim=1)
    biases = cell.bias_ih, cell.bias_hh
    expected = torch.lstm_cell(state[0], (state[1], before), *weight.split([inputs, units], dim=1), *biases)
    ours = LSTMCell(weight, sum(biases), widths=[inputs, units], gates=True)
    found = ours.step(rows, Rows(x), None, Rows(hidden), Rows(before))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=2e-5, atol=2e-5)


@on_each_instruction_set
@pytest.mark.parametrize("columns", [1, 5, 16, 64, 131])
def test_log_softmax_is_that_of_pytorch(columns):
    scores = 20 * torch.randn(3, columns)
    scores[1, : columns - 1] = -torch.inf
    torch.testing.assert_close(log_softmax_(scores.clone()), scores.log_softmax(dim=1), rtol=1e-5, atol=1e-5)


@on_each_instruction_set
def test_attention_ends_where_a_sentence_does():
    torch.manual_seed(3)
    keys, values, query = torch.randn(3, 7, 24), torch.randn(3, 7, 40), torch.randn(4, 24)
    lengths, sentences = torch.tensor([7, 1, 4]), torch.tensor([2, 0])
    options = {"lengths": lengths, "sentences": sentences, "heads": 1, "scaled": False, "vector": None}
    context, weights = attend(query, keys, values, **options)
    scores = torch.einsum("bka,bsa->bks", query.view(2, 2, 24), keys[sentences])
    scores = scores.masked_fill(torch.arange(7) >= lengths[sentences][:, None, None], -torch.inf)
    torch.testing.assert_close(weights, scores.softmax(dim=2), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(context.view(2, 2, 40), weights @ values[sentences], rtol=1e-5, atol=1e-5)


@given(rows=st.integers(1, 20), place=st.integers(0, 19), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_row_does_not_depend_on_the_others(rows, place, seed):
    torch.manual_seed(seed)
    x, weight = torch.randn(rows, 33), torch.randn(80, 33)
    matrix, own = Matrix(weight, None, widths=[33]), place % rows
    assert torch.equal(matrix(rows, Rows(x))[own], matrix(1, Rows(x[own : own + 1].contiguous()))[0])


SHAPES = [
    {},
    {"attention": "additive"},
    {"attention": "multi-head"},
    {"attention": "dot"},
    {"wiring": "input-feeding"},
    {"encoder_bidirectional": "none", "decoder_initial_state": "last"},
    {"encoder_bidirectional": "all", "decoder_initial_state": "last", "residual": False},
    {"decoder_layers": 1, "decoder_feed_forward_layers": 2},
    {"decoder_cell": "ssru"},
    {"encoder_layers": 3, "decoder_layers": 3, "decoder_initial_state": "zero"},
]


def model(**settings) -> Seq2Seq:
    torch.manual_seed(4)
    sizes = {"embedding_size": 64, "encoder_hidden_size": 96, "decoder_hidden_size": 96, "attention_size": 64}
    return Seq2Seq(ModelConfig(**(sizes | settings)), vocabulary_size=131).eval()


def batch() -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([5, 3, 9, 1])
    return torch.randint(4, 131, (4, 9)) * (torch.arange(9) < lengths[:, None]), lengths


@pytest.mark.parametrize("shape", SHAPES)
def test_the_numbers_are_the_references_to_the_width_of_int8(shape):
    network = model(**shape)
    # int8 leaves an error of half a 127th in each weight and each input; scaled up, so that differences would show.
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.dim() == 2 and "embedding" not in name:
                parameter.mul_(2.0)
    scorers = [CpuScorer(network), ReferenceScorer(network)]
    torch.manual_seed(5)
    source = batch()
    states = [scorer.start(*source).reorder(torch.arange(4).repeat_interleave(3)) for scorer in scorers]
    for step in range(6):
        sentences = 4 if step < 3 else 3
        tokens = torch.randint(4, 131, (sentences, 3))
        (ours, first, attended), (theirs, second, expected) = (
            scorer.step(tokens, state) for scorer, state in zip(scorers, states, strict=True)
        )
        spread = (theirs - theirs.mean(dim=2, keepdim=True)).abs().mean().item()
        assert (ours - theirs).abs().mean().item() < 0.1 * spread
        torch.testing.assert_close(attended, expected, atol=0.03, rtol=0.0)
        rows = (torch.arange(sentences)[:, None] * 3 + torch.randint(0, 3, (sentences, 3))).flatten()
        states = [state.reorder(rows) for state in (first, second)]
        if step == 2:
            states = [state.keep(torch.tensor([2, 0, 3])) for state in states]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sentence_is_translated_the_same_in_every_batch(shape):
    scorer = CpuScorer(model(**shape))
    source, lengths = batch()
    options = SearchOptions(beam_size=4, n_best=4)
    together = search(scorer, source, lengths, options)
    for row, length in enumerate(lengths.tolist()):
        (alone,) = search(scorer, source[row : row + 1, :length], lengths[row : row + 1], options)
        assert [one.tokens for one in alone] == [one.tokens for one in together[row]]
        assert [one.score for one in alone] == [one.score for one in together[row]]  # to the bit


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"decoder_hidden_size": 40}, "40 units of decoder layers are not a multiple of 16"),
        ({"layer_norm": True}, "its LSTM layers are normalised"),
        ({"encoder_transition_depth": 2}, "its layers are several transitions deep"),
        ({"decoder_transition_depth": 2}, "its layers are several transitions deep"),
    ],
)
def test_int8_says_why_it_cannot(shape, reason):
    with pytest.raises(DeviceError, match=f"int8 cannot run this model: {reason}"):
        find_scorer(model(**shape), "int8")
    assert isinstance(find_scorer(model(**shape), "auto"), ReferenceScorer)


def test_a_runtime_of_another_name_is_refused():
    with pytest.raises(DeviceError, match="runtime 'fast' should be one of auto, reference, int8"):
        find_scorer(model(), "fast")


@on_each_instruction_set
@pytest.mark.parametrize("size", [24, 64, 130])
def test_a_list_of_tokens_is_scored_as_its_columns_of_the_whole(size):
    torch.manual_seed(6)
    weight, bias, readout = torch.randn(300, size), torch.randn(300), torch.randn(3, size)
    tokens = torch.zeros(3, 128, dtype=torch.int64)
    for row, count in enumerate((128, 5, 70)):
        tokens[row, :count] = torch.cat((torch.arange(4), 4 + torch.randperm(296)[: count - 4].sort().values))
    lists, sentences = TokenTable(weight, bias).select(tokens), torch.tensor([2, 0, 1])
    single = lists(readout, sentences)[:, 0]
    several = lists(readout.repeat_interleave(2, dim=0), sentences)
    assert torch.equal(single, several[:, 0])
    assert torch.equal(single, several[:, 1])
    whole = Matrix(weight, bias, widths=[size])(3, Rows(readout)).gather(1, tokens[sentences])
    real = (tokens[sentences] != 0) | (torch.arange(128) == 0)
    expected = whole.masked_fill(~real, -torch.inf).log_softmax(dim=1)
    torch.testing.assert_close(single, expected, rtol=1e-5, atol=1e-5)
