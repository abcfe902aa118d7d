"""Required phrases against enumeration, and against counting."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.beams import beam_search
from support.exhaustive_search import SOURCES, WIDE, Tokens, contains, truth
from support.searching import search
from support.table_scorer import TableScorer, batch, log_probability

from nmt.config.search import SearchOptions
from nmt.search import Constraints

REQUIRED: list[tuple[Tokens, ...]] = [
    ((5,),),
    ((4, 5),),
    ((4, 4), (5,)),
    ((4, 5), (5, 4)),  # one may end in what begins the other
    ((4, 4, 5),),  # begun anew inside itself: 4 4 4 5
    ((5, 5), (5, 5)),
    ((4,), (4, 5), (5,)),
]


@pytest.mark.parametrize("required", REQUIRED, ids=str)
@pytest.mark.parametrize(
    "asked", [{}, {"length_normalisation": "average", "min_length": 3}, {"coverage_penalty": 0.3}], ids=str
)
def test_a_wide_beam_finds_the_best_of_all_that_have_the_phrases(
    required: tuple[Tokens, ...], asked: dict[str, Any]
) -> None:
    options = SearchOptions(**WIDE | {"max_length_ratio": 0.6, "max_length_offset": 3}, **asked, n_best=4)
    constraints = [Constraints(required=required), Constraints((5,), required=required), Constraints()]
    for seed in range(2):
        scorer = TableScorer(seed=seed)
        found = search(scorer, *batch(SOURCES), options, constraints=constraints)
        for source, one, candidates in zip(SOURCES, constraints, found, strict=True):
            limit = max(math.ceil(0.6 * len(source)), one.least_length) + 3
            room = options.model_copy(update={"max_length_ratio": 1e-3, "max_length_offset": limit - 1})
            expected = [
                (score, tokens)
                for score, tokens in truth(scorer, source, room)
                if tokens[: len(one.prefix)] == one.prefix and all(contains(tokens, phrase) for phrase in one.required)
            ][:4]
            assert [tuple(c.tokens) for c in candidates] == [tokens for _, tokens in expected]
            assert [c.score for c in candidates] == pytest.approx([score for score, _ in expected], abs=1e-4)


phrases = st.lists(st.lists(st.integers(4, 8), min_size=1, max_size=4).map(tuple), max_size=3).map(tuple)


@pytest.mark.slow
@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    beam_size=st.integers(1, 6),
    check_every=st.integers(1, 4),
    options=st.fixed_dictionaries(
        {
            "no_repeat_ngram": st.integers(0, 2),
            "max_repeats": st.integers(0, 2),
            "min_length": st.integers(0, 12),
            "coverage_penalty": st.sampled_from([0.0, 0.3]),
            "length_penalty": st.sampled_from([0.0, 1.0, 3.0]),
            "max_length_ratio": st.sampled_from([0.1, 1.0]),
            "max_length_offset": st.integers(1, 4),
        }
    ),
    prefix=st.lists(st.integers(4, 8), max_size=4).map(tuple),
    required=st.lists(phrases, min_size=3, max_size=3),
    end_bias=st.sampled_from([-3.0, 0.0, 10.0]),
)
def test_whatever_the_options_every_candidate_has_what_is_required(
    seed: int,
    beam_size: int,
    check_every: int,
    options: dict[str, Any],
    prefix: Tokens,
    required: list[tuple[Tokens, ...]],
    end_bias: float,
) -> None:
    # Of more tokens than the longest may have: none need come twice where none may.
    scorer = TableScorer(seed=seed, vocabulary_size=26, end_bias=end_bias)
    asked = SearchOptions(beam_size=beam_size, n_best=beam_size, **options)
    constraints = [Constraints(prefix, required=own) for own in required]
    together = search(scorer, *batch(SOURCES), asked, constraints=constraints)
    for source, one, candidates in zip(SOURCES, constraints, together, strict=True):
        assert candidates
        assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
        assert len({tuple(c.tokens) for c in candidates}) == len(candidates)
        for c in candidates:
            assert tuple(c.tokens[: len(prefix)]) == prefix
            assert all(contains(tuple(c.tokens), phrase) for phrase in one.required)
            assert c.log_probability == pytest.approx(log_probability(scorer, source, tuple(c.tokens)), abs=1e-3)
        (alone,) = search(scorer, *batch([source]), asked, constraints=[one])
        assert alone[0].tokens == candidates[0].tokens
    if any(one.required for one in constraints):
        again = beam_search(scorer, *batch(SOURCES), asked, check_every=check_every, constraints=constraints)
        for one, found, found_again in zip(constraints, together, again, strict=True):
            if one.required or beam_size > 1:  # else the search is greedy
                assert [c.tokens for c in found_again] == [c.tokens for c in found]


def test_what_others_require_does_not_change_a_greedy_search() -> None:
    """A beam of one goes on past its first end where longer is better; greedy search does not."""
    scorer = TableScorer(seed=0, vocabulary_size=12, end_bias=10.0)
    options = SearchOptions(beam_size=1, min_length=2, length_penalty=3.0, max_length_ratio=1.0, max_length_offset=1)
    constraints = [Constraints(required=own) for own in ((), ((4,),), ())]
    together = search(scorer, *batch(SOURCES), options, constraints=constraints)
    alone = [search(scorer, *batch([one]), options, constraints=[c])[0] for one, c in zip(SOURCES, constraints, strict=True)]
    assert [found[0].tokens for found in together] == [found[0].tokens for found in alone]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), beam_size=st.integers(1, 4), required=phrases, forbidden=phrases)
def test_what_is_required_may_touch_what_is_forbidden(
    seed: int, beam_size: int, required: tuple[Tokens, ...], forbidden: tuple[Tokens, ...]
) -> None:
    if any(contains(phrase, wrong) for phrase in required for wrong in forbidden):
        with pytest.raises(ValueError, match="contains forbidden"):
            Constraints(required=required, forbidden=forbidden)
        return
    scorer = TableScorer(seed=seed, vocabulary_size=12)
    one = Constraints(required=required, forbidden=forbidden)
    ((*candidates,),) = search(scorer, *batch([[4, 5]]), SearchOptions(beam_size=beam_size), constraints=[one])
    assert candidates
    for c in candidates:
        assert all(contains(tuple(c.tokens), phrase) for phrase in required)
        assert not any(contains(tuple(c.tokens), phrase) for phrase in forbidden)


def test_a_sentence_that_cannot_have_what_is_required_has_no_candidate() -> None:
    # Room for two tokens, and neither order is allowed.
    one = Constraints(required=((4,), (5,)), forbidden=((4, 5), (5, 4)))
    options = SearchOptions(max_length_ratio=0.1, max_length_offset=1)
    found = search(TableScorer(seed=1), *batch([[4], [5]]), options, constraints=[one, Constraints()])
    assert [len(candidates) for candidates in found] == [0, 1]


@pytest.mark.parametrize("asked", [{"sampling": True}, {"diversity_groups": 5}])
def test_required_goes_with_beam_search_alone(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="beam search in one group"):
        search(TableScorer(seed=1), *batch([[4]]), SearchOptions(**asked), constraints=[Constraints(required=((5,),))])
