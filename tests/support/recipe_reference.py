"""The reference of recipes, `docs/recipes.md`, from the settings themselves: `python tests/support/recipe_reference.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from nmt.config.licence import TextSource
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.config.preparation import CorpusConfig, PreparationConfig, TextConfig, TextPreparationConfig
from nmt.config.recipe import LanguageModelRecipe, Recipe
from nmt.config.search import ModelSearch
from nmt.config.training import LanguageModelTrainingConfig, TrainingConfig, VariationConfig
from nmt.config.yaml import Settings

FILE = Path(__file__).parents[2] / "docs" / "recipes.md"
MARK = "<!-- From here on written by tests/support/recipe_reference.py -->\n"

SECTIONS: tuple[tuple[str, type[Settings]], ...] = (
    ("The recipe of a translation model", Recipe),
    ("Each part of `sources`", TextSource),
    ("`preparation`", PreparationConfig),
    ("Each text of `preparation.train`, `.valid` and `.test`", CorpusConfig),
    ("`model`", ModelConfig),
    ("`training`", TrainingConfig),
    ("`training.variation`", VariationConfig),
    ("`search`", ModelSearch),
    ("The recipe of a language model", LanguageModelRecipe),
    ("Its `preparation`, besides the keys above", TextPreparationConfig),
    ("Its texts, besides the keys above", TextConfig),
    ("Its `model`", LanguageModelConfig),
    ("Its `training`, besides the keys above", LanguageModelTrainingConfig),
)


def reference() -> str:
    """Every key of a recipe with its default and what it is for, as Markdown."""
    parts, known = [], set[str]()
    for title, section in SECTIONS:
        parts.append(f"\n## {title}\n\n{table(section, without=set() if section is CorpusConfig else known)}")
        known.update(_rows(section))
    return "".join(parts)


def table(section: type[Settings], *, without: Collection[str] = ()) -> str:
    """Keys of `section` but for the rows `without`, as a table in Markdown."""
    rows = [row for row in _rows(section) if row not in without]
    return "| key | default | |\n|---|---|---|\n" + "".join(rows)


def _rows(section: type[Settings]) -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield f"| `{name}` | {_default(field)} | {_sentence(field)} |\n"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, Settings):
        return "see below"
    if value in (None, "", (), {}):
        return ""
    return f"`{yaml.safe_dump(_plain(value), default_flow_style=True).removesuffix('...' + chr(10)).strip()}`"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _sentence(field: FieldInfo) -> str:
    choices = [str(value) for value in get_args(field.annotation) if isinstance(value, str)]
    words = [", ".join(f"`{choice}`" for choice in choices), (field.description or "").replace("|", "\\|")]
    return ": ".join(filter(None, words))


if __name__ == "__main__":
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.partition(MARK)[0] + MARK + reference(), encoding="utf-8")
