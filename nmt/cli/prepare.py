"""nmt prepare data/sample-de-en/recipe.yaml"""

from __future__ import annotations

from collections.abc import Sequence

import typer

from nmt.cli import options as args
from nmt.cli.folders import model_directory, recipe_name
from nmt.config.recipe import read_recipe
from nmt.errors import ConfigurationError


def prepare(
    recipe: args.Recipe,
    corpora: args.Corpora = None,
    output: args.OutputDirectory = None,
    overrides: args.PreparationOverrides = None,
) -> None:
    """Clean a recipe's raw text, learn its vocabulary or take another model's, and write both to OUTPUT/prepared."""
    settings = read_recipe(recipe, _of_preparation(overrides or ()))
    from nmt.corpus.prepare import prepare as run

    prepared = (output or model_directory(recipe)) / "prepared"
    typer.echo(str(run(settings, corpora=corpora or recipe.parent, output=prepared, name=recipe_name(recipe))))


def _of_preparation(overrides: Sequence[str]) -> Sequence[str]:
    for override in overrides:
        if override.partition("=")[0].split(".")[0] in ("model", "training"):
            raise ConfigurationError(f"--set {override}: of no use to nmt prepare; give it to nmt train")
    return overrides
