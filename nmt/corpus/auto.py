"""`recipe: auto`: the keys that a recipe leaves open, picked from the size of its cleaned text.

Less text wants a smaller vocabulary, a smaller network and more dropout (Sennrich and Zhang 2019, "Revisiting Low-Resource
Neural Machine Translation", section 4); the limits are from that paper and from our own runs on Multi30k (345,000 target
words). What is picked is kept in the prepared folder, so that all that comes later sees the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from nmt.config.recipe import AnyRecipe, Recipe
from nmt.config.yaml import parse

THOUSAND, MILLION = 1_000, 1_000_000
ANY = math.inf
VOCABULARY = "preparation.vocabulary_size"
UPDATES = "training.max_updates"

Values = dict[str, Any]
Rule = tuple[tuple[float, Values], ...]
"""Rows of a number of target words and the values for text of up to so many."""


def _shape(embedding: int, encoder: tuple[int, int], decoder: tuple[int, int, int], rate: float) -> Values:
    """Keys of a shape: (layers, width) of the encoder, (recurrent layers, feed-forward layers, width) of the decoder."""
    return {
        "model.embedding_size": embedding,
        "model.encoder_layers": encoder[0],
        "model.encoder_hidden_size": encoder[1],
        "model.decoder_layers": decoder[0],
        "model.decoder_feed_forward_layers": decoder[1],
        "model.decoder_hidden_size": decoder[2],
        "training.learning_rate": rate,
    }


def _dropout(share: float) -> Values:
    return {f"model.{key}": share for key in ("dropout", "embedding_dropout", "output_dropout")}


def _optimiser(*, warmup: int, average_decay: float, schedule: str) -> Values:
    return {
        "training.warmup_updates": warmup,
        "training.average_decay": average_decay,
        "training.schedule": schedule,
    }


RULES: tuple[Rule, ...] = (
    (
        (10 * THOUSAND, {VOCABULARY: 500}),
        (50 * THOUSAND, {VOCABULARY: 1000}),
        (150 * THOUSAND, {VOCABULARY: 2000}),
        (300 * THOUSAND, {VOCABULARY: 4000}),
        (5 * MILLION, {VOCABULARY: 8000}),
        (30 * MILLION, {VOCABULARY: 16_000}),
        (ANY, {VOCABULARY: 32_000}),
    ),
    (
        (300 * THOUSAND, _shape(256, (1, 256), (1, 1, 256), 5e-3)),
        (800 * THOUSAND, _shape(256, (1, 384), (1, 1, 384), 5e-3)),
        (3 * MILLION, _shape(256, (2, 384), (1, 1, 384), 4e-3)),
        (10 * MILLION, _shape(512, (2, 512), (2, 0, 512), 2e-3)),
        (30 * MILLION, _shape(512, (3, 768), (3, 0, 768), 1.5e-3)),
        (ANY, _shape(1024, (4, 1024), (4, 0, 1024), 1e-3)),
    ),
    (
        (150 * THOUSAND, _dropout(0.3)),
        (800 * THOUSAND, _dropout(0.25)),
        (3 * MILLION, _dropout(0.2)),
        (ANY, _dropout(0.1)),
    ),
    (
        (1 * MILLION, {"training.batch_tokens": 1536}),
        (5 * MILLION, {"training.batch_tokens": 3072}),
        (ANY, {"training.batch_tokens": 8192}),
    ),
    (
        # The moving average does what a falling rate would do, and training that stays fast gets further.
        (5 * MILLION, _optimiser(warmup=200, average_decay=0.998, schedule="constant")),
        (ANY, _optimiser(warmup=1000, average_decay=0.999, schedule="linear")),
    ),
    ((ANY, {"training.checkpoint_every": 250, "training.storage": "float16"}),),
)

# Passes over the text: so many of 380,000 words, fewer of more (6 of 5 million, 3 of 70 million).
PASSES, PASSES_AT, PASSES_POWER = 12.0, 380 * THOUSAND, -0.27
MIN_UPDATES = 1500
SUBWORDS_PER_WORD = 1.2  # of captions; mixed text has up to 1.6, and so fewer passes
VALIDATIONS = 6


@dataclass(frozen=True, slots=True)
class Pick:
    """Values of a group of keys, by their dotted names, and the reason for them."""

    values: Values
    reason: str

    def __str__(self) -> str:
        named = (f"{key.partition('.')[2]} {value}" for key, value in self.values.items())
        return f"{', '.join(named)}: {self.reason}"


def pick(*, pairs: int, target_words: int, batch_tokens: int | None = None, accumulate: int = 1) -> tuple[Pick, ...]:
    """Pick a value for each key above, by the number of sentence pairs and target words of cleaned text.

    Where the recipe gives `batch_tokens` or `accumulate`, the number of updates is for those.
    """
    picks = [_row(rule, target_words) for rule in RULES]
    picked = next(p.values["training.batch_tokens"] for p in picks if "training.batch_tokens" in p.values)
    return (*picks, length(pairs, target_words, (batch_tokens or picked) * accumulate))


def _row(rule: Rule, words: int) -> Pick:
    row = next(index for index, (limit, _) in enumerate(rule) if words <= limit)
    limit, values = rule[row]
    if len(rule) == 1:
        return Pick(values, "for text of any size")
    above = "" if row == 0 else _number(rule[row - 1][0])
    span = f"above {above}" if limit == ANY else f"{above} to {_number(limit)}" if above else f"up to {_number(limit)}"
    return Pick(values, f"{words:,} target words ({span})")


def length(pairs: int, words: int, update_tokens: int) -> Pick:
    tokens = 2 * SUBWORDS_PER_WORD * words + pairs  # both sides, and the end of each target
    passes = PASSES * (max(words, 1) / PASSES_AT) ** PASSES_POWER
    updates = max(MIN_UPDATES, 100 * round(passes * tokens / update_tokens / 100))
    every = 50 * round(updates / VALIDATIONS / 50)
    why = "the least" if updates == MIN_UPDATES else f"about {passes:.0f} passes of {update_tokens:,} tokens an update"
    return Pick({UPDATES: updates, "training.validate_every": every}, f"{words:,} target words ({why})")


def _number(words: float) -> str:
    return f"{words:,.0f}" if words < MILLION else f"{words / MILLION:g} million"


# Written without spaces: Thai, Lao, Burmese, Khmer, kana, Han. A word has about two of these characters.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def count_words(lines: Iterable[str]) -> int:
    """Number of words of `lines`, as exact as the table above needs it."""
    return sum(len(line.split()) + len(_UNSPACED.findall(line)) // 2 for line in lines)


def given(recipe: AnyRecipe) -> set[str]:
    """The dotted names of the keys that a recipe decides, by file or by --set."""
    sections = {"preparation": recipe.preparation, "model": recipe.model, "training": recipe.training}
    keys = {f"{name}.{key}" for name, section in sections.items() for key in section.model_fields_set}
    return keys if recipe.preparation.vocabulary_of is None else keys | {VOCABULARY}


def without(picks: Iterable[Pick], keys: Collection[str]) -> tuple[Pick, ...]:
    """`picks` without their values for `keys`."""
    left = (Pick({key: value for key, value in p.values.items() if key not in keys}, p.reason) for p in picks)
    return tuple(p for p in left if p.values)


def fitted(picks: Iterable[Pick], vocabulary_size: int) -> tuple[Pick, ...]:
    """`picks` with a vocabulary of `vocabulary_size`, the largest that the text had room for."""

    def fit(p: Pick) -> Pick:
        if p.values.get(VOCABULARY, vocabulary_size) == vocabulary_size:
            return p
        return Pick({VOCABULARY: vocabulary_size}, f"what the text has room for, in place of {p.values[VOCABULARY]}")

    return tuple(map(fit, picks))


def settle(recipe: Recipe, picks: Iterable[Pick]) -> Recipe:
    """`recipe` with the picked values for all that it leaves open. Raises ConfigurationError where they do not fit."""
    tree = recipe.model_dump(exclude_unset=True, exclude={"recipe"})
    for p in without(picks, given(recipe)):
        for name, value in p.values.items():
            section, _, key = name.partition(".")
            tree.setdefault(section, {})[key] = value
    return parse(Recipe, tree, where="recipe: auto")


def update_tokens(recipe: Recipe) -> int:
    """The most padded tokens of an update, source and target."""
    return recipe.training.batch_tokens * recipe.training.accumulate
