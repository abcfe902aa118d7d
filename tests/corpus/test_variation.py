"""Training pairs changed anew whenever they are trained on."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.recipe import Recipe
from nmt.config.training import VariationConfig
from nmt.config.yaml import parse
from nmt.corpus.batching import PairBatch, Position, TrainingText
from nmt.corpus.prepare import prepare
from nmt.corpus.variation import Variation, with_typing_error, without_end
from nmt.text.tokenizer import Tokenizer, train_tokenizer

LINES = [f"Anna sieht am Tag {n} das alte Haus." for n in range(40)] + [f"Wo ist Anna heute, am Tag {n}?" for n in range(40)]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    words = sorted({f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprst"})
    sentences = [
        *LINES,
        *map(str.lower, LINES),
        *(" ".join(words[place : place + 9]) for place in range(0, len(words), 9)),
        *words,
    ]
    return train_tokenizer(sentences, vocabulary_size=700, kind="bpe", character_coverage=1.0)


def varied(tokenizer: Tokenizer, count: int = 400, **shares: float) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of text before and after."""
    texts = [(LINES[n % len(LINES)], LINES[n % len(LINES)]) for n in range(count)]
    pairs = [(tokenizer.encode(source), tokenizer.encode(target)) for source, target in texts]
    vary = Variation(VariationConfig(**shares), tokenizer)
    changed = vary(pairs, seed=5)
    assert changed == vary(pairs, seed=5)
    return [(text, (tokenizer.decode(a), tokenizer.decode(b))) for text, (a, b) in zip(texts, changed, strict=True)]


def test_nothing_changes_by_default(tokenizer: Tokenizer) -> None:
    assert all(before == after for before, after in varied(tokenizer))


def test_the_source_loses_capitals_and_its_end_and_the_target_does_not(tokenizer: Tokenizer) -> None:
    changed = [(before, after) for before, after in varied(tokenizer, lower_case=0.3) if before != after]
    assert 80 < len(changed) < 160
    for (source, target), (new, same) in changed:
        assert new == source[:-1].lower()
        assert same == target


def test_both_sides_lose_their_end(tokenizer: Tokenizer) -> None:
    changed = [(before, after) for before, after in varied(tokenizer, without_end=0.3) if before != after]
    assert 80 < len(changed) < 160
    assert all(after == (before[0][:-1], before[1][:-1]) for before, after in changed)


def test_one_word_of_the_source_is_mistyped(tokenizer: Tokenizer) -> None:
    changed = [(before, after) for before, after in varied(tokenizer, typing_error=0.5) if before != after]
    assert 120 < len(changed) < 240
    for (source, target), (new, same) in changed:
        assert same == target
        assert sum(a != b for a, b in zip(source.split(), new.split(), strict=True)) == 1


def test_bytes_spell_the_same_text(tmp_path: Path) -> None:
    rows = [f"{line}\t{line.replace('Haus', 'house')}\n" for line in LINES]
    letters = "bdfgklmnprst"
    words = [f"{a}{b}{c}{d}" for a in letters for b in "aeiou" for c in letters for d in "aeiou"]
    rows += [f"{' '.join(words[place : place + 9])}\t{' '.join(words[place : place + 8])}!\n" for place in range(3000)]
    (tmp_path / "a.tsv").write_text("".join(rows), encoding="utf-8")
    corpus = [{"path": "a.tsv"}]
    tree = {"train": corpus, "valid": [{"path": "a.tsv", "share": 0.01}], "vocabulary_size": 2000, "drop_identical": False}
    recipe = parse(
        Recipe,
        {"source_language": "de", "target_language": "en", "description": "d", "licence": "l", "preparation": tree},
        where="test",
    )
    prepare(recipe, corpora=tmp_path, output=tmp_path / "prepared")
    tokenizer = Tokenizer.load(tmp_path / "prepared" / "tokenizer.model")
    pairs = [(tokenizer.encode(line), tokenizer.encode(line.replace("Haus", "house"))) for line in LINES]
    changed = Variation(VariationConfig(in_bytes=0.9), tokenizer)(pairs, seed=1)
    assert sum(before != after for before, after in zip(pairs, changed, strict=True)) > 50
    for before, after in zip(pairs, changed, strict=True):
        assert [tokenizer.decode(side) for side in after] == [tokenizer.decode(side) for side in before]
        bytes_ = [[piece for piece in tokenizer.pieces(side) if piece.startswith("<0x")] for side in after]
        assert bytes_[0] == bytes_[1]


@given(st.text(max_size=30), st.integers())
def test_a_typing_error_changes_at_most_one_word(text: str, seed: int) -> None:
    new = with_typing_error(text, Random(seed))
    before, after = text.split(" "), new.split(" ")
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) <= 1
    assert abs(len(text) - len(new)) <= 1


@pytest.mark.parametrize(
    ("text", "without"), [("Ja.", "Ja"), ("Wo?", "Wo"), ("…", "…"), (".", "."), ("etc...", "etc..."), ("", "")]
)
def test_the_end_of_a_sentence(text: str, without: str) -> None:
    assert without_end(text) == without


def text_of(folder: Path, *, joined: float, budget: int = 300) -> TrainingText:
    return TrainingText(folder, batch_tokens=budget, seed=3, joined=joined)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("joined")
    generator = np.random.default_rng(1)
    lengths = generator.integers(1, 30, size=(500, 2))
    for column, side in enumerate(("source", "target")):
        own = lengths[:, column]
        # The tokens of pair n are n and n and so on, so that a batch tells which pairs it has.
        np.save(path / f"train.{side}.tokens.npy", np.repeat(np.arange(500, dtype="<u2") + 4, own))
        np.save(path / f"train.{side}.offsets.npy", np.concatenate([[0], np.cumsum(own)]).astype("<i8"))
    return path


def members(batch: PairBatch) -> list[tuple[int, ...]]:
    """The pairs that each row of a batch is made of, in order."""
    rows = []
    for source, target in zip(batch.source.tolist(), batch.target.tolist(), strict=True):
        own = list(dict.fromkeys(token - 4 for token in source if token >= 4))
        assert own == list(dict.fromkeys(token - 4 for token in target if token >= 4))
        rows.append(tuple(own))
    return rows


def epoch(text: TrainingText, number: int) -> list[tuple[int, ...]]:
    plan = text.plan(number)
    batches = [text.collate(some, Position(number, place)) for place, some in enumerate(plan)]
    for batch in batches:
        assert len(batch.source) == 1 or batch.source.numel() + batch.target.numel() <= text.batch_tokens
    return list(chain.from_iterable(map(members, batches)))


def test_each_pair_is_once_in_an_epoch_and_a_share_of_them_joined(folder: Path) -> None:
    rows = epoch(text_of(folder, joined=0.2), 0)
    assert sorted(chain.from_iterable(rows)) == list(range(500))
    assert Counter(map(len, rows)) == {1: 400, 2: 50}


def test_epochs_join_other_pairs_and_the_same_ones_when_asked_again(folder: Path) -> None:
    text = text_of(folder, joined=0.2)
    first, second = epoch(text, 0), epoch(text, 1)
    assert {row for row in first if len(row) == 2} != {row for row in second if len(row) == 2}
    assert epoch(text_of(folder, joined=0.2), 1) == second
    # A run that was resumed asks for a batch in the middle of an epoch.
    again = text_of(folder, joined=0.2)
    place = len(again.plan(1)) // 2
    assert members(next(again.batches(Position(1, place)))[0]) == members(
        text.collate(text.plan(1)[place], Position(1, place))
    )


def test_without_joined_pairs_the_batches_are_those_of_before(folder: Path) -> None:
    plain = TrainingText(folder, batch_tokens=300, seed=3)
    assert [some.tolist() for some in plain.plan(0)] == [some.tolist() for some in text_of(folder, joined=0.0).plan(0)]
    assert all(len(row) == 1 for row in epoch(plain, 0))


def test_the_place_of_a_joined_pair_names_both_lines(folder: Path) -> None:
    text = text_of(folder, joined=1.0, budget=60)
    plan = text.plan(0)
    place = next(number for number, some in enumerate(plan) if len(some) == 1 and some[0] >= 500)
    (row,) = members(text.collate(plan[place], Position(0, place)))
    assert len(row) == 2
    first, second = sorted(line + 1 for line in row)
    assert f"lines {first}, {second} of" in text.where([Position(0, place)])
