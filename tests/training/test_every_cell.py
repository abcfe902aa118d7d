"""Each cell, depth, way to do without attention, way to end and network past the LSTM learns from the sample corpus."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import torch
from support.sample import prepared, sample_recipe

from nmt.config.network import CellName
from nmt.corpus.batching import Position
from nmt.training.build import build_trainer

SHAPES = {
    **{cell: [f"model.encoder_cell={cell}", f"model.decoder_cell={cell}"] for cell in get_args(CellName)},
    "deep": ["model.encoder_input_depth=2", "model.decoder_output_depth=2", "model.decoder_transition_depth=2"],
    "no attention": ["model.attention=none", "model.decoder_initial_state=last"],
    "blocks": ["model.encoder_kind=blocks", "model.encoder_cell=olrn", "model.feed_forward_size=64"],
    "self-attention": ["model.encoder_attention_layers=1"],
    "Transformer": ["model.encoder_kind=transformer", "model.decoder_kind=transformer", "model.feed_forward_size=64"],
    "stop": ["model.end=stop"],
    "length": ["model.end=length"],
    "fixed context": ["model.attention=fixed", "model.wiring=fixed-context", "model.decoder_initial_state=zero"],
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_likelihood_of_a_batch_rises(shape: str, directory: Path) -> None:
    trainer = build_trainer(sample_recipe(SHAPES[shape]), name="s", directory=directory, device=torch.device("cpu"))
    batch, _ = next(trainer.text.batches(Position()))
    sums = [trainer.update([batch], rate=0.005, parts=1) for _ in range(15)]
    nats = [each.likelihood / each.tokens for each in sums]
    assert all(each.finite for each in sums)
    assert nats[-1] < 0.8 * nats[0]
