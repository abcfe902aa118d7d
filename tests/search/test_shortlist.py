"""A scorer that scores a few tokens of each sentence against the same one that scores them all."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.searching import search
from support.shortlisted_scorer import AllTokens, FewTokens
from support.table_scorer import batch

from nmt.config.search import SearchOptions
from nmt.search import Constraints

SOURCES = [[4, 5, 4], [5], [6, 4, 5, 7]]


@pytest.mark.slow
@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    beam_size=st.integers(1, 5),
    groups=st.booleans(),
    sampling=st.booleans(),
    options=st.fixed_dictionaries(
        {
            "no_repeat_ngram": st.integers(0, 2),
            "max_repeats": st.integers(0, 2),
            "min_length": st.integers(0, 4),
            "coverage_penalty": st.sampled_from([0.0, 0.2]),
        }
    ),
    forbidden=st.lists(st.lists(st.integers(4, 19), min_size=1, max_size=2).map(tuple), max_size=6).map(tuple),
)
def test_a_shortlist_finds_what_its_tokens_among_all_would(
    seed: int, beam_size: int, groups: bool, sampling: bool, options: dict[str, Any], forbidden: tuple[tuple[int, ...], ...]
) -> None:
    asked = SearchOptions(
        beam_size=beam_size,
        n_best=beam_size,
        diversity_groups=beam_size if groups and not sampling else 1,
        sampling=sampling,
        max_length_ratio=1.0,
        max_length_offset=4,
        **options,
    )
    constraints = [Constraints(forbidden=forbidden)] * len(SOURCES)
    few, every = (
        search(kind(seed=seed, vocabulary_size=20, end_bias=-1.0), *batch(SOURCES), asked, constraints=constraints)
        for kind in (FewTokens, AllTokens)
    )
    for ours, theirs in zip(few, every, strict=True):
        # Where the options leave none of the few tokens there is nothing to compare.
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if max(a.score, b.score) > -math.inf]
        for a, b in pairs:
            assert (a.tokens, a.score, a.log_probability) == (b.tokens, b.score, b.log_probability)
            assert np.array_equal(cast(Any, a.attention), cast(Any, b.attention))


def test_a_prefix_is_refused_with_a_shortlist() -> None:
    for options in (SearchOptions(), SearchOptions(beam_size=1)):
        with pytest.raises(ValueError, match="scores of every token"):
            search(FewTokens(seed=1, vocabulary_size=20), *batch([[4]]), options, constraints=[Constraints((5,))])
