"""The sample recipe, and its text prepared."""

from __future__ import annotations

from pathlib import Path

from nmt.config import load_recipe
from nmt.corpus.prepare import prepare

RECIPE = Path(__file__).parent.parent / "data" / "sample-de-en" / "recipe.yaml"


def prepared(directory: Path) -> Path:
    prepare(load_recipe(RECIPE), corpora=RECIPE.parent, output=directory / "prepared")
    return directory
