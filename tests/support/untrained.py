"""Real models that have not been trained, for tests."""

from __future__ import annotations

from pathlib import Path

import torch

from nmt.checkpoint.directory import save_model
from nmt.checkpoint.info import ModelInfo, ReportedScore, Training
from nmt.config.network import ModelConfig
from nmt.model.build import build_seq2seq
from nmt.text.tokenizer import Tokenizer, train_tokenizer

SENTENCES = ("Der Hund schläft.", "Am Morgen regnet es oft.", "Wo steht mein Fahrrad?", "The dog sleeps in the garden.")


def small(units: int, *, decoder_layers: int = 1) -> ModelConfig:
    """Layers of so many units, one in the encoder."""
    return ModelConfig(
        embedding_size=units,
        encoder_layers=1,
        encoder_hidden_size=units,
        decoder_layers=decoder_layers,
        decoder_hidden_size=units,
        attention_size=units,
    )


def write_model(
    directory: Path,
    *,
    tokenizer: Tokenizer,
    shape: ModelConfig,
    seed: int,
    source: str = "de",
    target: str = "en",
    scale: float = 1.0,
    training: Training | None = None,
    scores: tuple[ReportedScore, ...] = (),
) -> None:
    """A model directory. With a `scale` above 1 the distributions of its random weights differ more from each other."""
    torch.manual_seed(seed)
    model = build_seq2seq(shape, vocabulary_size=tokenizer.vocabulary_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    info = ModelInfo(
        name=directory.name,
        source_language=source,
        target_language=target,
        description="Untrained, for tests",
        licence="Apache-2.0",
        model=shape,
        training=training or Training(command="none", updates=0, minutes=0.0, machine="any", corpora={}, sentence_pairs=1),
        scores=scores,
    )
    save_model(directory, model=model, tokenizer=tokenizer, info=info, card="# For tests\n", storage="float32")


def write_small_model(
    directory: Path, *, seed: int, sentences: tuple[str, ...] = SENTENCES, target: str = "en", units: int = 8
) -> Path:
    """A model directory whose vocabulary comes from `sentences`; models of the same sentences can make an ensemble."""
    tokenizer = train_tokenizer(sentences, vocabulary_size=48, kind="bpe", character_coverage=1.0)
    write_model(directory, tokenizer=tokenizer, shape=small(units), seed=seed, target=target, scale=3.0)
    return directory
