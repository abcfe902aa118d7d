"""The folder of a run, `training`, in the directory of the model that it makes."""

from __future__ import annotations

from pathlib import Path

from nmt.checkpoint.directory import MANIFEST
from nmt.errors import TrainingError
from nmt.files.atomic import current


def state_path(directory: Path) -> Path:
    """The state saved last, from which a run goes on."""
    return directory / "training" / "state.pt"


def refuse_finished(directory: Path) -> None:
    """Raises TrainingError where `directory` holds a model and no run that made it, so that a new run would replace it."""
    if current(directory, MANIFEST).exists() and not state_path(directory).parent.exists():
        raise TrainingError(
            f"{directory}: holds a finished model, which a new run would replace; name another --output, or delete the model"
        )
