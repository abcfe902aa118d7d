"""The model directory that a run writes: its weights, and what it says of them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nmt.checkpoint.card import model_card
from nmt.checkpoint.directory import reseal, save_model
from nmt.checkpoint.info import AnyInfo, ReportedScore, Training
from nmt.config.recipe import AnyRecipe, CorpusConfig
from nmt.corpus.auto import Pick
from nmt.corpus.parallel import corpus_files
from nmt.model.statistics import ModelStatistics
from nmt.text.tokenizer import Tokenizer
from nmt.training.task import Task


@dataclass(frozen=True, kw_only=True)
class Product:
    """What a run makes in `directory`, and all that is known of it from the start."""

    directory: Path
    recipe: AnyRecipe
    """With nothing left open."""
    name: str
    task: Task[Any, Any]
    tokenizer: Tokenizer
    cost: ModelStatistics
    device: torch.device
    corpora: Mapping[str, str]
    """Sha256 of each file, by its name in the recipe."""
    sentence_pairs: int
    picks: tuple[Pick, ...]

    def info(self, *scores: ReportedScore, updates: int, seconds: float) -> AnyInfo:
        """Of a network after so many updates and seconds of training."""
        training = Training(
            command=f"nmt train data/{self.name}/recipe.yaml",
            updates=updates,
            minutes=round(seconds / 60.0, 1),
            machine=machine_name(self.device),
            precision=self.recipe.training.precision,
            corpora=dict(self.corpora),
            sentence_pairs=self.sentence_pairs,
            machine_written={
                path.as_posix(): corpus.origin
                for corpus in self.recipe.preparation.train
                for path in corpus_files(corpus)
                if isinstance(corpus, CorpusConfig) and corpus.origin
            },
            picked=tuple(map(str, self.picks)),
        )
        return self.task.info(training, scores)

    def save(self, network: torch.nn.Module, info: AnyInfo) -> None:
        """Make `network` the model. Raises ModelDirectoryError; the one before is then untouched."""
        save_model(
            self.directory,
            model=network,
            tokenizer=self.tokenizer,
            info=info,
            card=self._card(info),
            storage=self.recipe.training.storage,
        )

    def describe(self, info: AnyInfo) -> None:
        """Say this of the model that is there. Raises ModelDirectoryError."""
        reseal(self.directory, info=info, card=self._card(info))

    def _card(self, info: AnyInfo) -> str:
        return model_card(info, cost=self.cost, limitations=self.recipe.limitations)


def facts(info: AnyInfo, *, cost: ModelStatistics) -> dict[str, Any]:
    """What a run trains, and on what: for its log."""
    return {
        "name": info.name,
        "description": info.description,
        "role": info.role,
        "parameters": cost.parameters,
        "text": f"{info.training.sentence_pairs:,} {info.examples}",
        "machine": info.training.machine,
        "precision": info.training.precision,
    }


def machine_name(device: torch.device) -> str:
    """What a run on `device` runs on, for the card."""
    if device.type == "cuda":
        return f"one {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"{threads} CPU thread{'s' if threads > 1 else ''}, {platform.machine()}"
