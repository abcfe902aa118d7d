"""The network against independent truths: a loop of steps, sentences alone, formulas, finite differences."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any, get_args

import pytest
import torch
from torch import Tensor

from nmt.config.network import CellName, LanguageModelConfig, ModelConfig
from nmt.config.vocabulary import PADDING_ID
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.model.attention import Attention, Memory
from nmt.model.build import build_attention, build_language_model, build_seq2seq
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.statistics import statistics
from nmt.runtime.graph import tensors_of

ATTENTIONS = ["additive", "dot", "general", "multi-head"]
VOCABULARY = 40


def small(**changes: object) -> ModelConfig:
    sizes = {"embedding_size": 12, "encoder_hidden_size": 16, "decoder_hidden_size": 16, "attention_size": 20}
    return ModelConfig.model_validate({**sizes, **changes})


def sentences(*lengths: int) -> tuple[Tensor, Tensor]:
    source = torch.randint(4, VOCABULARY, (len(lengths), max(lengths)))
    for row, length in enumerate(lengths):
        source[row, length:] = PADDING_ID
    return source, torch.tensor(lengths)


SHAPES = [
    small(
        attention=attention,
        wiring=wiring,
        decoder_layers=layers,
        encoder_layers=layers,
        encoder_bidirectional=bidirectional,
        residual=residual,
        tied_embeddings=tied,
        decoder_initial_state=initial,
    )
    for attention, wiring, layers, bidirectional, residual, tied, initial in [
        *itertools.product(ATTENTIONS, ["gnmt", "input-feeding"], [1, 3], ["first"], [True], ["all"], ["mean"]),
        *itertools.product(
            ["general"],
            ["gnmt", "input-feeding"],
            [2],
            ["first", "all", "none"],
            [False, True],
            ["none", "target-output", "all"],
            ["zero", "last"],
        ),
    ]
]
FAST_SHAPES = [
    small(
        wiring=wiring,
        encoder_cell="ssru" if residual else "lstm",
        decoder_cell=cell,
        decoder_layers=layers,
        decoder_feed_forward_layers=feed_forward,
        residual=residual,
    )
    for wiring, cell, (layers, feed_forward), residual in itertools.product(
        ["gnmt", "input-feeding"], ["lstm", "ssru"], [(1, 0), (1, 2), (2, 1)], [False, True]
    )
]
STEPPED_SHAPES = [
    small(wiring=wiring, layer_norm=norm, encoder_transition_depth=encoder, decoder_transition_depth=decoder)
    for wiring, (norm, encoder, decoder) in itertools.product(
        ["gnmt", "input-feeding"], [(True, 1, 1), (True, 2, 1), (False, 1, 3)]
    )
]
CELL_SHAPES = [
    small(wiring=wiring, encoder_cell=cell, decoder_cell=cell, encoder_bidirectional="all")
    for wiring, cell in itertools.product(["gnmt", "input-feeding"], get_args(CellName))
]
DEEP_SHAPES = [
    small(
        wiring=wiring,
        encoder_input_depth=depths[0],
        encoder_output_depth=depths[1],
        decoder_input_depth=depths[1],
        decoder_output_depth=depths[0],
        decoder_transition_depth=depths[2],
    )
    for wiring, depths in itertools.product(["gnmt", "input-feeding"], [(2, 1, 1), (3, 2, 2)])
]
UNATTENDED_SHAPES = [
    small(wiring=wiring, attention=attention, decoder_initial_state=initial, decoder_layers=layers)
    for wiring, attention, initial, layers in [
        *itertools.product(["gnmt", "input-feeding"], ["none"], ["last", "mean"], [1, 2]),
        *itertools.product(["gnmt", "input-feeding", "fixed-context"], ["fixed"], ["zero", "last", "mean"], [1, 2]),
    ]
]

END_SHAPES = [
    small(end=end, **shape)
    for end, shape in itertools.product(
        ["stop", "length"], [{}, {"wiring": "input-feeding", "tied_embeddings": "none"}, {"decoder_kind": "transformer"}]
    )
]


@pytest.mark.parametrize(
    "config",
    SHAPES + FAST_SHAPES + STEPPED_SHAPES + CELL_SHAPES + DEEP_SHAPES + UNATTENDED_SHAPES + END_SHAPES,
    ids=lambda config: "-".join(map(str, config.model_dump().values())),
)
def test_forward_is_a_loop_of_steps_and_padding_changes_nothing(config: ModelConfig) -> None:
    torch.manual_seed(3)
    model = build_seq2seq(config, vocabulary_size=VOCABULARY).eval()
    source, lengths = sentences(7, 4, 1)
    prefix = torch.randint(4, VOCABULARY, (3, 5))
    logits, attention = model(source, lengths, prefix)

    memory = model.encode(source, lengths)
    state = model.start(memory)
    for position in range(5):
        step_logits, state, step_attention = model.step(prefix[:, position : position + 1], state, memory)
        torch.testing.assert_close(step_logits[:, 0], logits[:, position], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(step_attention[:, 0], attention[:, position], atol=1e-5, rtol=1e-4)

    for row, length in enumerate(lengths.tolist()):
        alone, _ = model(source[row : row + 1, :length], lengths[row : row + 1], prefix[row : row + 1])
        torch.testing.assert_close(alone[0], logits[row], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("cell", get_args(CellName))
@pytest.mark.parametrize(("layers", "residual"), [(1, False), (3, False), (3, True)])
def test_a_language_model_is_a_loop_of_steps(cell: str, layers: int, residual: bool) -> None:
    torch.manual_seed(3)
    sizes = {"embedding_size": 12, "hidden_size": 16, "layers": layers, "input_depth": layers, "output_depth": 2}
    config = LanguageModelConfig.model_validate(sizes | {"cell": cell, "residual": residual})
    model = build_language_model(config, vocabulary_size=VOCABULARY).eval()
    prefix = torch.randint(4, VOCABULARY, (3, 5))
    logits, state = model(prefix), model.start(3)
    for position in range(5):
        step, state = model.step(prefix[:, position], state)
        torch.testing.assert_close(step, logits[:, position], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("cell", get_args(CellName))
@pytest.mark.parametrize("wiring", ["gnmt", "input-feeding"])
def test_a_beam_of_hypotheses_steps_like_as_many_sentences(wiring: str, cell: str) -> None:
    model = build_seq2seq(small(wiring=wiring, decoder_cell=cell), vocabulary_size=VOCABULARY).eval()
    source, lengths = sentences(6, 3)
    memory = model.encode(source, lengths)
    rows = torch.tensor([0, 0, 0, 1, 1, 1])
    tokens = torch.randint(4, VOCABULARY, (2, 3))
    together, state, _ = model.step(tokens, model.start(memory).select(rows), memory)
    apart, _, _ = model.step(tokens.view(6, 1), model.start(memory.keep(rows)), memory.keep(rows))
    torch.testing.assert_close(together.view(6, 1, -1), apart)
    _, alone, _ = model.step(tokens[1:, 2:], model.start(memory.keep(torch.tensor([1]))), memory.keep(torch.tensor([1])))
    for kept, own in zip(state.select(torch.tensor([5])).cells, alone.cells, strict=True):
        torch.testing.assert_close(tensors_of(kept), tensors_of(own))


def test_a_feed_forward_layer_is_the_formula() -> None:
    """A decoder of one LSTM layer under one feed-forward layer, put together by hand from its parts."""
    decoder = (
        build_seq2seq(small(decoder_layers=1, decoder_feed_forward_layers=1), vocabulary_size=VOCABULARY).eval().decoder
    )
    plain = build_seq2seq(small(decoder_layers=1), vocabulary_size=VOCABULARY).eval()
    plain.decoder.load_state_dict(decoder.state_dict(), strict=False)
    memory = plain.encode(*sentences(5, 2))
    prefix = torch.randint(4, VOCABULARY, (2, 3))
    initial = torch.tanh(memory.summary @ decoder.initial.weight.T + decoder.initial.bias)  # type: ignore[union-attr]
    below, _ = decoder.layers[0](decoder.embedding(prefix), decoder.layers[0].start(initial))
    context, _ = decoder.attention(below, memory)
    weights = dict(decoder.named_parameters())
    read = torch.cat((below, context), dim=2)
    sums = read @ weights["feed_forward.0.projection.weight"].T + weights["feed_forward.0.projection.bias"]
    above = below + torch.relu(torch.nn.functional.layer_norm(sums, (16,)))
    joined = torch.cat((above, context), dim=2)
    expected = torch.tanh(joined @ weights["readout.weight"].T + weights["readout.bias"])
    torch.testing.assert_close(decoder(prefix, memory)[0], expected)


def test_without_attention_only_the_first_state_tells_of_the_source() -> None:
    """Sutskever et al. 2014: sentences with the same summary have the same translation, and others another."""
    model = build_seq2seq(small(attention="none", decoder_initial_state="last"), vocabulary_size=VOCABULARY).eval()
    memory = model.encode(*sentences(6, 6))
    prefix = torch.randint(4, VOCABULARY, (1, 4)).expand(2, -1)
    different, weights = model.decoder(prefix, memory)
    assert not torch.allclose(different[0], different[1])
    same, _ = model.decoder(prefix, dataclasses.replace(memory, summary=memory.summary[:1].expand(2, -1)))
    torch.testing.assert_close(same[0], same[1])
    torch.testing.assert_close(weights, torch.full_like(weights, 1 / 6))


@pytest.mark.parametrize("initial", ["zero", "last"])
def test_a_fixed_context_is_an_input_of_each_layer_at_each_step(initial: str) -> None:
    """Cho et al. 2014: the decoder put together by hand, its state begun with zeros or with the context."""
    shape = small(attention="fixed", wiring="fixed-context", decoder_initial_state=initial, residual=False)
    model = build_seq2seq(shape, vocabulary_size=VOCABULARY).eval()
    decoder, memory = model.decoder, model.encode(*sentences(5, 2))
    prefix = torch.randint(4, VOCABULARY, (2, 4))
    starts = [torch.zeros(2, 16)] * 2
    if decoder.initial is not None:
        starts = list(torch.tanh(memory.summary @ decoder.initial.weight.T + decoder.initial.bias).chunk(2, dim=1))
    context = memory.summary[:, None].expand(-1, 4, -1)
    output = decoder.embedding(prefix)
    for cell, start in zip(decoder.layers, starts, strict=True):
        output, _ = cell(torch.cat((output, context), dim=2), cell.start(start))
    joined = torch.cat((output, context), dim=2)
    readout, _ = decoder(prefix, memory)
    torch.testing.assert_close(readout, torch.tanh(joined @ decoder.readout.weight.T + decoder.readout.bias))


def attention_and_memory(kind: str) -> tuple[Attention, Tensor, Tensor]:
    torch.manual_seed(1)
    attention = build_attention(small(attention=kind)).double()
    states = torch.randn(2, 5, 16, dtype=torch.float64)
    mask = torch.tensor([[True] * 5, [True, True, False, False, False]])
    return attention, states, mask


def remember(attention: Attention, states: Tensor, mask: Tensor) -> Memory:
    return Memory(attention.values(states), attention.keys(states), mask, states[:, 0])


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_attention_weights_sum_to_one_and_are_zero_on_padding(kind: str) -> None:
    attention, states, mask = attention_and_memory(kind)
    context, weights = attention(torch.randn(2, 3, 16, dtype=torch.float64), remember(attention, states, mask))
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 3, dtype=torch.float64))
    assert (weights[1, :, 2:] == 0).all()
    assert (weights[mask[:, None, :].expand_as(weights)] > 0).all()
    assert context.shape == (2, 3, attention.context_size)


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_attention_gradients(kind: str) -> None:
    attention, states, mask = attention_and_memory(kind)
    query = torch.randn(2, 2, 16, dtype=torch.float64, requires_grad=True)
    states.requires_grad_()
    assert torch.autograd.gradcheck(lambda q, s: attention(q, remember(attention, s, mask)), (query, states), fast_mode=True)


def test_additive_attention_is_bahdanaus_formula() -> None:
    attention, states, mask = attention_and_memory("additive")
    query = torch.randn(2, 1, 16, dtype=torch.float64)
    weights = dict(attention.named_parameters())
    _, found = attention(query, remember(attention, states, mask))
    for sentence, position in itertools.product(range(2), range(2)):
        energies = [
            weights["score.weight"][0]
            @ torch.tanh(
                weights["query_projection.weight"] @ query[sentence, 0]
                + weights["key_projection.weight"] @ states[sentence, source]
                + weights["key_projection.bias"]
            )
            for source in range(int(mask[sentence].sum()))
        ]
        expected = torch.stack(energies).softmax(dim=0)[position]
        torch.testing.assert_close(found[sentence, 0, position], expected)


def test_multi_head_attention_is_pytorchs() -> None:
    attention, states, mask = attention_and_memory("multi-head")
    weights = dict(attention.named_parameters())
    query = torch.randn(2, 3, 16, dtype=torch.float64)
    identity = torch.eye(20, dtype=torch.float64)
    expected, expected_weights = torch.nn.functional.multi_head_attention_forward(
        query=(query @ weights["query_projection.weight"].T).transpose(0, 1),
        key=(states @ weights["key_projection.weight"].T).transpose(0, 1),
        value=(states @ weights["value_projection.weight"].T).transpose(0, 1),
        embed_dim_to_check=20,
        num_heads=4,
        in_proj_weight=identity.repeat(3, 1),
        in_proj_bias=None,
        bias_k=None,
        bias_v=None,
        add_zero_attn=False,
        dropout_p=0.0,
        out_proj_weight=identity,
        out_proj_bias=None,
        key_padding_mask=~mask,
    )
    context, found = attention(query, remember(attention, states, mask))
    torch.testing.assert_close(context, expected.transpose(0, 1))
    torch.testing.assert_close(found, expected_weights)


@pytest.mark.parametrize("shape", [{}, {"layer_norm": True, "encoder_transition_depth": 2}], ids=["fused", "stepped"])
@pytest.mark.parametrize("wiring", ["gnmt", "input-feeding"])
def test_gradients_of_the_whole_network(wiring: str, shape: dict[str, object]) -> None:
    rates = {"dropout": 0.0, "embedding_dropout": 0.0, "output_dropout": 0.0}
    config = small(wiring=wiring, tied_embeddings="none", **rates, **shape)
    model = build_seq2seq(config, vocabulary_size=9).double()
    source, lengths = torch.tensor([[4, 5, 6], [7, 8, 0]]), torch.tensor([3, 2])
    prefix = torch.tensor([[2, 4], [2, 5]])
    names = ["encoder.embedding.weight", "decoder.readout.weight", "decoder.attention.key_projection.weight"]
    parameters = dict(model.named_parameters())

    def logits(*weights: Tensor) -> Tensor:
        return torch.func.functional_call(model, dict(zip(names, weights, strict=True)), (source, lengths, prefix))[0]

    chosen = tuple(parameters[name].detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(logits, chosen, fast_mode=True)


@pytest.mark.parametrize(("kind", "shared"), [("element", False), ("variational", True)])
def test_dropout_masks(kind: str, shared: bool) -> None:
    torch.manual_seed(0)
    dropout = Dropout(probability=0.4, kind=kind)  # type: ignore[arg-type]
    dropped = dropout(torch.ones(50, 8, 30))
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.6], rel=2**-15)  # masks are drawn in 16 bits
    assert (dropped == 0).float().mean().item() == pytest.approx(0.4, abs=0.03)
    assert (dropped == dropped[:, :1]).all().item() is shared
    assert (dropout.eval()(torch.ones(2, 3, 4)) == 1).all()


@pytest.mark.parametrize("kind", ["element", "variational"])
def test_dropout_of_positions_that_come_one_by_one_is_that_of_the_whole_sequence(kind: str) -> None:
    dropout, sequence = Dropout(probability=0.4, kind=kind), torch.randn(3, 6, 5)  # type: ignore[arg-type]
    for trained in (True, False):
        dropout.train(trained)
        torch.manual_seed(2)
        expected = dropout(sequence)
        torch.manual_seed(2)
        drops = dropout.over_positions(torch.empty_like(sequence))
        assert torch.equal(torch.stack([next(drops)(position) for position in sequence.unbind(1)], dim=1), expected)


def test_input_feeding_holds_one_mask_for_each_layer_over_time() -> None:
    torch.manual_seed(0)
    shape = small(wiring="input-feeding", decoder_layers=3, dropout=0.5, dropout_kind="variational", embedding_dropout=0.0)
    decoder = build_seq2seq(shape, vocabulary_size=VOCABULARY).train().decoder
    seen: dict[int, list[Tensor]] = {1: [], 2: []}
    for index in seen:
        step = decoder.layers[index].step

        def watched(inputs: Tensor, state: Any, index: int = index, step: Any = step) -> Any:
            seen[index].append(inputs == 0.0)
            return step(inputs, state)

        decoder.layers[index].step = watched  # type: ignore[method-assign]
    model = build_seq2seq(shape, vocabulary_size=VOCABULARY)
    decoder(torch.randint(4, VOCABULARY, (2, 5)), model.encode(*sentences(4, 2)))
    for masks in seen.values():
        assert all(torch.equal(mask, masks[0]) for mask in masks)
        assert 0 < masks[0].sum() < masks[0].numel()
    assert not torch.equal(seen[1][0], seen[2][0])


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_dropout_draws_each_unit_by_itself(probability: float) -> None:
    """Neighbours share a draw: each must be dropped as often as asked, and know nothing of the others."""
    torch.manual_seed(1)
    scale = Dropout(probability=probability, kind="element").scale(torch.empty(1, 40_000, 8))[0]
    error = 5.0 * (probability * (1.0 - probability) / len(scale)) ** 0.5  # five standard deviations
    assert ((scale == 0).float().mean(dim=0) - probability).abs().max() < error
    assert (scale.mean(dim=0) - 1.0).abs().max() < error / (1.0 - probability)
    assert (torch.corrcoef(scale.T) - torch.eye(8)).abs().max() < 5.0 / len(scale) ** 0.5


def test_word_dropout_takes_whole_words() -> None:
    dropped = WordDropout(probability=0.5)(torch.ones(40, 10, 6))
    assert (dropped == dropped[..., :1]).all()
    assert dropped[..., 0].mean().item() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "shape",
    [
        {"decoder_cell": "ssru", "decoder_feed_forward_layers": 2},
        {"layer_norm": True, "decoder_transition_depth": 2},
        {"encoder_input_depth": 2, "encoder_output_depth": 3, "decoder_input_depth": 3, "decoder_output_depth": 2},
        {"attention": "none"},
        {"attention": "fixed"},
        *({"encoder_cell": cell, "decoder_cell": cell} for cell in get_args(CellName)),
    ],
    ids=["fast", "stepped", "deep", "none", "fixed", *get_args(CellName)],
)
@pytest.mark.parametrize("wiring", ["gnmt", "input-feeding"])
def test_dropout_kinds_train_with_every_wiring(wiring: str, shape: dict[str, object]) -> None:
    rates = {"dropout": 0.5, "embedding_dropout": 0.5, "output_dropout": 0.5}
    for kind in ("element", "variational"):
        model = build_seq2seq(small(wiring=wiring, dropout_kind=kind, **rates, **shape), vocabulary_size=VOCABULARY)
        source, lengths = sentences(4, 2)
        prefix = torch.randint(4, VOCABULARY, (2, 3))
        first, second = (model(source, lengths, prefix)[0] for _ in range(2))
        assert not torch.equal(first, second)
        first.sum().backward()
        assert all(parameter.grad is not None for parameter in model.parameters())


def test_statistics_count_by_hand() -> None:
    config = small(encoder_layers=1, decoder_layers=2, attention="general", tied_embeddings="all")
    model = build_seq2seq(config, vocabulary_size=VOCABULARY)
    found = statistics(model)
    assert found.parameters == sum(parameter.numel() for parameter in model.parameters())
    embedding, hidden = 12, 16
    encoder = 2 * 4 * 8 * (embedding + 8)
    decoder = 4 * hidden * (embedding + hidden) + 4 * hidden * (2 * hidden + hidden)
    attention, readout, output = hidden * hidden, 2 * hidden * embedding, embedding * VOCABULARY
    assert found.source_flops == 2 * (encoder + attention)
    assert found.step_flops == 2 * (decoder + readout)
    assert found.output_flops == 2 * output
    assert found.flops_per_token == 2 * (encoder + decoder + attention + readout + output)
    initial = 16 * 2 * hidden
    asked = found.translation_flops(sentences=3, source_tokens=7, target_tokens=11, beam_size=5, vocabulary_share=0.5)
    steps = 5 * 11 * (2 * (decoder + readout) + output)
    assert asked == 3 * 2 * initial + 7 * 2 * (encoder + attention) + steps


def test_statistics_of_a_fast_decoder() -> None:
    config = small(encoder_layers=1, decoder_layers=2, decoder_cell="ssru", decoder_feed_forward_layers=3)
    embedding, hidden = 12, 16
    encoder = 2 * 4 * 8 * (embedding + 8)
    decoder = 2 * hidden * embedding + 2 * hidden * 2 * hidden + 3 * hidden * 2 * hidden
    attention, readout, output = hidden * hidden, 2 * hidden * embedding, embedding * VOCABULARY
    found = statistics(build_seq2seq(config, vocabulary_size=VOCABULARY))
    assert found.flops_per_token == 2 * (encoder + decoder + attention + readout + output)


def test_statistics_of_stepped_layers() -> None:
    plain, normalised, deep = (
        statistics(build_seq2seq(small(**changes), vocabulary_size=VOCABULARY))
        for changes in ({}, {"layer_norm": True}, {"encoder_transition_depth": 3, "decoder_transition_depth": 2})
    )
    assert normalised.flops_per_token == plain.flops_per_token
    encoder = 2 * (2 * 4 * 8 * 8) + 2 * (4 * 16 * 16)  # two cells more in both directions, and in the second layer
    decoder = 2 * (4 * 16 * 16)  # one cell more in each of two layers
    assert deep.flops_per_token - plain.flops_per_token == 2 * (encoder + decoder)


def test_tied_matrices_are_one() -> None:
    for tied, matrices in (("none", 3), ("target-output", 2), ("all", 1)):
        model = build_seq2seq(small(tied_embeddings=tied), vocabulary_size=VOCABULARY)
        weights = {model.encoder.embedding.weight, model.decoder.embedding.weight, model.output.weight}
        assert len({id(weight) for weight in weights}) == matrices


def test_the_first_loss_is_that_of_guessing() -> None:
    """Before training every token should be about as likely: a start far from log V wastes updates."""
    model = build_seq2seq(ModelConfig(), vocabulary_size=1000).eval()
    source, lengths = sentences(8, 8)
    logits, _ = model(source, lengths, source)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), source.flatten())
    assert loss.item() == pytest.approx(math.log(1000), rel=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"decoder_cell": "ssru", "decoder_transition_depth": 2},
            "decoder_transition_depth above 1 is for decoder_cell lstm",
        ),
        (
            {"encoder_cell": "ssru", "encoder_transition_depth": 2},
            "encoder_transition_depth above 1 is for encoder_cell lstm",
        ),
        (
            {"encoder_cell": "ssru", "decoder_cell": "ssru", "layer_norm": True},
            "layer_norm and recurrent_dropout are for lstm, which neither encoder_cell nor decoder_cell is",
        ),
        ({"attention": "none", "decoder_initial_state": "zero"}, "attention none needs decoder_initial_state last or mean"),
        (
            {"attention": "none", "decoder_cell": "output-to-hidden"},
            "attention none needs another decoder_cell than output-to",
        ),
        ({"wiring": "fixed-context"}, "wiring fixed-context needs attention fixed, not general"),
        ({"wiring": "input-feeding", "recurrent_dropout": 0.1}, "recurrent_dropout needs wiring gnmt"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^recipe: {message}[^\\n]*$"):
        parse(ModelConfig, changes, where="recipe")
