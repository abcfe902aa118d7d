"""Untrained networks of each shape that the int8 runtime has code for, and a shortlist for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nmt.config.network import ModelConfig
from nmt.model.build import build_seq2seq
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist

VOCABULARY = 131
SHAPES: list[dict[str, Any]] = [
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


def model(**settings: Any) -> Seq2Seq:
    torch.manual_seed(4)
    sizes: dict[str, Any] = {
        "embedding_size": 64,
        "encoder_hidden_size": 96,
        "decoder_hidden_size": 96,
        "attention_size": 64,
    }
    return build_seq2seq(ModelConfig(**(sizes | settings)), vocabulary_size=VOCABULARY).eval()


def shortlist() -> Shortlist:
    """Lists that differ in length, the longest of them no multiple of what they are padded to."""
    translations = np.random.default_rng(8).integers(4, VOCABULARY, (VOCABULARY, 7))
    return Shortlist.build(common=np.arange(4, 11), translations=translations)
