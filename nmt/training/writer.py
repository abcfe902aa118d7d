"""The writer of the model directory that a run makes: its weights, its information and its card."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nmt.checkpoint.card import model_card
from nmt.checkpoint.directory import reseal, save_model
from nmt.checkpoint.info import AnyInfo, ReportedScore, Training
from nmt.corpus.auto import Pick
from nmt.model.statistics import ModelStatistics
from nmt.training.task import Task


@dataclass(frozen=True, kw_only=True)
class ModelWriter:
    """Writes the model of a task to `directory`, with all that is known of it from the start of the run."""

    directory: Path
    task: Task[Any, Any]
    command: str
    """That trains what this run trains, but for --init-from."""
    cost: ModelStatistics
    machine: str
    """That the run is on, for people."""
    corpora: Mapping[str, str]
    """Sha256 of each file, by its name in the recipe."""
    sentence_pairs: int
    picks: tuple[Pick, ...]

    def info(self, scores: Sequence[ReportedScore], *, updates: int, seconds: float, init_from: str) -> AnyInfo:
        """The information on a network after so many updates and seconds of training."""
        recipe = self.task.recipe
        training = Training(
            command=f"{self.command} --init-from {shlex.quote(init_from)}" if init_from else self.command,
            updates=updates,
            minutes=round(seconds / 60.0, 1),
            machine=self.machine,
            precision=recipe.training.precision,
            corpora=dict(self.corpora),
            sentence_pairs=self.sentence_pairs,
            machine_written={
                path.as_posix(): corpus.origin
                for corpus in recipe.preparation.train
                for path in corpus.files
                if corpus.origin
            },
            picked=tuple(map(str, self.picks)),
        )
        return self.task.info(training, tuple(scores))

    def save(self, network: torch.nn.Module, info: AnyInfo) -> None:
        """Make `network` the model. Raises ModelDirectoryError; the model before is then untouched."""
        save_model(
            self.directory,
            model=network,
            tokenizer=self.task.tokenizer,
            info=info,
            card=self._card(info),
            storage=self.task.recipe.training.storage,
        )

    def describe(self, info: AnyInfo) -> None:
        """Give the model that is there this information. Raises ModelDirectoryError."""
        reseal(self.directory, info=info, card=self._card(info))

    def _card(self, info: AnyInfo) -> str:
        return model_card(info, cost=self.cost, limitations=self.task.recipe.limitations)
