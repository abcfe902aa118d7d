"""Residual blocks and the Transformer against PyTorch's own modules, the papers' formulas, and finite differences."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from support.precision import NEEDS_BFLOAT16
from support.small_networks import PAST_THE_LSTM, SMALL, VOCABULARY
from torch import Tensor, nn

from nmt.config.network import ModelConfig
from nmt.config.vocabulary import PADDING_ID
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.model.build import build_seq2seq
from nmt.model.dropout import Dropout
from nmt.model.recurrent_encoder import RecurrentEncoder
from nmt.model.residual_block import EncoderBlock, sinusoids
from nmt.model.seq2seq import Seq2Seq
from nmt.model.statistics import statistics
from nmt.model.transformer_attention import SelfAttention, TransformerAttention
from nmt.model.transformer_decoder import TransformerDecoderLayer
from nmt.runtime.graph import tensors_of

LENGTHS = torch.tensor([5, 3, 1])
TRANSFORMERS = ["Transformer", "Transformer encoder", "Transformer decoder"]


def real(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def dropout() -> Dropout:
    return Dropout(probability=0.0, kind="element")


def redrawn(module: nn.Module) -> Any:
    """In float64, biases and norms that are neither zero nor one."""
    for parameter in module.double().parameters():
        nn.init.normal_(parameter, std=0.5)
    return module


def padding(size: int = 5) -> Tensor:
    """True at padding, as PyTorch's modules want it."""
    return torch.arange(size) >= LENGTHS[:, None]


def copy_attention(ours: TransformerAttention, theirs: nn.MultiheadAttention) -> None:
    projections = (ours.query_projection, ours.key_projection, ours.value_projection)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([one.weight for one in projections]))
        theirs.in_proj_bias.copy_(torch.cat([one.bias for one in projections]))
    theirs.out_proj.load_state_dict(ours.output_projection.state_dict())


@pytest.mark.parametrize("heads", [1, 4])
def test_the_attention_is_pytorchs(heads: int) -> None:
    ours = redrawn(TransformerAttention(size=12, state_size=12, heads=heads))
    theirs = nn.MultiheadAttention(12, heads, batch_first=True, dtype=torch.float64)
    copy_attention(ours, theirs)
    query, states = real(3, 4, 12), real(3, 5, 12)
    expected, weights = theirs(query, states, states, key_padding_mask=padding(), average_attn_weights=False)
    found, found_weights = ours(query, *ours.remember(states), ~padding()[:, None, None, :])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found_weights, weights)


def test_gradients_of_the_attention_are_those_by_differences() -> None:
    attention = redrawn(TransformerAttention(size=4, state_size=6, heads=2))
    mask = ~padding()[:, None, None, :]

    def outputs(query: Tensor, states: Tensor) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = attention(query, *attention.remember(states), mask)
        return found

    inputs = (real(3, 2, 4).requires_grad_(), real(3, 5, 6).requires_grad_())
    assert torch.autograd.gradcheck(outputs, inputs, fast_mode=True)


def test_a_block_with_self_attention_is_pytorchs_encoder_layer() -> None:
    mixing = SelfAttention(size=12, heads=3)
    ours: EncoderBlock = redrawn(EncoderBlock(mixing=mixing, feed_forward_size=20, size=12, dropout=dropout()))
    theirs = nn.TransformerEncoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=True, dtype=torch.float64)
    copy_attention(mixing.attention, theirs.self_attn)
    load(theirs, norm1=ours.mixing.norm, norm2=ours.feed_forward.norm)
    load(theirs, linear1=ours.feed_forward.function.inner, linear2=ours.feed_forward.function.outer)
    states = real(3, 5, 12)
    expected = theirs(states, src_key_padding_mask=padding())
    torch.testing.assert_close(ours(states, LENGTHS)[~padding()], expected[~padding()])


def test_a_decoder_layer_is_pytorchs() -> None:
    ours: TransformerDecoderLayer = redrawn(
        TransformerDecoderLayer(size=12, state_size=12, heads=3, feed_forward_size=20, dropout=dropout())
    )
    theirs = nn.TransformerDecoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=True, dtype=torch.float64)
    copy_attention(ours.self_attention, theirs.self_attn)
    copy_attention(ours.source_attention, theirs.multihead_attn)
    load(theirs, norm1=ours.self_norm, norm2=ours.source_norm, norm3=ours.feed_forward.norm)
    load(theirs, linear1=ours.feed_forward.function.inner, linear2=ours.feed_forward.function.outer)
    states, memory, nothing = real(3, 4, 12), real(3, 5, 12), real(3, 0, 12)
    causal = torch.ones(4, 4, dtype=torch.bool).tril()
    expected = theirs(states, memory, tgt_mask=~causal, memory_key_padding_mask=padding())
    source = ours.source_attention.remember(memory)
    found, _, _ = ours(states, (nothing, nothing), causal, source, ~padding()[:, None, None, :])
    torch.testing.assert_close(found, expected)


def load(theirs: nn.Module, **ours: nn.Module) -> None:
    for name, module in ours.items():
        theirs.get_submodule(name).load_state_dict(module.state_dict())


def test_positions_are_the_papers_sinusoids() -> None:
    found, size = sinusoids(3, 4, 6), 6
    for row, position in enumerate(range(3, 7)):
        angles = [position / 10_000 ** (2 * index / size) for index in range(size // 2)]
        expected = [*map(math.sin, angles), *map(math.cos, angles)]
        torch.testing.assert_close(found[row], torch.tensor(expected), atol=1e-5, rtol=1e-5)
    assert sinusoids(0, 2, 5).shape == (2, 5)


def network(shape: str, **changes: object) -> Seq2Seq:
    torch.manual_seed(5)
    sizes = {**SMALL, **PAST_THE_LSTM[shape], **changes}
    return build_seq2seq(ModelConfig.model_validate(sizes), vocabulary_size=VOCABULARY).eval()


def batch() -> tuple[Tensor, Tensor, Tensor]:
    source = torch.randint(4, VOCABULARY, (3, 5)).masked_fill(padding(), PADDING_ID)
    return source, LENGTHS, torch.randint(4, VOCABULARY, (3, 6))


@pytest.mark.parametrize("shape", PAST_THE_LSTM)
@pytest.mark.parametrize("changes", [{}, {"embedding_size": 20, "tied_embeddings": "none", "attention_heads": 2}])
def test_forward_is_a_loop_of_steps_and_padding_changes_nothing(shape: str, changes: dict[str, object]) -> None:
    model = network(shape, **changes).double()
    source, lengths, prefix = batch()
    logits, attention = model(source, lengths, prefix)
    torch.testing.assert_close(attention.sum(dim=2), torch.ones(3, 6, dtype=torch.float64))
    assert (attention.transpose(1, 2)[padding()] == 0).all()

    memory = model.encode(source, lengths)
    state = model.start(memory)
    for position in range(6):
        step, state, weights = model.step(prefix[:, position : position + 1], state, memory)
        torch.testing.assert_close(step[:, 0], logits[:, position])
        torch.testing.assert_close(weights[:, 0], attention[:, position])

    for row, length in enumerate(lengths.tolist()):
        alone, _ = model(source[row : row + 1, :length], lengths[row : row + 1], prefix[row : row + 1])
        torch.testing.assert_close(alone[0], logits[row])


@pytest.mark.parametrize("shape", TRANSFORMERS)
def test_hypotheses_that_change_places_and_sentences_that_leave_take_their_cache_along(shape: str) -> None:
    model = network(shape).double()
    source, lengths, _ = batch()
    memory = model.encode(source, lengths)
    rows = torch.tensor([0, 0, 1, 1, 2, 2])
    first, second = torch.randint(4, VOCABULARY, (3, 2)), torch.randint(4, VOCABULARY, (3, 2))
    _, state, _ = model.step(first, model.start(memory).select(rows), memory)
    swapped = state.select(torch.tensor([1, 1, 3, 2, 4, 5]))  # the beams of sentences 0 and 1 in another order
    _, state, _ = model.step(second, swapped, memory)
    kept = memory.keep(torch.tensor([2, 1]))  # sentence 0 leaves
    third = torch.randint(4, VOCABULARY, (2, 2))
    logits, _, _ = model.step(third, state.select(torch.tensor([4, 5, 2, 3])), kept)
    sentences = {2: ([0, 1], third[0]), 1: ([1, 0], third[1])}
    for place, (sentence, (parents, last)) in enumerate(sentences.items()):
        for beam, parent in enumerate(parents):
            tokens = torch.stack((first[sentence, parent], second[sentence, beam], last[beam]))[None]
            whole, _ = model(source[sentence : sentence + 1], lengths[sentence : sentence + 1], tokens)
            torch.testing.assert_close(logits[place, beam], whole[0, -1])


def test_a_later_token_changes_nothing_before_it() -> None:
    model = network("Transformer")
    source, lengths, prefix = batch()
    before, _ = model(source, lengths, prefix)
    prefix[:, 4] = (prefix[:, 4] + 1) % VOCABULARY
    after, _ = model(source, lengths, prefix)
    torch.testing.assert_close(after[:, :4], before[:, :4])
    assert not torch.allclose(after[:, 4], before[:, 4])


@pytest.mark.parametrize("shape", ["Transformer", "blocks"])
def test_the_order_of_source_words_counts(shape: str) -> None:
    model = network(shape)
    words, lengths = torch.tensor([[4, 5, 6, 7], [7, 5, 6, 4]]), torch.tensor([4, 4])
    _, _, summary = model.encoder(words, lengths)
    assert (summary[0] - summary[1]).abs().max() > 1e-3


def test_a_recurrent_decoder_is_given_small_states_and_a_transformer_those_of_unit_variance() -> None:
    for shape, expected in {"blocks": 0.25, "Transformer encoder": 0.25, "Transformer": 1.0}.items():
        states, mask, _ = network(shape).encoder(*batch()[:2])
        assert states[mask].std(dim=1, correction=0).mean().item() == pytest.approx(expected, rel=0.01)


def test_a_block_is_two_residuals_around_normalised_layers() -> None:
    model = network("blocks").double()
    block, states = model.encoder.layers[0], real(3, 5, 16)

    def norm(values: Tensor) -> Tensor:
        return (values - values.mean(2, keepdim=True)) / (values.var(2, unbiased=False, keepdim=True) + 1e-5).sqrt()

    mixed = states + block.mixing.function.layer(norm(states), LENGTHS)[0]
    weights = dict(block.feed_forward.function.named_parameters())
    inner = (norm(mixed) @ weights["inner.weight"].T + weights["inner.bias"]).clamp_min(0.0)
    expected = mixed + inner @ weights["outer.weight"].T + weights["outer.bias"]
    torch.testing.assert_close(block(states, LENGTHS), expected)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("first_state", ["mean", "last"])
def test_self_attention_over_a_recurrent_encoder_begins_as_the_recurrent_encoder(layers: int, first_state: str) -> None:
    sizes = {"decoder_initial_state": first_state}
    plain = network("self-attention", encoder_attention_layers=0, **sizes)
    attending = network("self-attention", encoder_attention_layers=layers, **sizes)
    attending.load_state_dict(plain.state_dict(), strict=False)
    inputs = batch()
    for found, expected in zip(attending(*inputs), plain(*inputs), strict=True):
        assert torch.equal(found, expected)


def test_self_attention_over_a_recurrent_encoder_adds_a_tenth_of_pytorchs() -> None:
    plain, attending = network("self-attention", encoder_attention_layers=0), network("self-attention")
    attending.load_state_dict(plain.state_dict(), strict=False)
    (layer,) = attending.encoder.attention
    theirs = nn.MultiheadAttention(16, layer.attention.heads, batch_first=True).eval()
    nn.init.normal_(layer.attention.output_projection.weight)
    copy_attention(layer.attention, theirs)
    source, lengths, _ = batch()
    below, mask, _ = plain.encoder(source, lengths)
    states, _, summary = attending.encoder(source, lengths)
    added, _ = theirs(below, below, below, key_padding_mask=~mask)
    torch.testing.assert_close(states[mask], (below + 0.1 * added)[mask])
    torch.testing.assert_close(
        summary, torch.stack([row[:length].mean(0) for row, length in zip(states, lengths, strict=True)])
    )


def test_self_attention_does_not_drown_the_states_of_a_recurrent_encoder_at_the_start_of_training() -> None:
    """At the rate that `recipe: auto` picks for small text. Attention over normalised states drowns them in 20 updates."""
    model = network("self-attention", encoder_hidden_size=128, embedding_size=128, decoder_hidden_size=128).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.98))
    for _ in range(40):
        source, lengths = torch.randint(4, VOCABULARY, (16, 8)), torch.randint(3, 9, (16,))
        source = source.masked_fill(torch.arange(8) >= lengths[:, None], PADDING_ID)
        logits, _ = model(source, lengths, source.roll(1, dims=1))  # a copy of the source
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), source.flatten(), ignore_index=PADDING_ID)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    encoder = model.eval().encoder
    states, mask, _ = encoder(source, lengths)
    below, _, _ = RecurrentEncoder.forward(encoder, source, lengths)
    added = (states - below)[mask]
    assert 0.0 < added.norm() < 0.5 * below[mask].norm()


@pytest.mark.parametrize("shape", PAST_THE_LSTM)
def test_gradients_of_the_whole_network_are_those_by_differences(shape: str) -> None:
    rates = {"dropout": 0.0, "embedding_dropout": 0.0, "output_dropout": 0.0}
    model = redrawn(network(shape, tied_embeddings="none", **rates))
    inputs = batch()
    names, weights = zip(*model.named_parameters(), strict=True)

    def outputs(*values: Tensor) -> Tensor:
        logits, _ = torch.func.functional_call(model, dict(zip(names, values, strict=True)), inputs)
        return logits[:, -1].tanh()

    chosen = tuple(weight.detach().clone().requires_grad_() for weight in weights)
    assert torch.autograd.gradcheck(outputs, chosen, fast_mode=True)


@pytest.mark.parametrize("shape", PAST_THE_LSTM)
@NEEDS_BFLOAT16
def test_mixed_precision_is_near_full_precision(shape: str) -> None:
    model, (source, lengths, prefix) = network(shape), batch()
    found = []
    for enabled in (False, True):
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            logits, _ = model(source, lengths, prefix)
        logits.float().square().sum().backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        assert all(gradient is not None for gradient in gradients)
        found.append((logits.float(), torch.cat([gradient.flatten() for gradient in gradients if gradient is not None])))
    for exact, mixed in zip(*found, strict=True):
        assert (mixed - exact).norm() < 0.05 * exact.norm()


def test_statistics_of_a_transformer_count_by_hand() -> None:
    size, forward, embedding = 16, 24, 20
    sizes = {"encoder_layers": 3, "decoder_layers": 2, "embedding_size": embedding}
    found = statistics(network("Transformer", **sizes, feed_forward_size=forward))
    encoder = embedding * size + 3 * (4 * size * size + 2 * size * forward)
    source = 2 * 2 * size * size
    decoder = embedding * size + 2 * (6 * size * size + 2 * size * forward) + size * embedding
    assert found.source_flops == 2 * (encoder + source)
    assert found.step_flops == 2 * decoder
    assert (found.sentence_flops, found.output_flops) == (0, 2 * embedding * VOCABULARY)
    assert dict(found.architecture) == {
        "encoder": "3 residual blocks of self-attention, 4 heads of 4 units, with feed-forward, 24 units",
        "decoder": "2 Transformer layers of 16 units, with feed-forward, 24 units",
        "attention": "in each layer, 4 heads of 4 units",
        "embeddings": "20, tied: all",
    }


def test_statistics_of_blocks_and_of_self_attention_count_by_hand() -> None:
    size, forward, embedding = 16, 24, 12
    blocks = statistics(network("blocks", encoder_layers=2, feed_forward_size=forward))
    key = size * size
    encoder = embedding * size + 2 * (2 * 4 * size * size // 2 + 2 * size * forward)
    assert blocks.source_flops == 2 * (encoder + key)
    plain, attending = (statistics(network("self-attention", encoder_attention_layers=count)) for count in (0, 1))
    assert attending.source_flops - plain.source_flops == 2 * 4 * size * size
    assert attending.step_flops == plain.step_flops
    assert dict(blocks.architecture)["encoder"] == (
        "2 residual blocks of oLRN, 1 × 16 units, bidirectional, with feed-forward, 24 units"
    )
    assert dict(attending.architecture)["encoder"].endswith(", then self-attention, 4 heads of 4 units")


T, HEADS = "transformer", {"attention_heads": 3}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder_kind": T, **HEADS}, "attention_heads 3 must divide encoder_hidden_size 512"),
        ({"encoder_attention_layers": 1, **HEADS}, "attention_heads 3 must divide encoder_hidden_size 512"),
        ({"decoder_kind": T, **HEADS}, "attention_heads 3 must divide decoder_hidden_size 512"),
        ({"encoder_kind": T, "encoder_layers": 0}, "encoder_layers: [^\n]*greater than or equal to 1"),
        ({"decoder_kind": T, "feed_forward_size": 0}, "feed_forward_size: [^\n]*greater than or equal to 1"),
        ({"encoder_kind": "transfomer"}, "encoder_kind: [^\n]*did you mean transformer"),
        ({"encoder_kind": "blocks", "encoder_hidden_size": 17}, "encoder_hidden_size 17 must be even"),
        (
            {"encoder_kind": "blocks", "decoder_initial_state": "last"},
            "decoder_initial_state last needs encoder_kind recurrent",
        ),
        ({"encoder_kind": T, "encoder_cell": "gru"}, "encoder_cell gru is for a recurrent encoder"),
        ({"decoder_kind": T, "decoder_output_depth": 2}, "decoder_output_depth 2 is for a recurrent decoder"),
        ({"decoder_kind": T, "attention": "additive"}, "attention additive is for decoder_kind recurrent"),
        ({"decoder_kind": T, "wiring": "input-feeding"}, "wiring input-feeding is for decoder_kind recurrent"),
        ({"encoder_kind": T, "encoder_attention_layers": 1}, "encoder_attention_layers is for recurrent layers"),
        ({"encoder_kind": T, "decoder_kind": T, "layer_norm": True}, "layer_norm and recurrent_dropout are for lstm"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^recipe: {message}[^\\n]*$"):
        parse(ModelConfig, changes, where="recipe")


@pytest.mark.parametrize("shape", PAST_THE_LSTM)
def test_a_state_has_no_tensor_that_a_sentence_shares(shape: str) -> None:
    model, (source, lengths, _) = network(shape), batch()
    state = model.start(model.encode(source, lengths))
    assert {len(tensor) for tensor in tensors_of(state)} == {3}
