"""nmt train data/sample-de-en/recipe.yaml"""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.folders import model_directory, model_name
from nmt.config.recipe import read_recipe


def train(
    recipe: args.Recipe,
    output: args.OutputDirectory = None,
    resume: args.ResumeTraining = False,
    device: args.Device = "auto",
    overrides: args.Overrides = None,
) -> None:
    """Train a recipe's model on its prepared text."""
    settings = read_recipe(recipe, overrides or ())
    from nmt.training.directory import state_path
    from nmt.training.trainer import train as run

    directory = output or model_directory(recipe)
    try:
        run(settings, name=model_name(recipe), directory=directory, resume=resume, device=device)
    except KeyboardInterrupt as error:
        if state_path(directory).exists():
            error.add_note("the same command with --resume goes on from the last saved state")
        raise
