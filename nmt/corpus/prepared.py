"""The report of a prepared folder: what was prepared from which text, and the recipe with what was picked then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.config.recipe import AnyRecipe, Recipe
from nmt.corpus import auto
from nmt.errors import ConfigurationError, CorpusError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recipe as it was prepared, and of what text."""

    recipe: AnyRecipe
    picks: tuple[auto.Pick, ...]
    """Those that the recipe has not overridden."""
    inputs: dict[str, str]
    """Sha256 of each corpus, by its name in the recipe."""
    outputs: dict[str, str]
    """The same of each file of the prepared folder."""


def as_prepared(recipe: AnyRecipe, prepared: Path) -> Prepared:
    """`recipe` with what was picked when it was prepared in the folder `prepared`.

    Raises CorpusError where there is no prepared text, ConfigurationError where it was prepared in another way.
    """
    path = prepared / "report.json"
    try:
        report = _read_report(path)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} cannot be read; run `nmt prepare` for this recipe first") from error
    settled, picks = _settle_as_before(recipe, report, path) if isinstance(recipe, Recipe) else (recipe, ())
    return Prepared(settled, picks, report["inputs"], report["outputs"])


def recipe_name(prepared: Path) -> str | None:
    """The name of the recipe whose text is in the folder `prepared`. None where no report says it."""
    try:
        name = _read_report(prepared / "report.json").get("recipe")
    except (OSError, ValueError):
        return None
    return name if isinstance(name, str) else None


def _read_report(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _settle_as_before(recipe: Recipe, report: dict[str, Any], path: Path) -> tuple[Recipe, tuple[auto.Pick, ...]]:
    picks: tuple[auto.Pick, ...] = ()
    if recipe.recipe == "auto":
        if not report.get("picks"):
            raise ConfigurationError(f"{path}: not prepared with `recipe: auto`; run `nmt prepare` for this recipe again")
        picks = _for_its_batches(recipe, tuple(auto.Pick(**entry) for entry in report["picks"]), report)
        picks = auto.without(picks, auto.given(recipe))
        size = auto.Pick({auto.VOCABULARY: report["preparation"]["vocabulary_size"]}, "as prepared")
        recipe = auto.settle(recipe, (*picks, size))
    for key in ("vocabulary_size", "tokenizer"):
        before, now = report["preparation"].get(key), getattr(recipe.preparation, key)
        if before not in (None, now):
            raise ConfigurationError(
                f"preparation.{key}: the text was prepared with {before!r} and the recipe says {now!r}; "
                "put it back, or run `nmt prepare` again"
            )
    return recipe, picks


def _for_its_batches(recipe: Recipe, picks: tuple[auto.Pick, ...], report: dict[str, Any]) -> tuple[auto.Pick, ...]:
    """`picks` with as many updates as suit the batches of `recipe`, where those are not the ones it was prepared with."""
    before, tokens = report.get("picked_for"), auto.update_tokens(auto.settle(recipe, picks))
    if before is None or before["update_tokens"] == tokens:  # None: prepared by a program that did not write it
        return picks
    length = auto.length(report["train_pairs"], before["target_words"], tokens)
    (old,) = (p for p in picks if auto.UPDATES in p.values)
    prepared = f"prepared for {old.values[auto.UPDATES]:,} updates of {before['update_tokens']:,}"
    new = auto.Pick(length.values, f"{length.reason}; {prepared}")
    return tuple(new if p is old else p for p in picks)
