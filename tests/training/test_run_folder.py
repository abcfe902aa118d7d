"""The folder of a run, and a model without one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.sample import RECIPE, prepared

from nmt.config.recipe import load_recipe
from nmt.errors import TrainingError
from nmt.training.run import train


def test_a_finished_model_is_not_replaced_by_a_new_run(tmp_path: Path) -> None:
    recipe = load_recipe(RECIPE, ["training.max_updates=2", "training.validate_every=2", "training.validation_sentences=2"])
    directory = prepared(tmp_path / "model")

    def run(*, resume: bool) -> None:
        train(recipe, name="x", directory=directory, resume=resume, device="cpu")

    run(resume=False)
    before = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    shutil.rmtree(directory / "training")  # nobody needs it to translate
    for resume in (False, True):
        with pytest.raises(TrainingError, match="model: holds a finished model, which a new run would replace; name"):
            run(resume=resume)
    assert {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()} == before
    assert not (directory / "training").exists()
    # A run that was killed between its first model and its first state has its folder, and starts once more.
    (directory / "training").mkdir()
    run(resume=False)
    assert (directory / "training" / "state.pt").exists()
