"""Search against exhaustive enumeration, on scorers small enough to enumerate."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.beams import beam_search
from support.exhaustive_search import enumerate_all
from support.searching import search
from support.table_scorer import TableScorer, batch, log_probability, same
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.search import Constraints
from nmt.search.greedy import GreedySearch
from nmt.search.length import length_penalty, target_limits
from nmt.search.loop import run
from nmt.search.steps import Eager


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 2.0, 10.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_what_exhaustive_search_finds(alpha: float, seed: int) -> None:
    # Two words and at most five tokens: no step has more than 16 · 3 continuations, so a beam of 48 prunes nothing.
    options = SearchOptions(beam_size=48, n_best=10, length_penalty=alpha, max_length_ratio=0.5, max_length_offset=3)
    scorer = TableScorer(seed=seed)
    sources = [[4, 5, 4], [5], [4, 4, 4, 4]]
    results = search(scorer, *batch(sources), options)
    for source, candidates in zip(sources, results, strict=True):
        truth = enumerate_all(scorer, source, options)[:10]
        assert [tuple(candidate.tokens) for candidate in candidates] == [tokens for _, tokens in truth]
        assert [candidate.score for candidate in candidates] == pytest.approx([score for score, _ in truth], abs=1e-5)


def test_fewer_targets_than_asked_for_gives_all_there_are() -> None:
    options = SearchOptions(beam_size=20, n_best=20, max_length_ratio=0.5, max_length_offset=2)
    scorer = TableScorer(seed=1)
    ((*candidates,),) = search(scorer, *batch([[4, 5]]), options)
    assert [tuple(c.tokens) for c in candidates] == [tokens for _, tokens in enumerate_all(scorer, [4, 5], options)]
    assert len(candidates) == 7


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    alpha=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    beam_size=st.integers(2, 6),
    n_best=st.integers(1, 6),
    end_bias=st.floats(-3, 3),
    check_every=st.integers(1, 5),
)
def test_stopping_early_changes_nothing(
    seed: int, alpha: float, beam_size: int, n_best: int, end_bias: float, check_every: int
) -> None:
    """The n best of a search that may stop are the first n of a search that must fill its whole pool, step by step."""
    n_best = min(n_best, beam_size)
    scorer = TableScorer(seed=seed, vocabulary_size=8, end_bias=end_bias)
    options = SearchOptions(
        beam_size=beam_size, n_best=n_best, length_penalty=alpha, max_length_ratio=1.0, max_length_offset=4
    )
    sources = [[4, 5, 6], [7]]
    stopping = beam_search(scorer, *batch(sources), options, check_every=check_every)
    for source, candidates in zip(sources, stopping, strict=True):
        expected = plain_beam_search(scorer, source, options)
        assert [tuple(c.tokens) for c in candidates] == [tokens for _, tokens in expected]
        assert [c.score for c in candidates] == pytest.approx([score for score, _ in expected], abs=1e-5)


def plain_beam_search(scorer: TableScorer, source: list[int], options: SearchOptions) -> list[tuple[float, tuple[int, ...]]]:
    """The same search written as slowly as it can be: lists, one sentence, always to the length limit."""
    (limit,) = target_limits([len(source)], options)
    size = options.beam_size
    alive: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    finished: list[tuple[float, tuple[int, ...]]] = []
    for length in range(1, limit + 1):
        grown = []
        for total, tokens in alive:
            scores = scorer.distribution(tuple(source), (BEGIN_ID, *tokens)).tolist()
            allowed = [END_ID] if length == limit else range(END_ID, scorer.vocabulary_size)
            grown += [(total + scores[token], (*tokens, token)) for token in allowed]
        grown.sort(reverse=True)
        penalty = length_penalty(length, options.length_penalty)
        finished += [(total / penalty, tokens[:-1]) for total, tokens in grown[:size] if tokens[-1] == END_ID]
        alive = [(total, tokens) for total, tokens in grown if tokens[-1] != END_ID][:size]
    return sorted(finished, reverse=True)[: options.n_best]


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_follows_the_most_probable_token(seed: int) -> None:
    scorer = TableScorer(seed=seed, vocabulary_size=9, end_bias=-0.5)
    options = SearchOptions(beam_size=1, length_penalty=0.7, max_length_ratio=2.0, max_length_offset=3)
    sources = [[4, 5, 6], [7], [8, 8], [5, 4, 4, 4, 6]]
    greedy = search(scorer, *batch(sources), options)
    for source, candidates in zip(sources, greedy, strict=True):
        (limit,) = target_limits([len(source)], options)
        tokens: list[int] = []
        while len(tokens) < limit - 1:
            scores = scorer.distribution(tuple(source), (BEGIN_ID, *tokens))
            token = END_ID + int(scores[END_ID:].argmax())
            if token == END_ID:
                break
            tokens.append(token)
        assert [candidate.tokens for candidate in candidates] == [tokens]
        expected = log_probability(scorer, source, tuple(tokens))
        assert candidates[0].log_probability == pytest.approx(expected, abs=1e-5)
        assert candidates[0].score == pytest.approx(expected / length_penalty(len(tokens) + 1, 0.7), abs=1e-5)

    # Without a length penalty a beam of one has nothing to gain by going on after its END.
    flat = options.model_copy(update={"length_penalty": 0.0})
    beam = beam_search(scorer, *batch(sources), flat, check_every=3)
    assert [c[0].tokens for c in beam] == [c[0].tokens for c in greedy]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    beam_size=st.integers(1, 5),
    sources=st.lists(st.lists(st.integers(4, 8), min_size=1, max_size=6), min_size=1, max_size=5),
    data=st.data(),
)
def test_a_sentence_does_not_depend_on_its_batch(
    seed: int, beam_size: int, sources: list[list[int]], data: st.DataObject
) -> None:
    scorer = TableScorer(seed=seed, vocabulary_size=9)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length_ratio=1.0, max_length_offset=2)
    alone = [search(scorer, *batch([source]), options)[0] for source in sources]
    order = data.draw(st.permutations(range(len(sources))))
    together = search(scorer, *batch([sources[index] for index in order]), options)
    for place, index in enumerate(order):
        assert same(together[place], alone[index])
        for ours, other in zip(together[place], alone[index], strict=True):
            assert np.array_equal(cast(Any, ours.attention), cast(Any, other.attention))


@pytest.mark.parametrize("beam_size", [1, 4])
@pytest.mark.parametrize("check_every", [1, 4])
def test_candidates_are_sorted_distinct_and_true(beam_size: int, check_every: int) -> None:
    scorer = TableScorer(seed=3, vocabulary_size=12, end_bias=0.5)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, length_penalty=0.8)
    sources = [[4, 5, 6, 7], [9], [10, 11]]
    results = search(scorer, *batch(sources), options)
    if beam_size == 1:
        greedy = GreedySearch(scorer, options, attention=True)
        again = run(greedy, *batch(sources), steps=Eager(check_every), constraints=[Constraints()] * len(sources))
    else:
        again = beam_search(scorer, *batch(sources), options, check_every=check_every)
    assert all(same(*pair) for pair in zip(results, again, strict=True))
    for source, candidates in zip(sources, results, strict=True):
        assert len(candidates) == beam_size
        assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
        assert len({tuple(c.tokens) for c in candidates}) == beam_size
        for c in candidates:
            assert all(token > END_ID for token in c.tokens)
            assert c.log_probability == pytest.approx(log_probability(scorer, source, tuple(c.tokens)), abs=1e-4)
            assert c.score == pytest.approx(c.log_probability / length_penalty(len(c.tokens) + 1, 0.8), abs=1e-5)
            assert c.attention is not None
            assert c.attention.shape == (len(c.tokens), len(source))
            for position, row in enumerate(torch.from_numpy(c.attention)):
                expected = scorer.attention(tuple(source), (BEGIN_ID, *c.tokens[:position]))
                assert torch.equal(row, expected)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_scorer_that_never_ends_is_ended_at_its_own_limit(beam_size: int) -> None:
    scorer = TableScorer(seed=5, end_bias=-60.0)
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length_ratio=1.5, max_length_offset=2)
    sources = [[4], [4, 5, 4], [5, 5]]
    for source, candidates in zip(sources, search(scorer, *batch(sources), options), strict=True):
        assert len(candidates) == beam_size
        assert {len(c.tokens) + 1 for c in candidates} == {math.ceil(1.5 * len(source)) + 2}


@pytest.mark.parametrize("beam_size", [1, 4])
def test_a_scorer_that_ends_at_once_takes_few_steps(beam_size: int) -> None:
    scorer = TableScorer(seed=5, end_bias=30.0)
    options = SearchOptions(beam_size=beam_size, max_length_offset=1000)
    results = search(scorer, *batch([[4, 5], [5]]), options, attention=False)
    assert [(c[0].tokens, c[0].attention) for c in results] == [([], None), ([], None)]
    assert scorer.steps <= 2


def test_a_broken_model_still_gets_an_answer() -> None:
    class Broken(TableScorer):
        def distribution(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:  # noqa: ARG002
            return torch.full((self.vocabulary_size,), math.nan)

    for beam_size in (1, 3):
        options = SearchOptions(beam_size=beam_size, max_length_offset=1)
        ((candidate,),) = search(Broken(seed=0), *batch([[4, 5]]), options)
        assert len(candidate.tokens) < 5


def test_length_penalty_is_the_papers() -> None:
    assert length_penalty(1, 0.6) == 1.0
    assert length_penalty(7, 1.0) == 2.0
    assert length_penalty(19, 0.5) == 2.0
    assert length_penalty(100, 0.0) == 1.0


def test_an_empty_source_is_refused_and_an_empty_batch_is_nothing() -> None:
    scorer, options = TableScorer(seed=0), SearchOptions()
    assert search(scorer, torch.zeros(0, 3, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), options) == []
    with pytest.raises(ValueError, match="at least one token"):
        search(scorer, torch.tensor([[4, 5], [0, 0]]), torch.tensor([2, 0]), options)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"beam_size": 0}, "beam_size"),
        ({"beam_size": 10000}, "64"),
        ({"beam_size": 2, "n_best": 3}, "at most beam_size"),
        ({"length_penalty": -1.0}, "length_penalty"),
        ({"length_penalty": math.nan}, "length_penalty"),
        ({"max_length_offset": 0}, "max_length_offset"),
        ({"beamsize": 2}, "did you mean beam_size"),
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        parse(SearchOptions, wrong, where="options")
