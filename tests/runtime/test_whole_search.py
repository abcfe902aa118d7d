"""A plain search in one call of the kernel against the same search step by step: the same candidates to the bit."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.int8_networks import SHAPES, VOCABULARY, model, shortlist
from support.searching import search
from support.stepwise import int8
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import END_ID
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime import kernels
from nmt.search import Candidate, Constraints, Dropped, Scorer
from nmt.search.plain import PlainSearch, Searching
from nmt.translate.translator import Translator

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

if kernels.AVAILABLE:
    from nmt.runtime.int8 import Int8Network

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "nmt" / "bench" / "sample.tsv"
MODELS = sorted(path for path in (ROOT / "checkpoints").glob("*") if (path / "config.yaml").exists())

on_each_instruction_set = pytest.mark.usefixtures("_instruction_set")

PLAIN: list[dict[str, Any]] = [
    {"beam_size": 1},
    {"beam_size": 1, "length_normalisation": "average", "max_length_ratio": 0.5, "max_length_offset": 1},
    {"beam_size": 2},
    {"beam_size": 5, "n_best": 5},
    {"beam_size": 4, "n_best": 3, "length_penalty": 0.0, "max_length_ratio": 0.7, "max_length_offset": 2},
    {"beam_size": 4, "n_best": 2, "length_normalisation": "average", "max_length_offset": 70},
    {"beam_size": 64, "n_best": 64, "length_penalty": 3.0, "max_length_ratio": 0.1, "max_length_offset": 3},
]


def network(**shape: Any) -> Seq2Seq:
    """With distributions that differ, and an END that comes now and then."""
    made = model(**shape)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(2.0)
        made.output.bias[END_ID] = 3.0
    return made


def scorer_of(made: Seq2Seq, *, listed: bool) -> Int8Network:
    return int8(made, shortlist() if listed else None)


def sentences(lengths: list[int], *, seed: int = 1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    source = torch.randint(4, VOCABULARY, (len(lengths), max(lengths)), generator=generator)
    counts = torch.tensor(lengths)
    return source * (torch.arange(source.shape[1]) < counts[:, None]), counts


def numbers(found: list[list[Candidate]]) -> list[Any]:
    return [
        [
            (
                one.tokens,
                one.score.hex(),
                one.log_probability.hex(),
                None if one.attention is None else one.attention.tolist(),
            )
            for one in candidates
        ]
        for candidates in found
    ]


def both(scorer: Int8Network, source: Tensor, lengths: Tensor, *, attention: bool = True, **options: Any) -> list[Any]:
    """The candidates in one call and step by step."""
    asked = SearchOptions(**options)
    return [numbers(search(one, source, lengths, asked, attention=attention)) for one in (scorer, scorer.stepwise)]


@on_each_instruction_set
@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_search_in_one_call_is_the_search_step_by_step_to_the_bit(shape: dict[str, Any], listed: bool) -> None:
    scorer = scorer_of(network(**shape), listed=listed)
    source, lengths = sentences([5, 13, 2, 9, 1])
    words = 0
    for options in PLAIN:
        found, expected = both(scorer, source, lengths, **options)
        assert found == expected
        words += sum(len(tokens) for candidates in found for tokens, *_ in candidates)
    assert words > 100


@settings(max_examples=150)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=7),
    beam_size=st.integers(1, 7),
    n_best=st.integers(1, 7),
    length_penalty=st.sampled_from([0.0, 0.3, 1.0, 10.0]),
    length_normalisation=st.sampled_from(["wu", "average"]),
    max_length_ratio=st.sampled_from([0.01, 0.4, 1.0, 3.0]),
    max_length_offset=st.integers(1, 6),
    end_bias=st.sampled_from([-30.0, 0.0, 2.0, 4.0, 30.0]),
    shape=st.sampled_from(SHAPES),
    listed=st.booleans(),
    attention=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_any_plain_search_in_one_call_is_the_search_step_by_step(
    lengths: list[int],
    beam_size: int,
    n_best: int,
    end_bias: float,
    shape: dict[str, Any],
    listed: bool,
    attention: bool,
    seed: int,
    **options: Any,
) -> None:
    made = network(**shape)
    with torch.no_grad():
        made.output.bias[END_ID] = end_bias
    scorer = scorer_of(made, listed=listed)
    options |= {"beam_size": beam_size, "n_best": min(n_best, beam_size)}
    found, expected = both(scorer, *sentences(lengths, seed=seed), attention=attention, **options)
    assert found == expected


@pytest.mark.parametrize("beam_size", [1, 3, 6])
@pytest.mark.parametrize("listed", [False, True])
def test_of_equal_hypotheses_the_first_is_taken_whoever_shares_the_batch(beam_size: int, listed: bool) -> None:
    """All tokens have the same row in each matrix, so that a hypothesis has many equal ones."""
    made = network()
    with torch.no_grad():
        for rows in (made.output.weight, made.output.bias, made.decoder.embedding.weight):
            rows[END_ID + 1 :] = rows[END_ID + 1].clone()
    scorer = scorer_of(made, listed=listed)
    source, lengths = sentences([5, 13, 2, 9, 1, 4])
    options = {"beam_size": beam_size, "n_best": beam_size}
    found, expected = both(scorer, source, lengths, **options)
    assert found == expected
    equal = [one for candidates in found for one, other in pairwise(candidates) if one[1] == other[1]]
    assert beam_size == 1 or len(equal) > 3
    for row, length in enumerate(lengths.tolist()):
        assert both(scorer, source[row : row + 1, :length], lengths[row : row + 1], **options) == [[found[row]]] * 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("beam_size", [1, 3])
def test_a_broken_model_gives_the_same_as_step_by_step(value: float, beam_size: int) -> None:
    made = network()
    with torch.no_grad():
        made.output.bias[END_ID if value == -math.inf else 9] = value
    found, expected = both(int8(made), *sentences([4]), beam_size=beam_size, n_best=beam_size)
    assert found == expected


class Watched(Searching):
    """Counts the searches that it runs itself."""

    def __init__(self, network: Int8Network) -> None:
        self.whole, self._network = 0, network

    def search(self, sources: Sequence[Sequence[int]], asked: PlainSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        self.whole += 1
        return self._network.search(sources, asked, dropped)

    @property
    def stepwise(self) -> Scorer:
        return self._network.stepwise


NOT_PLAIN: list[tuple[dict[str, Any], Constraints]] = [
    ({"sampling": True}, Constraints()),
    ({"beam_size": 4, "diversity_groups": 2}, Constraints()),
    ({"coverage_penalty": 0.1}, Constraints()),
    ({"min_length": 2}, Constraints()),
    ({"min_length_ratio": 0.5}, Constraints()),
    ({"no_repeat_ngram": 3}, Constraints()),
    ({"max_repeats": 2}, Constraints()),
    ({}, Constraints(prefix=(9,))),
    ({}, Constraints(required=((9, 10),))),
    ({}, Constraints(forbidden=((9,),))),
]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_what_asks_for_more_goes_step_by_step_and_all_else_in_one_call(beam_size: int) -> None:
    scorer = Watched(int8(network()))
    source, lengths = sentences([5, 3])
    for options in PLAIN:
        search(scorer, source, lengths, SearchOptions(**options))
    assert scorer.whole == len(PLAIN)
    for more, constraint in NOT_PLAIN:
        if not (beam_size == 1 and "diversity_groups" in more):
            asked = SearchOptions(**{"beam_size": beam_size, **more})
            search(scorer, source, lengths, asked, constraints=[Constraints(), constraint])
    assert scorer.whole == len(PLAIN)


@pytest.mark.parametrize("beam_size", [1, 4])
def test_sentences_leave_as_they_do_step_by_step(beam_size: int) -> None:
    scorer, (source, lengths) = scorer_of(network(), listed=True), sentences([5, 13, 2, 9, 1, 7])
    options = SearchOptions(beam_size=beam_size, n_best=beam_size)
    complete = numbers(search(scorer, source, lengths, options))
    shorter = 0
    for last, gone in ((1, {1}), (2, {0, 3, 5}), (3, {1, 2}), (4, {0, 1, 2, 3, 4, 5}), (1, set(range(6)))):
        results, asked = [], []
        for one in (scorer, scorer.stepwise):
            steps: list[int] = []

            def dropped(steps: list[int] = steps, last: int = last, gone: set[int] = gone) -> set[int]:
                steps.append(1)
                return gone if len(steps) >= last else set()

            results.append(numbers(search(one, source, lengths, options, dropped=dropped)))
            asked.append(len(steps))
        assert results[0] == results[1]
        assert asked[0] == asked[1]
        assert all(results[0][row] == complete[row] for row in range(6) if row not in gone)
        shorter += sum(not found for found in results[0])
    assert shorter > 5


def test_an_error_of_who_is_asked_for_dropped_sentences_ends_the_search() -> None:
    def dropped() -> set[int]:
        raise Interrupted

    with pytest.raises(Interrupted):
        search(int8(network()), *sentences([4, 3]), SearchOptions(), dropped=dropped)


def test_threads_search_at_the_same_time_with_one_scorer() -> None:
    scorer = scorer_of(network(), listed=True)
    batches = [sentences([length, 3, length + 2], seed=length) for length in range(1, 17)]
    options = SearchOptions(beam_size=4, n_best=4)
    expected = [numbers(search(scorer, *batch, options)) for batch in batches]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda batch: numbers(search(scorer, *batch, options)), batches))
    assert found == expected


class Interrupted(Exception):
    pass


def test_an_interrupt_ends_a_long_search() -> None:
    """Without it, 2,000 steps of 1,024 hypotheses would take more than ten seconds."""
    made = network()
    with torch.no_grad():
        made.output.bias[END_ID] = -100.0
    scorer = int8(made)
    source, lengths = sentences([100] * 16)
    options = SearchOptions(beam_size=64, max_length_ratio=10.0, max_length_offset=1000)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGVTALRM, interrupt)
    began = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.3)
        with pytest.raises(Interrupted):
            search(scorer, source, lengths, options)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
    assert time.process_time() - began < 4.0


def test_a_shortlist_of_many_ids_is_the_one_that_the_model_room_makes() -> None:
    """Ids of two bytes and of four, sentences with one token and with many."""
    made = network()
    small = shortlist()
    for lists in (
        small,
        replace(small, common=small.common.astype("int32"), translations=small.translations.astype("int32")),
    ):
        restricted = int8(made, lists).stepwise
        for lengths in ([1], [30, 2, 17], [1, 1, 1, 40]):
            batch = sentences(lengths)
            source, counts = (one.numpy() for one in batch)
            found = restricted.start(*batch).shortlist
            assert found is not None
            assert found.tolist() == lists.tokens(source, counts).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("directory", MODELS, ids=lambda path: path.name)
def test_shipped_models_find_the_same_in_one_call(directory: Path) -> None:
    translator = Translator.load(directory, device="cpu", runtime="int8")
    scorer = translator._decoder.scorers.listed
    assert isinstance(scorer, Int8Network)
    column = 0 if translator.source_language == "de" else 1
    lines = [line.split("\t")[column] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    sources = sorted((translator._tokenizer.encode(line) for line in lines), key=len)
    for number, options in enumerate(PLAIN[:-1]):
        for first in range(number, len(sources), 6 * 16):
            own = sources[first : first + 16]
            width = max(map(len, own))
            source = torch.tensor([[*one, *[0] * (width - len(one))] for one in own])
            found, expected = both(scorer, source, torch.tensor([len(one) for one in own]), **options)
            assert found == expected
