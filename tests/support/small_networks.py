"""Untrained networks of every shape, sentences and search options: what a runtime is compared with the reference on."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from nmt.config.network import CellName, ModelConfig
from nmt.config.vocabulary import END_ID
from nmt.model.build import build_seq2seq
from nmt.model.seq2seq import Seq2Seq
from nmt.search import Candidate

VOCABULARY = 40
SMALL = {"embedding_size": 12, "encoder_hidden_size": 16, "decoder_hidden_size": 16, "attention_size": 8}
SHAPES = {
    "default": {},
    "deep": {"decoder_layers": 3, "encoder_layers": 3, "attention": "additive", "encoder_bidirectional": "all"},
    "feeding": {"wiring": "input-feeding", "attention": "multi-head", "decoder_initial_state": "zero"},
    "ssru decoder": {"decoder_cell": "ssru", "decoder_layers": 2},
    "feed-forward": {"decoder_layers": 1, "decoder_feed_forward_layers": 2},
    "dot": {"attention": "dot", "residual": False, "decoder_layers": 1, "decoder_initial_state": "last"},
}
UNATTENDED = {
    "no attention": {"attention": "none", "decoder_initial_state": "last"},
    "fixed context": {"attention": "fixed", "wiring": "fixed-context", "decoder_initial_state": "zero"},
}
ENDS = {
    "stop": {"end": "stop"},
    "length": {"end": "length"},
    "length, Transformer encoder": {"end": "length", "encoder_kind": "transformer", "feed_forward_size": 20},
}
PAST_THE_LSTM: dict[str, dict[str, object]] = {
    "blocks": {"encoder_kind": "blocks", "encoder_cell": "olrn", "encoder_bidirectional": "all", "feed_forward_size": 20},
    "blocks, self-attention": {"encoder_kind": "blocks", "encoder_attention_layers": 2, "feed_forward_size": 20},
    "self-attention": {"encoder_attention_layers": 1},
    "Transformer": {"encoder_kind": "transformer", "decoder_kind": "transformer", "feed_forward_size": 20},
    "Transformer encoder": {"encoder_kind": "transformer", "wiring": "input-feeding", "feed_forward_size": 20},
    "Transformer decoder": {"decoder_kind": "transformer", "decoder_layers": 1, "feed_forward_size": 20},
}
CELLS = {cell: {"encoder_cell": cell, "decoder_cell": cell} for cell in get_args(CellName)}
OPTIONS = {
    "beam": {"beam_size": 4, "n_best": 4},
    "greedy": {"beam_size": 1},
    "average": {"beam_size": 3, "length_normalisation": "average"},
    "coverage": {"beam_size": 3, "n_best": 2, "coverage_penalty": 0.4, "min_length": 2, "min_length_ratio": 0.5},
    "no repeats": {"beam_size": 3, "no_repeat_ngram": 2, "max_repeats": 1},
    "greedy rules": {"beam_size": 1, "no_repeat_ngram": 2, "coverage_penalty": 0.4, "min_length": 3},
    "diverse": {"beam_size": 4, "n_best": 3, "diversity_groups": 2},
    "samples": {"beam_size": 4, "n_best": 3, "sampling": True, "top_k": 10},
    "to the limit": {"beam_size": 3, "max_length_ratio": 0.5, "max_length_offset": 1},
}


def network(shape: str = "default", *, seed: int = 3) -> Seq2Seq:
    """With weights large enough for distributions that differ, and an END that comes now and then."""
    torch.manual_seed(seed)
    model = build_seq2seq(
        ModelConfig(**{**SMALL, **(SHAPES | UNATTENDED | ENDS | PAST_THE_LSTM | CELLS)[shape]}), vocabulary_size=VOCABULARY
    ).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
        model.output.bias[END_ID] = 2.0
    return model.requires_grad_(False)


def sentences(count: int, *, seed: int = 1, longest: int = 11) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (count,), generator=generator)
    source = torch.randint(4, VOCABULARY, (count, int(lengths.max())), generator=generator)
    return source.masked_fill(torch.arange(source.shape[1]) >= lengths[:, None], 0), lengths


def check_alike(ours: list[list[Candidate]], truth: list[list[Candidate]]) -> None:
    assert [[c.tokens for c in row] for row in ours] == [[c.tokens for c in row] for row in truth]
    for one, other in zip(itertools.chain(*ours), itertools.chain(*truth), strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)
        assert one.log_probability == pytest.approx(other.log_probability, abs=1e-4)
        assert (one.attention is None) == (other.attention is None)
        if one.attention is not None and other.attention is not None:
            np.testing.assert_allclose(one.attention, other.attention, atol=1e-4, rtol=1e-4)
