"""Runs of training that are stopped on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nmt.config.recipe import Recipe
from nmt.training.run import train
from nmt.training.trainer import Trainer


def stop(recipe: Recipe, directory: Path, *, after: int, resume: bool, init_from: Path | None = None) -> None:
    """Train so many updates, and die without saving what came after the last state."""
    update = Trainer._update

    def counted(self: Trainer, *arguments: Any) -> None:
        if self.progress.update > after:
            raise KeyboardInterrupt
        update(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_update", counted)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, name="sample-de-en", directory=directory, resume=resume, device="cpu", init_from=init_from)
