"""nmt train data/sample-de-en/recipe.yaml"""

from __future__ import annotations

import shlex

from nmt.cli import options as args
from nmt.cli.folders import model_directory, model_name
from nmt.config.process import use_huge_pages
from nmt.config.recipe import read_recipe


def train(
    recipe: args.Recipe,
    output: args.OutputDirectory = None,
    resume: args.ResumeTraining = False,
    init_from: args.InitFrom = None,
    device: args.Device = "auto",
    overrides: args.Overrides = None,
) -> None:
    """Train a recipe's model on its prepared text."""
    settings = read_recipe(recipe, overrides or ())
    use_huge_pages()
    from nmt.training.folder import RunFolder
    from nmt.training.run import train as run

    directory = output or model_directory(recipe)
    try:
        name = model_name(recipe)
        changes = [word for change in overrides or () for word in ("--set", change)]
        run(
            settings,
            name=name,
            directory=directory,
            resume=resume,
            device=device,
            init_from=init_from,
            command=shlex.join(["nmt", "train", str(recipe), *changes]),
        )
    except KeyboardInterrupt as error:
        if RunFolder(directory).state.exists():
            error.add_note("the same command with --resume goes on from the last saved state")
        raise
