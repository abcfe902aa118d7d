"""The sample recipe, and its text prepared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nmt.config.recipe import Recipe, load_recipe
from nmt.corpus.prepare import prepare

RECIPE = Path(__file__).parents[2] / "data" / "sample-de-en" / "recipe.yaml"


def sample_recipe(changes: Iterable[str] = ()) -> Recipe:
    """The recipe with changes such as `training.seed=2`; of several to one key the last counts."""
    last = {change.partition("=")[0]: change for change in changes}
    return load_recipe(RECIPE, last.values())


def prepared(directory: Path) -> Path:
    prepare(load_recipe(RECIPE), corpora=RECIPE.parent, output=directory / "prepared")
    return directory


def names(model: Path) -> list[str]:
    """Of all files, but those of TensorBoard, of which each start has one."""
    return sorted(str(path.relative_to(model)) for path in model.rglob("*") if "tensorboard" not in path.parts)
