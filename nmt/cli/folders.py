"""Folders that a recipe's commands use where none is given, and the names that they give."""

from __future__ import annotations

from pathlib import Path


def model_name(recipe: Path) -> str:
    """Of data/<name>/recipe.yaml, <name>."""
    return recipe.resolve().parent.name


def model_directory(recipe: Path) -> Path:
    """checkpoints/<name>"""
    return Path("checkpoints") / model_name(recipe)


def recipe_name(recipe: Path) -> str:
    """<name>/recipe.yaml, by which two recipes in one folder differ, and which a copy of the data keeps."""
    return f"{model_name(recipe)}/{recipe.name}"
