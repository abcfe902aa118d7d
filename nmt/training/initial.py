"""Training that begins with the weights of a finished model, instead of weights drawn at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from nmt.checkpoint.directory import read_info, verify
from nmt.errors import TrainingError
from nmt.training.task import Task


def take_weights(directory: Path, *, task: Task[Any, Any], network: torch.nn.Module, device: torch.device) -> None:
    """Give `network` the weights of the model in `directory`, which should have its vocabulary and its shape.

    Raises TrainingError where the two do not fit, ModelDirectoryError where there is no such model.
    """
    loaded = task.load(directory, device)
    where = f"--init-from {directory}: cannot begin with its weights"
    if verify(directory)["tokenizer.model"].read_bytes() != task.tokenizer.model_bytes:
        raise TrainingError(
            f"{where}: its vocabulary is another than that of the prepared text; say preparation.vocabulary_of: {directory} "
            "in the recipe, and run `nmt prepare` again"
        )
    there, here = (_shape(config.model_dump(mode="json")) for config in (read_info(directory).model, task.recipe.model))
    for key in sorted(there.keys() | here.keys()):
        if there.get(key) != here.get(key):
            raise TrainingError(
                f"{where}: its model.{key} is {there.get(key)!r} and the recipe's is {here.get(key)!r}; "
                "both should be the same"
            )
    network.load_state_dict(loaded.state_dict())


def _shape(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings on which it depends what the weights mean; dropout is of training alone."""
    return {key: value for key, value in settings.items() if not key.endswith(("dropout", "dropout_kind"))}
