"""The report of a prepared folder, `report.json`: what was prepared from which text, written and read here alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nmt.config.recipe import AnyRecipe, Recipe
from nmt.corpus import auto
from nmt.errors import ConfigurationError, CorpusError
from nmt.files.digest import sha256
from nmt.files.json_text import parse_json

NAME = "report.json"


@dataclass(frozen=True)
class CorpusReport:
    """The pairs of one corpus of the recipe: how many were read, dropped and kept."""

    name: str
    read: int
    kept: int
    repeat: int
    """So often each kept pair is in the text."""
    dropped: dict[str, int]
    """By filter, those that dropped nothing included."""
    other_domain: int
    invalid_utf8: int
    blank: int
    """Lines of a table with nothing in them, which were left out."""
    malformed: int
    """Lines of a table that are no row of it, which were left out."""
    half_held_out: int = 0
    """Kept pairs whose source or target is one of validation or of a test set."""

    @property
    def pairs(self) -> int:
        """In the text that was written."""
        return self.kept * self.repeat


@dataclass(frozen=True)
class PreparationReport:
    """The result of a preparation; `str` of it is a table for people."""

    corpora: tuple[CorpusReport, ...]
    vocabulary_size: int
    train_pairs: int
    valid_pairs: int
    source_tokens: int
    """0 where the text is in one language."""
    target_tokens: int
    picked: tuple[str, ...] = ()
    """Decisions of `recipe: auto`, each with its reason."""

    def rows(self) -> list[tuple[str, str]]:
        """Labels and numbers, in the order in which things happened."""
        rows: list[tuple[str, str]] = []
        for corpus in self.corpora:
            rows.append((corpus.name, ""))
            left_out = (
                ("  blank lines, left out", corpus.blank),
                ("  lines with too few columns, left out", corpus.malformed),
                ("  of other domains", corpus.other_domain),
            )
            rows.extend((label, f"{count:,}") for label, count in left_out if count)
            rows.append(("  read", f"{corpus.read:,}"))
            rows.extend((f"  dropped: {name}", f"{count:,}") for name, count in corpus.dropped.items() if count)
            if corpus.invalid_utf8:
                rows.append(("  lines with invalid UTF-8, replaced", f"{corpus.invalid_utf8:,}"))
            rows.append(("  kept" if corpus.repeat == 1 else f"  kept, {corpus.repeat} times each", f"{corpus.kept:,}"))
            if corpus.half_held_out:
                rows.append(("  of them with a side in validation or test", f"{corpus.half_held_out:,}"))
        what = "pairs" if self.source_tokens else "sentences"
        rows.append((f"{what} to train on", f"{self.train_pairs:,}"))
        rows.append((f"{what} to validate on", f"{self.valid_pairs:,}"))
        rows.append(("vocabulary", f"{self.vocabulary_size:,}"))
        if self.source_tokens:
            rows.append(("source tokens to train on", f"{self.source_tokens:,}"))
        rows.append(("target tokens to train on", f"{self.target_tokens:,}"))
        return rows

    def __str__(self) -> str:
        rows = self.rows()
        label_width = max(len(label) for label, _ in rows)
        number_width = max(len(number) for _, number in rows)
        table = (f"{label:{label_width}}  {number:>{number_width}}".rstrip() for label, number in rows)
        return "\n".join((*table, *(f"picked {line}" for line in self.picked)))


@dataclass(frozen=True)
class PickedFor:
    """The text and the batches that `recipe: auto` picked for."""

    target_words: int
    update_tokens: int
    """Padded tokens of an update, at the most."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recipe as it was prepared, and of what text."""

    recipe: AnyRecipe
    """With nothing left open."""
    picks: tuple[auto.Pick, ...]
    """Decisions of `recipe: auto` that the recipe has not overridden."""
    inputs: dict[str, str]
    """Sha256 of each corpus, by its name in the recipe."""
    outputs: dict[str, str]
    """Sha256 of each file of the prepared folder."""


def inputs_of(recipe: AnyRecipe) -> list[Path]:
    """All files that `recipe` reads, as it names them, each once."""
    config = recipe.preparation
    tests = (corpus for test in config.test.values() for corpus in test)
    corpora = (*config.train, *config.domain, *config.valid, *tests)
    return sorted({path for corpus in corpora for path in corpus.files})


def write_report(
    folder: Path,
    report: PreparationReport,
    *,
    name: str | None,
    recipe: AnyRecipe,
    picks: Iterable[auto.Pick],
    picked_for: PickedFor | None,
    corpora: Path,
) -> None:
    """Write the report of all files in `folder`.

    `recipe`, called `name`, has nothing left open, and its text lies in `corpora`.
    """
    tree = {
        "recipe": name,
        "preparation": recipe.preparation.model_dump(mode="json"),
        "picks": [asdict(pick) for pick in picks],
        "picked_for": picked_for and asdict(picked_for),
        "inputs": {path.as_posix(): sha256(corpora / path) for path in inputs_of(recipe)},
        "corpora": [asdict(corpus) for corpus in report.corpora],
        "vocabulary_size": report.vocabulary_size,
        "train_pairs": report.train_pairs,
        "valid_pairs": report.valid_pairs,
        "source_tokens": report.source_tokens,
        "target_tokens": report.target_tokens,
        "outputs": {path.name: sha256(path) for path in sorted(folder.iterdir())},
    }
    text = json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def as_prepared(recipe: AnyRecipe, folder: Path) -> Prepared:
    """`recipe` with all that was picked when it was prepared in `folder`.

    Raises CorpusError where there is no prepared text, ConfigurationError where it was prepared in another way.
    """
    path = folder / NAME
    try:
        report = _read(path)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} cannot be read; run `nmt prepare` for this recipe first") from error
    picks: tuple[auto.Pick, ...] = ()
    if recipe.recipe == "auto":
        if not report["picks"]:
            raise ConfigurationError(f"{path}: not prepared with `recipe: auto`; run `nmt prepare` for this recipe again")
        picks = _for_its_batches(recipe, tuple(auto.Pick(**entry) for entry in report["picks"]), report)
        picks = auto.without(picks, auto.given(recipe))
        size = auto.Pick({auto.VOCABULARY: report["preparation"]["vocabulary_size"]}, "as prepared")
        recipe = auto.settle(recipe, (*picks, size))
    _check_preparation(recipe, report["preparation"])
    return Prepared(recipe=recipe, picks=picks, inputs=report["inputs"], outputs=report["outputs"])


def recipe_name(folder: Path) -> str | None:
    """The name of the recipe whose text is in `folder`. None where no report says it."""
    try:
        name = _read(folder / NAME).get("recipe")
    except (OSError, ValueError):
        return None
    return name if isinstance(name, str) else None


def _read(path: Path) -> dict[str, Any]:
    return dict(parse_json(path.read_text(encoding="utf-8")))


def _check_preparation(recipe: AnyRecipe, prepared: dict[str, Any]) -> None:
    """Raise ConfigurationError where the text was prepared in another way than `recipe` asks for."""
    asked = recipe.preparation.model_dump(mode="json")
    fields = type(recipe.preparation).model_fields
    for key in recipe.preparation.model_fields_set - prepared.keys():
        if asked[key] != fields[key].default:
            raise ConfigurationError(
                f"preparation.{key}: the text was prepared before this setting existed; run `nmt prepare` again"
            )
    for key, before in prepared.items():
        now = asked.get(key, before)
        if key == "test":  # a test set that is not scored does no harm
            before = {name: corpora for name, corpora in before.items() if name in now}
        if before != now:
            is_long = isinstance(before, list | dict)
            with_what = "others" if is_long else f"{before!r} and the recipe says {now!r}"
            raise ConfigurationError(
                f"preparation.{key}: the text was prepared with {with_what}; put it back, or run `nmt prepare` again"
            )


def _for_its_batches(recipe: Recipe, picks: tuple[auto.Pick, ...], report: dict[str, Any]) -> tuple[auto.Pick, ...]:
    """`picks` with as many updates as suit the batches of `recipe`, where those are not the ones it was prepared with."""
    before, tokens = PickedFor(**report["picked_for"]), auto.update_tokens(auto.settle(recipe, picks))
    if before.update_tokens == tokens:
        return picks
    length = auto.length(report["train_pairs"], before.target_words, tokens)
    (old,) = (pick for pick in picks if auto.UPDATES in pick.values)
    prepared = f"prepared for {old.values[auto.UPDATES]:,} updates of {before.update_tokens:,}"
    new = auto.Pick(length.values, f"{length.reason}; {prepared}")
    return tuple(new if pick is old else pick for pick in picks)
