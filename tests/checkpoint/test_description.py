"""What `nmt info` and cards say of a network, against networks whose parts are known."""

from __future__ import annotations

import pytest

from nmt.checkpoint.card import model_card
from nmt.checkpoint.description import describe
from nmt.checkpoint.info import LanguageModelInfo, ModelInfo, Training
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.model.statistics import statistics

TRAINING = Training(command="none", updates=0, minutes=0.0, machine="any", corpora={}, sentence_pairs=1)
KNOWN = {"name": "x", "description": "x", "licence": "x", "training": TRAINING, "scores": ()}
SIZES = {"embedding_size": 8, "encoder_hidden_size": 16, "decoder_hidden_size": 24, "attention_size": 8}

NETWORKS = [
    (
        {"encoder_layers": 1, "decoder_layers": 1, "decoder_feed_forward_layers": 2},
        {
            "encoder": "LSTM, 1 × 16 units, bidirectional",
            "decoder": "LSTM, 1 × 24 units, then feed-forward, 2 × 24 units, gnmt wiring",
            "attention": "general",
            "embeddings": "8, tied: all",
        },
    ),
    (
        {"decoder_cell": "ssru", "wiring": "input-feeding", "attention": "additive", "tied_embeddings": "none"},
        {
            "encoder": "LSTM, 2 × 16 units, first layer bidirectional",
            "decoder": "SSRU, 2 × 24 units, input-feeding wiring",
            "attention": "additive",
            "embeddings": "8, tied: none",
        },
    ),
    (
        {
            "encoder_cell": "ssru",
            "encoder_bidirectional": "none",
            "layer_norm": True,
            "decoder_transition_depth": 3,
            "attention": "multi-head",
            "tied_embeddings": "target-output",
        },
        {
            "encoder": "SSRU, 2 × 16 units, left to right",
            "decoder": "LSTM with layer normalisation, 3 transitions deep, 2 × 24 units, gnmt wiring",
            "attention": "multi-head, 4 heads of 2 units",
            "embeddings": "8, tied: target-output",
        },
    ),
]


@pytest.mark.parametrize(("shape", "expected"), NETWORKS, ids=["feed-forward", "ssru", "deep"])
def test_a_network_is_described_by_its_parts(shape: dict[str, object], expected: dict[str, str]) -> None:
    config = ModelConfig.model_validate(SIZES | shape)
    info = ModelInfo(source_language="de", target_language="en", model=config, **KNOWN)  # type: ignore[arg-type]
    cost = statistics(info.build(vocabulary_size=40))
    facts = dict(describe(info, vocabulary_size=40, unit="subword", cost=cost))
    assert {label: facts[label] for label in expected} == expected
    card = model_card(info, cost=cost, limitations="")
    assert all(f"\n- {label}: {value}\n" in card for label, value in expected.items())
    assert "Translates `de` to `en`" in card


def test_a_language_model_is_described_by_its_parts() -> None:
    config = LanguageModelConfig(embedding_size=8, hidden_size=16, layers=3, cell="ssru")
    info = LanguageModelInfo(language="en", model=config, **KNOWN)  # type: ignore[arg-type]
    cost = statistics(info.build(vocabulary_size=40))
    facts = dict(describe(info, vocabulary_size=40, unit="subword", cost=cost))
    assert facts["layers"] == "SSRU, 3 × 16 units"
    assert facts["embeddings"] == "8, tied to the output"
    assert "\n- layers: SSRU, 3 × 16 units\n" in model_card(info, cost=cost, limitations="")
