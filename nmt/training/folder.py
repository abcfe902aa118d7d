"""The folder of a run: which of its files is where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nmt.checkpoint.directory import MANIFEST
from nmt.errors import TrainingError
from nmt.files.atomic import current, lock, settle


def not_written(path: Path | str, what: str, error: Exception) -> TrainingError:
    """The error that tells why a file of a run cannot be written, and how to go on."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split())
    return TrainingError(
        f"{path}: the {what} cannot be written: {reason}; what was saved before is untouched: make room, then --resume"
    )


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A model directory with the text that its model is trained on and the state of the training."""

    model: Path
    """The model directory itself, which has the best model so far."""

    @property
    def prepared(self) -> Path:
        """The folder that `nmt prepare` wrote."""
        return self.model / "prepared"

    @property
    def training(self) -> Path:
        """The folder of log, report and state."""
        return self.model / "training"

    @property
    def state(self) -> Path:
        """The state saved last."""
        return self.training / "state.pt"

    @property
    def best_state(self) -> Path:
        """The state of the best validation, to which a plateau goes back."""
        return self.training / "best.pt"

    @property
    def best_weights(self) -> Path:
        """The folder of the weights of the best validations."""
        return self.training / "best"

    def refuse_finished(self) -> None:
        """Raise TrainingError where there is a model and no run that made it, so that a new run would replace it."""
        if current(self.model, MANIFEST).exists() and not self.training.exists():
            raise TrainingError(
                f"{self.model}: holds a finished model, which a new run would replace; "
                "name another --output, or delete the model"
            )

    def settle(self) -> None:
        """Finish or undo what a killed run was writing."""
        for folder in (self.model, self.training, self.best_weights):
            settle(folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A context in which no other process trains here. Raises TrainingError where one does."""
        self.training.mkdir(parents=True, exist_ok=True)
        with (self.training / "lock").open("wb") as file:
            if not lock(file):
                raise TrainingError(
                    f"{self.training}: another process is training there; wait until it ends, or name another --output"
                )
            yield
