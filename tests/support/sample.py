"""The sample recipe, and its text prepared."""

from __future__ import annotations

from pathlib import Path

from nmt.config.recipe import load_recipe
from nmt.corpus.prepare import prepare

RECIPE = Path(__file__).parents[2] / "data" / "sample-de-en" / "recipe.yaml"


def prepared(directory: Path) -> Path:
    prepare(load_recipe(RECIPE), corpora=RECIPE.parent, output=directory / "prepared")
    return directory


def names(model: Path) -> list[str]:
    """Of all files, but those of TensorBoard, of which each start has one."""
    return sorted(str(path.relative_to(model)) for path in model.rglob("*") if "tensorboard" not in path.parts)
