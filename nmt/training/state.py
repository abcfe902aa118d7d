"""Everything that a bit-exact resume needs, in one file that is either whole or the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from nmt.config.recipe import AnyRecipe
from nmt.corpus.batching import Position
from nmt.errors import TrainingError
from nmt.files.atomic import replacing
from nmt.training.best import Quality, Ranking
from nmt.training.folder import not_written
from nmt.training.parallel import Group
from nmt.training.sums import LogSums
from nmt.training.task import Carried

# Settings that may change between a kill and a resume: no weight depends on them, or (max_updates) a run is made longer by
# them, and the rest of its schedule leads to the new end.
_CHANGEABLE = {"validate_every", "validation_sentences", "patience", "checkpoint_every", "storage", "max_updates"}
_PROCESSES = "the number of processes"
_TEXT = "the prepared text (its fingerprint)"

Generators = dict[str, Tensor]
"""The states of a process's random generators, by device."""

Trained = Mapping[str, torch.nn.Module | torch.optim.Optimizer]
"""The objects that training changes, by their name in the state."""


@dataclass(slots=True)
class RunProgress:
    """How far a run has come."""

    update: int = 0
    position: Position = field(default_factory=Position)
    target_tokens: int = 0
    seconds: float = 0.0
    """Spent training over all starts, validation and saving included."""
    init_from: str = ""
    """The model with whose weights the run began; empty where they were drawn at random."""
    best_quality: Quality = ()
    """Of the best validation; before the first, less than any."""
    best_update: int = 0
    judged_update: int = 0
    """Of the last validation."""
    validations_since_best: int = 0
    rate_factor: float = 1.0
    """The part of the learning rate that plateaus have left."""
    ranking: Ranking = ()
    """The best validations whose weights are kept to be averaged."""
    parts: int = 1
    """In which each batch is computed, because memory did not suffice for fewer."""
    skipped: int = 0
    """Updates left out because their loss or gradient was not finite."""
    skipped_in_a_row: int = 0
    log_sums: LogSums = field(default_factory=LogSums)
    """Sums for the next log line."""


def save_state(
    path: Path,
    *,
    recipe: AnyRecipe,
    text: str,
    progress: RunProgress,
    trained: Trained,
    generators: list[Generators],
    carried: list[dict[int, Carried]],
) -> None:
    """Write the state to `path`; `text` is a fingerprint of the text, `generators` and `carried` are those of each process.

    Raises TrainingError when the disk is full; the state before is then untouched.
    """
    state: dict[str, Any] = {
        "settings": _settings(recipe, text=text, processes=len(generators)),
        "progress": asdict(progress),
        **{name: part.state_dict() for name, part in trained.items()},
        "generators": generators,
        "carried": carried,
    }
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
    except (OSError, RuntimeError) as error:  # torch reports a failed write as a RuntimeError, whose context says why
        cause = error.__context__ if isinstance(error.__context__, OSError) else error
        raise not_written(path, "state", cause) from cause


def load_state(
    path: Path,
    *,
    recipe: AnyRecipe,
    text: str,
    trained: Trained,
    group: Group,
    device: torch.device,
) -> tuple[RunProgress, dict[int, Carried]]:
    """Put the state at `path` into the objects given; the rest of it, with the states that this process carries on.

    Raises TrainingError naming a setting that has changed since.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{path}: the training state cannot be read; train anew without --resume") from error
    before, now = state["settings"], _settings(recipe, text=text, processes=group.size)
    for key in sorted(now.keys() | before.keys()):
        if now.get(key) != before.get(key):
            raise TrainingError(
                f"{path}: cannot resume: {key} was {before.get(key)!r} when training started and is {now.get(key)!r} now; "
                "put it back, or train anew without --resume"
            )
    for name, part in trained.items():
        part.load_state_dict(state[name])
    set_generators(state["generators"][group.rank])
    progress: dict[str, Any] = state["progress"]
    values = {"position": Position(**progress["position"]), "log_sums": LogSums(**progress["log_sums"])}
    carried = {
        index: tuple(tensor.to(device) for tensor in tensors)
        for index, tensors in (state["carried"][group.rank] if "carried" in state else {}).items()
    }
    return RunProgress(**{**progress, **values}), carried


def get_generators(device: torch.device) -> Generators:
    """The states of all random generators that this process's training on `device` draws from."""
    return {"cpu": torch.get_rng_state()} | ({"cuda": torch.cuda.get_rng_state()} if device.type == "cuda" else {})


def set_generators(generators: Generators) -> None:
    """Put the generators into the states that `get_generators` gave."""
    torch.set_rng_state(generators["cpu"])
    if "cuda" in generators and torch.cuda.is_available():
        torch.cuda.set_rng_state(generators["cuda"])


def _settings(recipe: AnyRecipe, *, text: str, processes: int) -> dict[str, Any]:
    """Everything that must be the same when training goes on, by a name for people."""
    # On a plateau the weights depend on the validations.
    plateau = recipe.training.schedule == "plateau"
    changeable = _CHANGEABLE - {"validate_every", "validation_sentences"} if plateau else _CHANGEABLE
    settings = {
        f"{section}.{key}": value
        for section, settings in (("model", recipe.model), ("training", recipe.training))
        for key, value in settings.model_dump(mode="json").items()
        if key not in changeable
    }
    return {**settings, _PROCESSES: processes, _TEXT: text}
