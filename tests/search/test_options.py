"""Each option of the search against enumeration, or against counting."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.beams import beam_search
from support.exhaustive_search import SHORT, SOURCES, WIDE, Tokens, allowed, contains, score, truth
from support.searching import search
from support.table_scorer import TableScorer, batch, log_probability

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.search import Constraints
from nmt.search.length import target_limits


@pytest.mark.parametrize(
    "asked",
    [
        {"length_normalisation": "average"},
        {"coverage_penalty": 0.2},
        {"coverage_penalty": 2.0, "length_normalisation": "average"},
        {"min_length": 3},
        {"min_length": 1000},
        {"min_length_ratio": 0.5, "length_penalty": 0.0},
        {"no_repeat_ngram": 1},
        {"no_repeat_ngram": 2, "coverage_penalty": 0.5},
        {"no_repeat_ngram": 3},
        {"max_repeats": 1},
        {"max_repeats": 2, "min_length": 2},
        {"no_repeat_ngram": 32, "max_repeats": 100},
    ],
    ids=str,
)
@pytest.mark.parametrize("n_best", [1, 6])
def test_a_wide_beam_finds_the_best_of_all_that_is_allowed(asked: dict[str, Any], n_best: int) -> None:
    options = SearchOptions(**WIDE, **asked, n_best=n_best)
    for seed in range(2):
        scorer = TableScorer(seed=seed)
        for source, candidates in zip(SOURCES, search(scorer, *batch(SOURCES), options), strict=True):
            expected = truth(scorer, source, options)[:n_best]
            assert [tuple(candidate.tokens) for candidate in candidates] == [tokens for _, tokens in expected]
            assert [c.score for c in candidates] == pytest.approx([value for value, _ in expected], abs=1e-4)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    beam_size=st.integers(1, 5),
    average=st.booleans(),
    coverage=st.sampled_from([0.0, 0.3]),
    fewest=st.integers(0, 9),
    ngram=st.integers(0, 3),
    repeats=st.integers(0, 3),
    sampling=st.booleans(),
    check_every=st.integers(1, 4),
)
def test_whatever_is_asked_for_is_kept_and_does_not_depend_on_the_batch(
    seed: int,
    beam_size: int,
    average: bool,
    coverage: float,
    fewest: int,
    ngram: int,
    repeats: int,
    sampling: bool,
    check_every: int,
) -> None:
    scorer = TableScorer(seed=seed, vocabulary_size=20)
    options = SearchOptions(
        beam_size=beam_size,
        n_best=beam_size,
        length_normalisation="average" if average else "wu",
        coverage_penalty=coverage,
        max_length_ratio=1.0,
        max_length_offset=6,
        min_length=fewest,
        no_repeat_ngram=ngram,
        max_repeats=repeats,
        sampling=sampling,
    )
    together = search(scorer, *batch(SOURCES), options)
    for source, candidates in zip(SOURCES, together, strict=True):
        (alone,) = search(scorer, *batch([source]), options)
        assert [(c.tokens, c.score) for c in candidates] == [(c.tokens, pytest.approx(c.score)) for c in alone]
        assert len(candidates) == beam_size
        assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
        for c in candidates:
            assert allowed(tuple(c.tokens), source, options)
            assert c.log_probability == pytest.approx(log_probability(scorer, source, tuple(c.tokens)), abs=1e-3)
            assert c.score == pytest.approx(score(scorer, source, tuple(c.tokens), options), abs=1e-3)
    if beam_size > 1 and not sampling:
        again = beam_search(scorer, *batch(SOURCES), options, check_every=check_every)
        assert [[c.tokens for c in found] for found in again] == [[c.tokens for c in found] for found in together]


def sampled_first_tokens(options: SearchOptions, scorer: TableScorer, sentences: int) -> torch.Tensor:
    """How often each token came first, (V,), over `sentences` sources that all look alike to the scorer."""

    class SameForAll(TableScorer):
        def distribution(self, source: Tokens, prefix: Tokens) -> torch.Tensor:  # noqa: ARG002
            return scorer.distribution((4,), prefix[:1])

    sources = [[4 + number // 30, 4 + number % 30] for number in range(sentences)]
    results = search(SameForAll(seed=0, vocabulary_size=scorer.vocabulary_size), *batch(sources), options, attention=False)
    firsts = [(c.tokens or [END_ID])[0] for candidates in results for c in candidates]
    return torch.bincount(torch.tensor(firsts), minlength=scorer.vocabulary_size).double()


@pytest.mark.parametrize(
    "asked",
    [{}, {"temperature": 0.5}, {"temperature": 3.0, "top_k": 4}, {"top_p": 0.6}, {"top_k": 5, "top_p": 0.7}],
    ids=str,
)
def test_samples_are_as_frequent_as_the_softmax_says(asked: dict[str, Any]) -> None:
    scorer = TableScorer(seed=8, vocabulary_size=12)
    options = SearchOptions(
        sampling=True, n_best=64, seed=3, max_length_ratio=0.1, max_length_offset=1, no_repeat_ngram=2, **asked
    )
    counts = sampled_first_tokens(options, scorer, 40)
    weights = [math.exp(value / options.temperature) for value in scorer.distribution((4,), (BEGIN_ID,)).tolist()]
    ranked = sorted(range(END_ID, 12), key=lambda token: -weights[token])[: options.top_k or None]
    kept, mass, total = [], 0.0, sum(weights[token] for token in ranked)
    for token in ranked:
        if mass / total < options.top_p:
            kept.append(token)
            mass += weights[token]
    expected = torch.tensor([weights[token] / mass for token in kept]) * counts.sum()
    assert counts.sum() == counts[kept].sum() == 40 * 64, "a token outside top-k or top-p was drawn"
    statistic = float(((counts[kept] - expected) ** 2 / expected).sum())
    freedom = len(kept) - 1
    # The 99.9th percentile of chi-square, by the approximation of Wilson and Hilferty.
    assert statistic < freedom * (1 - 2 / (9 * freedom) + 3.09 * math.sqrt(2 / (9 * freedom))) ** 3


def test_a_seed_repeats_its_samples_and_another_gives_others() -> None:
    scorer = TableScorer(seed=2, vocabulary_size=30, end_bias=-1.0)

    def tokens(seed: int) -> list[list[list[int]]]:
        options = SearchOptions(sampling=True, n_best=8, seed=seed)
        return [[c.tokens for c in found] for found in search(scorer, *batch(SOURCES), options)]

    assert tokens(1) == tokens(1)
    assert tokens(1) != tokens(2)
    assert len({tuple(path) for path in tokens(1)[0]}) > 1


def test_sampling_from_one_token_is_greedy_search() -> None:
    scorer = TableScorer(seed=2, vocabulary_size=9)
    greedy = search(scorer, *batch(SOURCES), SearchOptions(beam_size=1))
    for asked in ({"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-4}):
        sampled = search(scorer, *batch(SOURCES), SearchOptions(sampling=True, **asked))
        assert [c[0].tokens for c in sampled] == [c[0].tokens for c in greedy]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"length_normalisation": "sum"}, "length_normalisation"),
        ({"coverage_penalty": -0.1}, "coverage_penalty"),
        ({"min_length_ratio": 3.0}, "more than max_length_ratio 2"),
        ({"temperature": 0.0, "sampling": True}, "temperature"),
        ({"temperature": 0.7}, "ask for sampling too"),
        ({"top_p": 0.0, "sampling": True}, "top_p"),
        ({"seed": -1, "sampling": True}, "seed"),
    ],
)
def test_options_that_do_not_fit_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        parse(SearchOptions, wrong, where="options")


def plain_diverse_search(scorer: TableScorer, source: list[int], options: SearchOptions) -> list[list[tuple[float, Tokens]]]:
    """Diverse beam search as the paper's algorithm 1 has it, on lists: what each group has finished, best first."""
    (limit,) = target_limits([len(source)], options)
    groups = options.diversity_groups
    size = options.beam_size // groups
    alive: list[list[tuple[float, Tokens]]] = [[(0.0, ())] for _ in range(groups)]
    finished: list[list[tuple[float, Tokens]]] = [[] for _ in range(groups)]
    for length in range(1, limit + 1):
        chosen: list[int] = []
        for group in range(groups):
            grown = []
            for total, tokens in alive[group]:
                scores = scorer.distribution(tuple(source), (BEGIN_ID, *tokens)).tolist()
                for token in [END_ID] if length == limit else range(END_ID, scorer.vocabulary_size):
                    value = total + scores[token] - options.diversity_strength * chosen.count(token)
                    grown.append((value, total + scores[token], (*tokens, token)))
            grown.sort(reverse=True)
            divisor = ((5 + length) / 6) ** options.length_penalty
            finished[group] += [(total / divisor, tokens[:-1]) for _, total, tokens in grown[:size] if tokens[-1] == END_ID]
            alive[group] = [(total, tokens) for _, total, tokens in grown if tokens[-1] != END_ID][:size]
            chosen += [tokens[-1] for _, _, tokens in grown[:size]]
    return [sorted(group, reverse=True) for group in finished]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("beam_size", "groups"), [(6, 3), (4, 4), (4, 2), (3, 1)])
def test_groups_search_as_the_paper_says(seed: int, beam_size: int, groups: int) -> None:
    scorer = TableScorer(seed=seed, vocabulary_size=8)
    options = SearchOptions(
        **SHORT, beam_size=beam_size, n_best=groups, diversity_groups=groups, diversity_strength=0.7, length_penalty=0.8
    )
    for source, candidates in zip(SOURCES, search(scorer, *batch(SOURCES), options), strict=True):
        pools = plain_diverse_search(scorer, source, options)
        bests = list(dict.fromkeys(pool[rank] for rank in range(1 if groups > 1 else groups) for pool in pools))
        found = [tuple(c.tokens) for c in candidates]
        assert set(found) >= {tokens for _, tokens in bests}
        assert len(set(found)) == len(found)
        assert candidates[0].score == pytest.approx(max(pool[0][0] for pool in pools), abs=1e-5)


def test_strength_makes_translations_differ_more() -> None:
    scorer = TableScorer(seed=4, vocabulary_size=40, end_bias=-2.0)
    firsts = []
    for strength in (0.0, 5.0):
        options = SearchOptions(beam_size=4, n_best=4, diversity_groups=4, diversity_strength=strength, max_length_ratio=1.0)
        (found,) = search(scorer, *batch([[4, 5, 6]]), options)
        firsts.append(len({tuple(c.tokens[:1]) for c in found}))
    assert firsts == [1, 4]


@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_the_best_of_all_that_the_constraints_allow(seed: int) -> None:
    options = SearchOptions(**WIDE, n_best=5, no_repeat_ngram=3)
    constraints = [Constraints((5,)), Constraints((4, 4), ((4, 5), (5, 5, 5))), Constraints(forbidden=((4,),))]
    scorer = TableScorer(seed=seed)
    found = search(scorer, *batch(SOURCES), options, constraints=constraints)
    for source, one, candidates in zip(SOURCES, constraints, found, strict=True):
        expected = [
            tokens
            for _, tokens in truth(scorer, source, options)
            if tokens[: len(one.prefix)] == one.prefix and not any(contains(tokens, phrase) for phrase in one.forbidden)
        ]
        assert [tuple(c.tokens) for c in candidates] == expected[:5]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    beam_size=st.integers(1, 4),
    sampling=st.booleans(),
    ngram=st.integers(0, 2),
    prefixes=st.lists(st.lists(st.integers(4, 8), max_size=9).map(tuple), min_size=3, max_size=3),
    forbidden=st.lists(st.lists(st.integers(4, 19), min_size=1, max_size=3).map(tuple), max_size=4).map(tuple),
)
def test_constraints_are_always_met(
    seed: int, beam_size: int, sampling: bool, ngram: int, prefixes: list[Tokens], forbidden: tuple[Tokens, ...]
) -> None:
    scorer = TableScorer(seed=seed, vocabulary_size=20)
    options = SearchOptions(beam_size=beam_size, max_length_offset=3, sampling=sampling, no_repeat_ngram=ngram, min_length=2)
    if any(contains(prefix, phrase) for prefix in prefixes for phrase in forbidden):
        with pytest.raises(ValueError, match="contains forbidden"):
            [Constraints(prefix, forbidden) for prefix in prefixes]
        return
    constraints = [Constraints(prefix, forbidden) for prefix in prefixes]
    for number, (candidate,) in enumerate(search(scorer, *batch(SOURCES), options, constraints=constraints)):
        tokens = tuple(candidate.tokens)
        assert tokens[: len(prefixes[number])] == prefixes[number]
        assert not any(contains(tokens, phrase) for phrase in forbidden)
        assert candidate.log_probability == pytest.approx(log_probability(scorer, SOURCES[number], tokens), abs=1e-3)
        ((alone,),) = search(scorer, *batch([SOURCES[number]]), options, constraints=[constraints[number]])
        assert alone.tokens == candidate.tokens


def test_constraints_that_cannot_be_met_are_refused() -> None:
    for wrong in ({"prefix": (0,)}, {"forbidden": ((5, END_ID),)}, {"forbidden": ((),)}):
        with pytest.raises(ValueError, match=r"never inside|at least one"):
            Constraints(**wrong)
