"""`nmt train`: a run in the processes that train together, on the device that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from nmt.checkpoint.info import AnyInfo
from nmt.config.pytorch import find_device
from nmt.config.recipe import AnyRecipe
from nmt.errors import TrainingError
from nmt.training.build import build_trainer
from nmt.training.folder import RunFolder
from nmt.training.parallel import process_group


def train(
    recipe: AnyRecipe,
    *,
    name: str,
    directory: Path,
    resume: bool,
    device: str,
    init_from: Path | None = None,
    command: str = "",
) -> AnyInfo:
    """Train what `recipe` describes on `directory`/prepared; the best model so far is always in `directory`.

    Training state and log lie in `directory`/training. With `resume`, training goes on from the last saved state and
    ends with the same weights as a run that was never stopped (same machine, same threads).
    Without it, a run that is there already is refused, not replaced, and so is, always, a model without its run. A new run
    begins with random weights, or with those of the model in `init_from`. The model card says that `command` trained it.

    Raises TrainingError, CorpusError, ConfigurationError, ModelDirectoryError and DeviceError.
    """
    if resume and init_from is not None:
        raise TrainingError("--init-from begins a run and --resume goes on with one, whose state has its weights; give one")
    RunFolder(directory).refuse_finished()
    where = torch.device(find_device(device))
    with process_group(where) as group, tensor_floats(where):
        trainer = build_trainer(
            recipe, name=name, directory=directory, device=where, group=group, init_from=init_from, command=command
        )
        return trainer.run(resume=resume)


@contextmanager
def tensor_floats(device: torch.device) -> Iterator[None]:
    """A context in which a GPU multiplies float32 matrices as TF32: what bfloat16 leaves in float32."""
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
