"""Everything that a bit-exact resume needs, in one file that is either whole or the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor

from nmt.config.recipe import AnyRecipe, TrainingConfig
from nmt.corpus.batching import Position
from nmt.errors import TrainingError
from nmt.files.atomic import replacing
from nmt.training.best import Quality, Ranking
from nmt.training.parallel import Group
from nmt.training.report import Window

# What may change between a kill and a resume: no weight depends on it, or (max_updates) it is how a run is made longer,
# the rest of its schedule leading to the new end.
_FREE = {"validate_every", "validation_sentences", "patience", "checkpoint_every", "storage", "max_updates"}
_PROCESSES = "the number of processes"
_TEXT = "the prepared text (its fingerprint)"

Generators = dict[str, Tensor]
Trained = Mapping[str, torch.nn.Module | torch.optim.Optimizer]
"""What training changes, by its name in the state."""


@dataclass(slots=True)
class Progress:
    """How far training has come."""

    update: int = 0
    position: Position = field(default_factory=Position)
    target_tokens: int = 0
    seconds: float = 0.0
    """Spent training over all runs, validation and saving included."""
    best_quality: Quality = ()
    """Of the best validation; before the first, less than any."""
    best_update: int = 0
    validations_since_best: int = 0
    rate_factor: float = 1.0
    """What plateaus have left of the learning rate."""
    ranking: Ranking = ()
    """The best validations, as far as their weights are kept to be averaged."""
    parts: int = 1
    """In which each batch is computed, because memory did not suffice for fewer."""
    skipped: int = 0
    """Updates that were not made, their loss or gradient not being finite."""
    skipped_in_a_row: int = 0
    window: Window = field(default_factory=Window)
    """What is to be logged next, as far as it has come."""


def save_state(
    path: Path,
    *,
    recipe: AnyRecipe,
    text: str,
    progress: Progress,
    trained: Trained,
    generators: list[Generators],
) -> None:
    """Write the state to `path`; `text` is a fingerprint of what is trained on, `generators` are those of each process.

    Raises TrainingError when the disk is full; the state before is then untouched.
    """
    state: dict[str, Any] = {
        "settings": {**_settings(recipe), _PROCESSES: len(generators), _TEXT: text},
        "progress": asdict(progress),
        **{name: part.state_dict() for name, part in trained.items()},
        "generators": generators,
    }
    try:
        with replacing(path) as temporary:
            torch.save(state, temporary)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as a RuntimeError
        reason = " ".join(str(error).split())
        raise TrainingError(f"{path}: the state cannot be written ({reason}); the one before is untouched") from error


def load_state(
    path: Path,
    *,
    recipe: AnyRecipe,
    text: str,
    trained: Trained,
    group: Group,
) -> Progress:
    """Put the state at `path` into the objects given. Raises TrainingError naming a key that has changed since."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise TrainingError(f"{path}: the training state cannot be read; train anew without --resume") from error
    now = {**_settings(recipe), _PROCESSES: group.size, _TEXT: text}
    older = {**_defaults(recipe), _PROCESSES: 1, _TEXT: text}
    for key in sorted(now.keys() | state["settings"].keys()):
        before = state["settings"].get(key, older.get(key))
        if now.get(key) != before:
            raise TrainingError(
                f"{path}: cannot resume: {key} was {before!r} when training started and is {now.get(key)!r} now; "
                "put it back, or train anew without --resume"
            )
    for name, part in trained.items():
        part.load_state_dict(state[name])
    if "generators" in state:
        set_generators(state["generators"][group.rank])
    else:  # as it was when one process was all that could train
        set_generators({"cpu": state["cpu_generator"]})
    progress: dict[str, Any] = state["progress"]
    if "best_bleu" in progress:  # as it was called when translation was all that could be trained
        progress["best_quality"] = progress.pop("best_bleu")
    parts = {"position": Position(**progress["position"]), "window": Window(**progress.get("window", {}))}
    return Progress(**{**progress, **parts})


def get_generators(device: torch.device) -> Generators:
    """Of all that is random in this process's training on `device`."""
    return {"cpu": torch.get_rng_state()} | ({"cuda": torch.cuda.get_rng_state()} if device.type == "cuda" else {})


def set_generators(generators: Generators) -> None:
    """What `get_generators` gave."""
    torch.set_rng_state(generators["cpu"])
    if "cuda" in generators and torch.cuda.is_available():
        torch.cuda.set_rng_state(generators["cuda"])


def _settings(recipe: AnyRecipe) -> dict[str, Any]:
    """Every key that must be the same when training goes on, by its dotted name."""
    return _flat(_free(recipe), model=recipe.model, training=recipe.training)


def _defaults(recipe: AnyRecipe) -> dict[str, Any]:
    """What was done by a program that had a key not yet."""
    return _flat(_free(recipe), model=type(recipe.model)(), training=TrainingConfig(precision="float32"))


def _free(recipe: AnyRecipe) -> set[str]:
    # On a plateau it is validations that the weights depend on.
    return _FREE - {"validate_every", "validation_sentences"} if recipe.training.schedule == "plateau" else _FREE


def _flat(free: set[str], **sections: BaseModel) -> dict[str, Any]:
    return {
        f"{section}.{key}": value
        for section, settings in sections.items()
        for key, value in settings.model_dump(mode="json").items()
        if key not in free
    }
