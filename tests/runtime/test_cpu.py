"""The int8 runtime against integers, PyTorch's own cell, and the reference runtime."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.int8_networks import SHAPES, model, shortlist
from support.searching import search
from support.stepwise import int8, int8_steps
from torch import Tensor

from nmt.config.network import CellName, LanguageModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import END_ID
from nmt.errors import DeviceError
from nmt.model.build import build_language_model
from nmt.model.cells.lstm import LSTMCell, LSTMState
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.export import DECODER_CELLS, ENCODER_CELLS
from nmt.model.feed_forward import FeedForwardLayer
from nmt.model.quantise import quantise
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime import kernels
from nmt.runtime.build import build_scorers
from nmt.runtime.kernels import Matrix, Rows
from nmt.runtime.reference import ReferenceScorer
from nmt.runtime.scorers import stepwise
from nmt.search import Constraints, Scorer

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

if kernels.AVAILABLE:
    from nmt.runtime import _kernel


on_each_instruction_set = pytest.mark.usefixtures("_instruction_set")


def rounded(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each row in whole 127ths of its largest value, as the kernel reads it, and the size of one."""
    scale = x.abs().amax(dim=1, keepdim=True) / 127.0
    whole = torch.where(scale > 0, x / scale, torch.zeros_like(x))
    return torch.sign(whole) * (whole.abs() + 0.5).floor(), scale


def expected_product(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    integers, scale = map(torch.from_numpy, quantise(weight.detach().numpy()))
    whole, own = rounded(x)
    exact = whole.long() @ integers.long().T
    return exact.double() * own.double() * scale.double() + bias.double()


@on_each_instruction_set
@pytest.mark.parametrize(
    ("rows", "inputs", "outputs"),
    [(1, 3, 5), (7, 64, 64), (13, 130, 200), (6, 513, 65), (16, 65, 70), (31, 64, 128), (33, 300, 64), (75, 191, 130)],
)
def test_a_product_is_that_of_the_rounded_integers(rows, inputs, outputs):
    torch.manual_seed(rows)
    x, weight, bias = torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
    x[0, 0] = 50.0  # one row much coarser than the others
    found = Matrix(weight.numpy(), bias.numpy(), widths=[inputs])(rows, Rows(x.numpy()))
    torch.testing.assert_close(torch.from_numpy(found).double(), expected_product(x, weight, bias), rtol=1e-5, atol=1e-4)


@on_each_instruction_set
def test_parts_and_their_indices_are_one_row():
    torch.manual_seed(1)
    table, other, weight = torch.randn(9, 20), torch.randn(4, 7), torch.randn(33, 27)
    index = torch.tensor([8, 0, 3, 3])
    found = Matrix(weight.numpy(), None, widths=[20, 7], activation="tanh")(
        4, Rows(table.numpy(), index.numpy()), Rows(other.numpy())
    )
    expected = expected_product(torch.cat((table[index], other), dim=1), weight, torch.zeros(33)).tanh()
    torch.testing.assert_close(torch.from_numpy(found).double(), expected, rtol=1e-5, atol=1e-5)


@given(rows=st.integers(1, 70), place=st.integers(0, 69), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_row_does_not_depend_on_the_others(rows, place, seed):
    torch.manual_seed(seed)
    x, weight = torch.randn(rows, 33).numpy(), torch.randn(80, 33).numpy()
    matrix, own = Matrix(weight, None, widths=[33]), place % rows
    assert np.array_equal(matrix(rows, Rows(x))[own], matrix(1, Rows(x[own : own + 1]))[0])


def batch(count: int = 4) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([5, 3, 9, 1]).repeat(count // 4)
    return torch.randint(4, 131, (count, 9)) * (torch.arange(9) < lengths[:, None]), lengths


def linear(layer: torch.nn.Linear, x: Tensor) -> Tensor:
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias
    return expected_product(x.flatten(0, -2), layer.weight, bias).float().view(*x.shape[:-1], -1)


def lstm_cell(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = gates.chunk(4, dim=1)
    after = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * after.tanh(), after


def lstm_step(cell: LSTMCell, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
    inputs, recurrent, *biases = cell.weights
    weight = torch.cat((inputs, recurrent), dim=1)
    gates = expected_product(torch.cat((x, state.hidden), dim=1), weight, sum(biases)).float()
    hidden, memory = lstm_cell(gates, state.cell)
    return hidden, LSTMState(hidden=hidden, cell=memory)


def lstm_sequence(layer: LSTMCell, x: Tensor) -> tuple[Tensor, None]:
    inputs, recurrent, *biases = layer.weights
    hidden = cell = torch.zeros(len(x), layer.hidden_size)
    outputs = []
    for position in x.unbind(1):
        own = expected_product(hidden, recurrent, torch.zeros(len(recurrent)))
        hidden, cell = lstm_cell((own + expected_product(position, inputs, sum(biases))).float(), cell)
        outputs.append(hidden)
    return torch.stack(outputs, dim=1), None


@on_each_instruction_set
@pytest.mark.parametrize("shape", SHAPES)
def test_the_numbers_are_those_of_the_rounded_integers(shape, monkeypatch):
    network = model(**shape)
    source, lengths = batch()
    ours, theirs = int8_steps(network), ReferenceScorer(network)
    monkeypatch.setattr(torch.nn.Linear, "forward", linear)
    monkeypatch.setattr(LSTMCell, "step", lstm_step)
    monkeypatch.setattr(LSTMCell, "forward", lstm_sequence)
    rows = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
    states = [scorer.start(source, lengths).reorder(rows) for scorer in (ours, theirs)]
    for _ in range(3):
        tokens = torch.randint(4, 131, (4, 2))
        (found, first, attended), (expected, second, weights) = ours.step(tokens, states[0]), theirs.step(tokens, states[1])
        torch.testing.assert_close(attended, weights, rtol=0.0, atol=1e-3)
        # A number that lies between two integers may be rounded to either: an error of a 127th in one of many inputs.
        torch.testing.assert_close(found, expected, rtol=0.0, atol=5e-3)
        assert (found - expected).abs().amax(dim=2).amin() < 1e-5  # a hypothesis without such a number
        rows = torch.tensor([1, 1, 2, 3, 5, 4, 6, 7])
        states = [first.reorder(rows), second.reorder(rows)]


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_instruction_set_has_the_same_numbers_to_the_bit(shape, listed):
    """One that has no instruction for a product and a sum rounds them once, too."""
    network = model(**shape)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)  # no bias is zero, and gates are anywhere between 0 and 1
    scorer, (source, lengths) = scorer_of(network, listed=listed), batch(24)
    tokens = torch.randint(4, 131, (8, 24, 3))
    found = {}
    for name in _kernel.names():
        _kernel.choose(name)
        state, numbers = scorer.start(source, lengths).reorder(torch.arange(24).repeat_interleave(3)), []
        for step in tokens:
            scores, state, attended = scorer.step(step, state)
            numbers += [scores, attended]
        found[name] = (
            torch.cat([one.flatten() for one in numbers]),
            [
                (one.tokens, one.score)
                for group in search(scorer, source, lengths, SearchOptions(beam_size=3))
                for one in group
            ],
        )
    best = _kernel.names()[0]
    _kernel.choose(best)
    first_numbers, first_found = found[best]
    assert first_numbers.isfinite().sum() > len(first_numbers) / 2
    for name, (numbers, texts) in found.items():
        assert torch.equal(numbers, first_numbers), name
        assert texts == first_found, name


@pytest.mark.parametrize("shape", SHAPES)
def test_the_numbers_are_the_references_to_the_width_of_int8(shape):
    network = model(**shape)
    # int8 leaves an error of half a 127th in each weight and each input; scaled up, so that differences would show.
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.dim() == 2 and "embedding" not in name:
                parameter.mul_(2.0)
    scorers = [int8_steps(network), ReferenceScorer(network)]
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
    scorer = int8(model(**shape))
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
        ({"encoder_hidden_size": 48}, "24 units of encoder layers are not a multiple of 16"),
        ({"layer_norm": True}, "it has no code for the encoder cell DeepLSTMCell (LSTM with layer normalisation)"),
        ({"encoder_transition_depth": 2}, "it has no code for the encoder cell DeepLSTMCell (LSTM, 2 transitions deep)"),
        ({"decoder_transition_depth": 2}, "it has no code for the decoder cell DeepLSTMCell (LSTM, 2 transitions deep)"),
        ({"encoder_output_depth": 2}, "it has no code for the encoder cell DeepCell (LSTM, output 2 layers deep)"),
        ({"decoder_input_depth": 3}, "it has no code for the decoder cell DeepCell (LSTM, input 3 layers deep)"),
        ({"attention": "none"}, "it has no code for the attention NoAttention (none)"),
        ({"attention": "fixed"}, "it has no code for the attention FixedContext (none, fixed context)"),
        ({"attention": "fixed", "wiring": "fixed-context"}, "it has no code for the decoder FixedContextDecoder"),
        ({"end": "stop"}, "it has no code for the output matrix StopOutput"),
        ({"end": "length"}, "it has no code for the network LengthSeq2Seq"),
        ({"encoder_cell": "ssru"}, "it has no code for the encoder cell SSRUCell (SSRU)"),
        ({"encoder_kind": "blocks"}, "it has no code for the encoder BlockEncoder"),
        ({"encoder_attention_layers": 1}, "it has no code for the encoder AttendingEncoder"),
        ({"encoder_kind": "transformer"}, "it has no code for the encoder BlockEncoder"),
        ({"decoder_kind": "transformer"}, "it has no code for the decoder TransformerDecoder"),
    ],
)
def test_int8_says_why_it_cannot(shape, reason):
    with pytest.raises(DeviceError, match=re.escape(f"int8 cannot run this model: {reason}; use auto or reference")):
        build_scorers([model(**shape)], runtime="int8")
    found = build_scorers([model(**shape)], runtime="auto")
    assert isinstance(found.whole, ReferenceScorer)
    assert (found.runtime, found.slow_because, found.batches_at_once(8)) == ("reference", reason, 1)
    asked_for = build_scorers([model(**shape)], runtime="reference")
    assert (asked_for.runtime, asked_for.slow_because) == ("reference", None)


@pytest.mark.parametrize("side", ["encoder", "decoder"])
@pytest.mark.parametrize("cell", get_args(CellName))
def test_a_cell_runs_in_int8_or_is_named_and_runs_on_the_reference(cell, side):
    """The slow right way takes over, and never the fast wrong one."""
    network = model(**{f"{side}_cell": cell})
    made = network.decoder.layers[0] if side == "decoder" else network.encoder.layers[0].cells[0]
    found = build_scorers([network])
    if type(made) in (DECODER_CELLS if side == "decoder" else ENCODER_CELLS):
        assert (found.runtime, found.slow_because) == ("int8", None)
        return
    reason = f"it has no code for the {side} cell {type(made).__name__} ({made.description})"
    assert (found.runtime, found.slow_because) == ("reference", reason)
    source, lengths = batch()
    options = SearchOptions(beam_size=2)
    expected = search(ReferenceScorer(network), source, lengths, options)
    assert [row[0].tokens for row in search(found.whole, source, lengths, options)] == [row[0].tokens for row in expected]
    with pytest.raises(DeviceError, match=re.escape(f"int8 cannot run this model: {reason}; use auto or reference")):
        build_scorers([network], runtime="int8")


def replaced(network: Seq2Seq, path: str) -> Seq2Seq:
    """With a module of a class of its own, of which nobody but its author knows what it computes."""
    module = network.get_submodule(path)
    module.__class__ = type(f"Own{type(module).__name__}", (type(module),), {})
    return network


def test_no_module_is_taken_for_its_parent():
    """Each module that computes, found by walking the network: a subclass of it may compute something else."""
    shape = {"attention": "multi-head", "decoder_layers": 1, "decoder_feed_forward_layers": 1, "decoder_cell": "ssru"}
    for parts in ({"attention": "additive"}, shape):
        paths = [
            path
            for path, module in model(**parts).named_modules()
            if not isinstance(module, Dropout | WordDropout | torch.nn.ModuleList)
        ]
        assert len(paths) > 15
        for path in paths:
            network = replaced(model(**parts), path)
            kind = type(network.get_submodule(path)).__name__
            with pytest.raises(DeviceError, match=f"cannot run this model: it has no code for the [a-zA-Z ]+ {kind}[ ;]"):
                build_scorers([network], runtime="int8")
            assert isinstance(build_scorers([network], runtime="auto").whole, ReferenceScorer)


def test_layers_of_different_sizes_are_refused():
    network = model(decoder_layers=1, decoder_feed_forward_layers=1)
    network.decoder.feed_forward[0] = FeedForwardLayer(input_size=network.decoder.feed_forward[0].input_size, hidden_size=48)
    with pytest.raises(DeviceError, match="its decoder's layers have different sizes"):
        build_scorers([network], runtime="int8")


def test_without_the_kernel_the_reference_says_so(monkeypatch):
    monkeypatch.setattr(kernels, "MISSING", "the compiled kernel is not installed")
    found = build_scorers([model()])
    assert isinstance(found.whole, ReferenceScorer)
    assert "the compiled kernel is not installed" in found.slow_because
    with pytest.raises(DeviceError, match="the compiled kernel is not installed"):
        build_scorers([model()], runtime="int8")


def test_an_ensemble_runs_each_network_as_fast_as_it_can():
    found = build_scorers([model(), model(layer_norm=True)])
    assert found.runtime == "int8+reference"
    assert found.slow_because == "it has no code for the encoder cell DeepLSTMCell (LSTM with layer normalisation)"
    assert build_scorers([model(), model()]).runtime == "int8"


def test_a_runtime_of_another_name_is_refused():
    with pytest.raises(DeviceError, match="runtime 'fast' should be one of auto, reference, int8"):
        build_scorers([model()], runtime="fast")


@pytest.mark.parametrize("helped", [False, True], ids=["alone", "with a language model"])
def test_a_sentence_is_given_the_scorer_that_its_own_wishes_ask_for(helped):
    plain, fixed = Constraints(), Constraints(prefix=(5,))
    helper = build_language_model(LanguageModelConfig(embedding_size=8, hidden_size=8), vocabulary_size=131).eval()
    found = build_scorers([model()], shortlist=shortlist(), language_model=helper if helped else None)
    assert found.of(SearchOptions(), plain) is found.listed
    assert found.of(SearchOptions(), fixed) is found.whole
    assert found.of(SearchOptions(beam_size=1, sampling=True), plain) is found.whole
    assert found.batches_at_once(8) == 8
    source, lengths = batch()
    assert stepwise(found.translation).start(source, lengths).shortlist is None
    assert stepwise(found.whole).start(source, lengths).shortlist is None
    lists = shortlist().tokens(source.numpy(), lengths.numpy())
    assert stepwise(found.listed).start(source, lengths).shortlist.tolist() == lists.tolist()
    assert build_scorers([model(), model()], shortlist=shortlist()).listed is None
    assert build_scorers([model()], runtime="reference", shortlist=shortlist()).listed is None


def scorer_of(network: Seq2Seq, *, listed: bool) -> Scorer:
    return int8_steps(network, shortlist() if listed else None)


def test_what_scores_lists_of_tokens_is_made_where_there_are_lists(monkeypatch):
    made = []
    table = kernels.TokenTable
    monkeypatch.setattr("nmt.runtime.int8.TokenTable", lambda *parts: made.append(parts) or table(*parts))
    network = model()
    int8(network)
    assert made == []
    int8(network, shortlist())
    assert len(made) == 1


@on_each_instruction_set
def test_a_list_of_tokens_is_scored_as_its_columns_of_the_whole():
    whole = int8_steps(model())
    restricted, (source, lengths) = scorer_of(model(), listed=True), batch()
    state, rows = restricted.start(source, lengths), torch.arange(4).repeat_interleave(2)
    tokens = torch.randint(4, 131, (4, 2))
    scores, _, _ = restricted.step(tokens, state.reorder(rows))
    expected, _, _ = whole.step(tokens, whole.start(source, lengths).reorder(rows))
    lists = torch.from_numpy(shortlist().tokens(source.numpy(), lengths.numpy()))
    assert torch.equal(state.shortlist, lists)
    real = (lists != 0) | (torch.arange(lists.shape[1]) == 0)
    expected = (
        expected.gather(2, lists[:, None].expand(-1, 2, -1)).masked_fill(~real[:, None], -torch.inf).log_softmax(dim=2)
    )
    torch.testing.assert_close(scores, expected.log_softmax(dim=2), rtol=1e-5, atol=1e-5)


@on_each_instruction_set
@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("beam", "count"), [(1, 1), (3, 6), (2, 300)])
def test_the_best_continuations_are_those_of_sorting_all(listed, beam, count):
    scorer = scorer_of(model(), listed=listed)
    state = scorer.start(*batch()).reorder(torch.arange(4).repeat_interleave(beam))
    tokens, scores = torch.randint(4, 131, (4, beam)), torch.randn(4, beam)
    scores[3, beam - 1] = -torch.inf  # no hypothesis
    forced = torch.tensor([False, True, False, False])
    found, _, _ = scorer.best(tokens, state, scores=scores, forced=forced, count=count)
    log_probabilities, after, _ = scorer.step(tokens, state)
    total = log_probabilities + scores[:, :, None]
    total[..., :END_ID] = -torch.inf
    total[1, :, END_ID + 1 :] = -torch.inf
    values, places = total.flatten(1).sort(dim=1, descending=True, stable=True)
    some = min(count, values.shape[1])
    assert torch.equal(found.scores[:, :some], values[:, :some])
    assert torch.equal(found.values, found.scores)
    real, columns = values[:, :some].isfinite(), total.shape[2]
    assert not found.values[:, :some][~real].isfinite().any()
    assert not found.values[:, some:].isfinite().any()
    first = places[:, :some]
    assert torch.equal(found.rows[:, :some][real], (first // columns + beam * torch.arange(4)[:, None])[real])
    expected = first % columns if after.shortlist is None else after.shortlist.gather(1, first % columns)
    assert torch.equal(found.tokens[:, :some][real], expected[real])


class Unranked:
    """A scorer of which search sees no more than it must."""

    def __init__(self, scorer):
        self.vocabulary_size, self.start, self.step = scorer.vocabulary_size, scorer.start, scorer.step


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("beam", [1, 4])
def test_what_ranks_itself_is_searched_like_what_does_not(beam, listed):
    scorer = scorer_of(model(), listed=listed)
    options = SearchOptions(beam_size=beam, n_best=beam)
    source, lengths = batch()
    found, expected = (search(one, source, lengths, options) for one in (scorer, Unranked(scorer)))
    for ours, theirs in zip(found, expected, strict=True):
        assert [(one.tokens, one.score) for one in ours] == [(one.tokens, one.score) for one in theirs]


def test_the_kernel_is_filled_by_name_and_refuses_other_names_and_orders():
    fields = {name: number for number, name in enumerate(_kernel.layouts()["memory"])}
    found = kernels._structure("memory", **dict(reversed(fields.items())))
    assert found.tolist() == list(range(len(fields)))
    with pytest.raises(TypeError, match="struct memory has the fields keys, values, lengths"):
        kernels._structure("memory", **{"length" if name == "lengths" else name: 0 for name in fields})
    call = dict.fromkeys(("plan", "lists", "counts", "batch", "beam", "sentences", "readout", "out"), 0)
    with pytest.raises(TypeError, match="keyword 1 should be lists"):
        _kernel.log_probabilities(**dict.fromkeys(("plan", "batch", "lists", *list(call)[3:]), 0))
    with pytest.raises(TypeError, match="keyword 7 should be out"):
        _kernel.log_probabilities(**dict.fromkeys(list(call)[:-1], 0))
    with pytest.raises(TypeError, match="there should be 8 keywords"):
        _kernel.log_probabilities(**call, more=0)
    with pytest.raises(TypeError, match="arguments should have their names"):
        _kernel.log_probabilities(*call.values())
