"""Shortlists against sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.model.padding import pad
from nmt.model.shortlist import ALIGNMENT, Ids, Shortlist

VOCABULARY = 300


def shortlist(width: int = 5) -> Shortlist:
    """Some translations are 0, as where a token has fewer; some tokens have the same ones."""
    random = np.random.default_rng(7)
    translations = random.integers(4, VOCABULARY, (VOCABULARY, width))
    translations[random.random(translations.shape) < 0.2] = 0
    return Shortlist.build(common=np.array([40, 9, 250, 9]), translations=translations)


def batch(sentences: list[list[int]]) -> tuple[Ids, Ids]:
    return pad(sentences).numpy(), np.array([len(sentence) for sentence in sentences])


sentences = st.lists(st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=30), min_size=1, max_size=6)


@given(sources=sentences)
def test_a_list_is_the_special_ids_then_its_own_set_in_order(sources: list[list[int]]) -> None:
    lists = shortlist()
    found = lists.tokens(*batch(sources))
    assert found.dtype == np.int64
    assert found.shape[1] % ALIGNMENT == 0
    for source, row in zip(sources, found.tolist(), strict=True):
        own = {40, 9, 250} | {int(token) for word in source for token in lists.translations[word]}
        expected = [0, 1, 2, 3, *sorted(own - {0, 1, 2, 3})]
        assert row[: len(expected)] == expected
        assert not any(row[len(expected) :])
    assert found.shape[1] - max(np.count_nonzero(found, axis=1) + 1) < ALIGNMENT


@given(sources=sentences, longer=st.integers(0, 3))
def test_a_list_depends_on_its_own_source_alone(sources: list[list[int]], longer: int) -> None:
    lists = shortlist()
    source, lengths = batch(sources)
    # What stands behind a sentence's end is not its source.
    noise = np.random.default_rng(1).integers(VOCABULARY, size=(len(sources), longer))
    together = lists.tokens(np.concatenate([source, noise], axis=1), lengths)
    for sentence, row in zip(sources, together.tolist(), strict=True):
        alone = lists.tokens(*batch([sentence]))[0].tolist()
        assert row[: len(alone)] == alone
        assert not any(row[len(alone) :])


def test_ids_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="ids 5 to 20 should be below the vocabulary size, 20"):
        Shortlist.build(common=np.array([20, 5]), translations=np.zeros((20, 2), np.int64))
    with pytest.raises(ValueError, match="ids -1 to 0"):
        Shortlist.build(common=np.array([], np.int64), translations=np.full((20, 2), -1) * np.eye(20, 2, dtype=np.int64))
