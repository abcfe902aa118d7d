"""The recipe of GNMT: eight layers on each side, wired as in Wu et al. 2016."""

from __future__ import annotations

from pathlib import Path

import torch
from support.sample import prepared, sample_recipe

from nmt.config.recipe import load_recipe
from nmt.corpus.batching import Position
from nmt.model.build import build_seq2seq
from nmt.model.statistics import statistics
from nmt.training.build import build_trainer

RECIPE = load_recipe(Path(__file__).parents[2] / "data" / "broad-de-en-gnmt" / "recipe.yaml")


def test_the_network_has_the_shapes_of_the_paper() -> None:
    with torch.device("meta"):  # 264 million weights without their memory
        network = build_seq2seq(RECIPE.model, vocabulary_size=32_000)
    assert dict(statistics(network).architecture) == {
        "encoder": "LSTM, 8 × 1024 units, first layer bidirectional",
        "decoder": "LSTM, 8 × 1024 units, gnmt wiring",
        "attention": "additive",
        "embeddings": "1024, tied: none",
    }
    lowest, *upper = ([cell.input_size for cell in layer.cells] for layer in network.encoder.layers)
    assert lowest == [1024, 1024]
    assert upper == [[1024]] * 7
    # The context, of 1024 units, is an input of each decoder layer above the lowest.
    assert [cell.input_size for cell in network.decoder.layers] == [1024] + [2048] * 7
    lstm = {(units, inputs): 4 * units * (inputs + units) + 8 * units for units in (512, 1024) for inputs in (1024, 2048)}
    encoder = 2 * lstm[512, 1024] + 7 * lstm[1024, 1024]
    decoder = lstm[1024, 1024] + 7 * lstm[1024, 2048]
    attention, readout = 2 * 1024**2 + 2 * 1024, 2048 * 1024 + 1024
    vocabulary = 3 * 32_000 * 1024 + 32_000
    weights = sum(weight.numel() for weight in network.parameters())
    assert weights == encoder + decoder + attention + readout + vocabulary


def test_an_update_moves_each_of_its_sixteen_layers(tmp_path: Path) -> None:
    """The recipe's network with 16 units for 1,024."""
    sizes = {"embedding_size", "encoder_hidden_size", "decoder_hidden_size", "attention_size"}
    shape = {key: 16 if key in sizes else value for key, value in RECIPE.model.model_dump().items()}
    recipe = sample_recipe([f"model.{key}={str(value).lower()}" for key, value in shape.items()])
    trainer = build_trainer(recipe, name="gnmt", directory=prepared(tmp_path), device=torch.device("cpu"))
    assert trainer.network.get_submodule("decoder.layers.7") is not None
    assert trainer.network.get_submodule("encoder.layers.7") is not None
    before = {name: weight.detach().clone() for name, weight in trainer.network.named_parameters()}
    batch, _ = next(trainer.text.batches(Position()))
    trainer.update([batch], rate=0.01, parts=1)
    unmoved = [name for name, weight in trainer.network.named_parameters() if torch.equal(weight, before[name])]
    assert unmoved == []
