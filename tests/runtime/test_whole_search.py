"""A search in one call of the kernel against the same search step by step: the same candidates to the bit."""

from __future__ import annotations

import math
import random
import signal
import time
from array import array
from collections.abc import Iterator, Sequence
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
from nmt.search.constraints import contains
from nmt.search.forced import forced_decodings, forced_scores
from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.forced_steps import decodings_by_steps, scores_by_steps
from nmt.search.whole import Phrases, Searching, WholeSearch
from nmt.translate.translator import Translator

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

if kernels.AVAILABLE:
    from nmt.runtime.int8 import Int8Network

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "nmt" / "bench" / "sample.tsv"
MODELS = sorted(path for path in (ROOT / "checkpoints").glob("*") if (path / "config.yaml").exists())

on_each_instruction_set = pytest.mark.usefixtures("_instruction_set")


@pytest.fixture(autouse=True, scope="module")
def _first_of_equals() -> Iterator[None]:
    """PyTorch's top-k may take any of equal numbers; the kernel takes the first, and so must what it is compared with."""

    def top(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
        best, places = values.sort(dim=-1, descending=True, stable=True)
        return best[..., :count].contiguous(), places[..., :count].contiguous()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nmt.search.beam.top", top)
        patch.setattr("nmt.search.greedy.top", top)
        yield


PLAIN: list[dict[str, Any]] = [
    {"beam_size": 1},
    {"beam_size": 1, "length_normalisation": "average", "max_length_ratio": 0.5, "max_length_offset": 1},
    {"beam_size": 2},
    {"beam_size": 5, "n_best": 5},
    {"beam_size": 4, "n_best": 3, "length_penalty": 0.0, "max_length_ratio": 0.7, "max_length_offset": 2},
    {"beam_size": 4, "n_best": 2, "length_normalisation": "average", "max_length_offset": 70},
    {"beam_size": 64, "n_best": 64, "length_penalty": 3.0, "max_length_ratio": 0.1, "max_length_offset": 3},
]


# Each with the constraints of five sentences.
CONSTRAINED: list[tuple[dict[str, Any], list[Constraints]]] = [
    ({"beam_size": 1, "min_length": 4}, []),
    ({"beam_size": 5, "n_best": 5, "min_length_ratio": 1.5}, []),
    ({"beam_size": 4, "n_best": 4, "min_length": 1000, "max_length_offset": 3, "max_length_ratio": 0.3}, []),
    ({"beam_size": 4, "n_best": 4, "no_repeat_ngram": 1}, []),
    ({"beam_size": 1, "no_repeat_ngram": 2, "max_repeats": 1, "max_length_offset": 70}, []),
    ({"beam_size": 3, "n_best": 3, "max_repeats": 2, "max_length_offset": 70}, []),
    ({"beam_size": 1, "no_repeat_ngram": 32, "max_repeats": 100}, []),
    ({"beam_size": 1, "coverage_penalty": 0.3}, []),
    ({"beam_size": 5, "n_best": 5, "coverage_penalty": 0.3}, []),
    ({"beam_size": 4, "n_best": 4, "coverage_penalty": 8.0, "length_normalisation": "average", "max_repeats": 1}, []),
    *[
        (
            {"beam_size": beam, "n_best": beam, "min_length": 6, "max_repeats": 1},
            [
                Constraints(),
                Constraints(forbidden=tuple((token,) for token in range(4, 60))),
                Constraints(forbidden=((61, 62), (7, 7), *((token, 5) for token in range(4, VOCABULARY)))),
                Constraints(forbidden=tuple((one, two) for one in range(60, VOCABULARY) for two in range(4, 40))),
                Constraints(forbidden=((9, 10, 11, 12, 13, 14, 15, 16, 17),)),
            ],
        )
        for beam in (1, 4)
    ],
    *[
        (
            {"beam_size": beam, "n_best": beam, "max_length_ratio": 0.5, "max_length_offset": 2, **more},
            [
                Constraints((9, 10)),
                Constraints(),
                Constraints((7, 7, 7, 7, 7, 7), ((8,), (9,))),
                Constraints(forbidden=((65,),)),
                Constraints((20,)),
            ],
        )
        for beam, more in [(1, {}), (4, {}), (1, {"no_repeat_ngram": 1}), (3, {"max_repeats": 1, "min_length": 4})]
    ],
    *[
        (
            {"beam_size": beam, "n_best": beam, "max_length_ratio": 0.5, "max_length_offset": 3, **more},
            [
                Constraints(required=((9, 10), (20,))),
                Constraints(),
                Constraints((5, 6), ((65,), (7, 7)), ((7, 8, 7, 9), (9, 9), (7, 8))),
                Constraints(required=((11, 11), (11, 11, 12), (12,))),
                Constraints(forbidden=((9,), (10, 11)), required=((11,), (10,))),
            ],
        )
        for beam, more in [
            (1, {}),
            (4, {}),
            (5, {"no_repeat_ngram": 1, "coverage_penalty": 0.4}),
            (12, {"max_repeats": 1, "min_length": 8, "length_normalisation": "average"}),
        ]
    ],
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


def both(
    scorer: Int8Network,
    source: Tensor,
    lengths: Tensor,
    constraints: Sequence[Constraints] = (),
    *,
    attention: bool = True,
    **options: Any,
) -> list[Any]:
    """The candidates in one call and step by step."""
    asked, whole = SearchOptions(**options), Watched(scorer)
    results = [
        numbers(search(one, source, lengths, asked, attention=attention, constraints=constraints))
        for one in (whole, scorer.stepwise)
    ]
    assert whole.whole
    assert not whole.steps
    return results


@on_each_instruction_set
@pytest.mark.parametrize(
    ("shape", "listed"), [*((shape, False) for shape in SHAPES[::2]), *((shape, True) for shape in SHAPES[1::2])]
)
def test_a_search_in_one_call_is_the_search_step_by_step_to_the_bit(shape: dict[str, Any], listed: bool) -> None:
    scorer = scorer_of(network(**shape), listed=listed)
    source, lengths = sentences([5, 13, 2, 9, 1])
    words = 0
    for options, constraints in [*((plain, []) for plain in PLAIN), *CONSTRAINED]:
        if listed and any(one.fixes for one in constraints):
            continue
        found, expected = both(scorer, source, lengths, constraints, **options)
        assert found == expected
        words += sum(len(tokens) for candidates in found for tokens, *_ in candidates)
    assert words > 100


def slices(candidates: list[Any], places: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Phrases of a sentence's first candidate: so many tokens at each place, as far as there are any."""
    tokens = candidates[0][0] if candidates else []
    found = [tuple(tokens[place % max(1, len(tokens)) :][:size]) for place, size in places]
    return tuple(phrase for phrase in found if phrase and min(phrase) > END_ID)


PHRASE = st.lists(st.integers(END_ID + 1, VOCABULARY - 1), min_size=1, max_size=4).map(tuple)
PLACES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 4)), max_size=4)


@pytest.mark.slow
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
    min_length=st.sampled_from([0, 0, 3, 20]),
    min_length_ratio=st.sampled_from([0.0, 0.0, 0.4]),
    no_repeat_ngram=st.sampled_from([0, 0, 1, 2, 3]),
    max_repeats=st.sampled_from([0, 0, 1, 2]),
    coverage_penalty=st.sampled_from([0.0, 0.0, 0.2, 3.0]),
    places=st.lists(PLACES, min_size=7, max_size=7),
    required=st.lists(st.lists(PHRASE, max_size=3).map(tuple), min_size=7, max_size=7),
    prefixes=st.lists(PHRASE | st.just(()), min_size=7, max_size=7),
)
def test_any_search_in_one_call_is_the_search_step_by_step(
    lengths: list[int],
    beam_size: int,
    n_best: int,
    end_bias: float,
    shape: dict[str, Any],
    listed: bool,
    attention: bool,
    seed: int,
    places: list[list[tuple[int, int]]],
    prefixes: list[tuple[int, ...]],
    required: list[tuple[tuple[int, ...], ...]],
    **options: Any,
) -> None:
    made = network(**shape)
    with torch.no_grad():
        made.output.bias[END_ID] = end_bias
    scorer = scorer_of(made, listed=listed)
    options |= {"beam_size": beam_size, "n_best": min(n_best, beam_size)}
    options["min_length_ratio"] = min(options["min_length_ratio"], options["max_length_ratio"])
    batch = sentences(lengths, seed=seed)
    found, expected = both(scorer, *batch, attention=attention, **options)
    assert found == expected
    constraints = []
    for candidates, own, prefix, asked in zip(found, places, prefixes, required, strict=False):
        fixed = () if listed else (prefix, *asked, *slices(candidates, own[2:]))
        forbidden = tuple(one for one in slices(candidates, own[:2]) if not any(contains(other, one) for other in fixed))
        constraints.append(Constraints(prefix if fixed else (), forbidden, fixed[1:]))
    found, expected = both(scorer, *batch, constraints, attention=attention, **options)
    assert found == expected
    for candidates, one in zip(found, constraints, strict=True):
        assert all(one.has_required(tokens) for tokens, *_ in candidates)
        assert all(tuple(tokens[: len(one.prefix)]) == one.prefix for tokens, *_ in candidates)
        assert not any(contains(tuple(tokens), phrase) for tokens, *_ in candidates for phrase in one.forbidden)


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


def phrases(*sentences: list[tuple[int, ...]]) -> Phrases:
    made = Phrases.of(sentences)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"limits": [4]}, "of 2 sentences"),
        ({"limits": [4, 0]}, "a limit"),
        ({"limits": [4, 10**9]}, "divisors"),
        ({"minimums": [1]}, "of 2 sentences"),
        ({"minimums": [3, -1]}, "a minimum"),
        ({"minimums": [3, 30]}, "a minimum"),
        ({"n_best": 0}, "n_best"),
        ({"n_best": 6}, "n_best"),
        ({"beam_size": 0}, "n_best"),
        ({"no_repeat_ngram": -1}, "repetitions"),
        ({"max_repeats": 2**40}, "repetitions"),
        ({"prefix": phrases([(9,), (10,)], [])}, "one prefix"),
        ({"prefix": phrases([(9,)], [(4, VOCABULARY)])}, "never comes"),
        ({"required": phrases([(9,)], [(-4,)])}, "never comes"),
        ({"required": phrases([(9,)], []), "greedy": True, "beam_size": 1}, "greedy"),
        ({"greedy": True}, "greedy"),
        ({"forbidden": phrases([(9,)])}, "of 2 sentences"),
        ({"forbidden": phrases([(9,)], [(VOCABULARY,)])}, "never comes"),
        ({"forbidden": phrases([(END_ID,)], [])}, "never comes"),
        ({"forbidden": phrases([(9,)], [()])}, "never comes"),
        ({"forbidden": replace(phrases([(9,)], [(8,)]), tokens=array("q"))}, "of 2 sentences"),
        ({"forbidden": replace(phrases([(9,)], [(8,)]), first=array("q", [0, 9, 2]))}, "never comes"),
    ],
    ids=str,
)
def test_the_kernel_trusts_no_number_of_a_search(wrong: dict[str, Any], says: str) -> None:
    asked = WholeSearch.of(SearchOptions(), [3, 2], [Constraints()] * 2, greedy=False, attention=False)
    assert asked is not None
    with pytest.raises(ValueError, match=says):
        int8(network()).search([[5, 6, 7], [5, 8]], replace(asked, **wrong), None)
    for more in ("prefix", "required"):
        asked_more = replace(asked, **{more: phrases([(9, 10)], [])})
        assert len(int8(network()).search([[5, 6, 7], [5, 8]], asked_more, None)) == 2
        with pytest.raises(ValueError, match="scores of every token"):
            scorer_of(network(), listed=True).search([[5, 6, 7], [5, 8]], asked_more, None)
    for token in (VOCABULARY, -1):
        with pytest.raises(ValueError, match="vocabulary"):
            int8(network()).search([[5, 6, token], [5, 8]], asked, None)


class Watched(Searching):
    """Counts the searches that it runs itself, and those that go step by step."""

    def __init__(self, network: Int8Network) -> None:
        self.whole, self.steps, self._network = 0, 0, network

    def search(self, sources: Sequence[Sequence[int]], asked: WholeSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        self.whole += 1
        return self._network.search(sources, asked, dropped)

    def forced_log_probabilities(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        return self._network.forced_log_probabilities(sources, targets)

    def forced_decodings(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[ForcedDecoding]:
        return self._network.forced_decodings(sources, targets)

    @property
    def stepwise(self) -> Scorer:
        self.steps += 1
        return self._network.stepwise


STEPWISE: list[tuple[dict[str, Any], Constraints]] = [
    ({"sampling": True}, Constraints()),
    ({"beam_size": 4, "diversity_groups": 2}, Constraints()),
]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_what_asks_for_more_goes_step_by_step_and_all_else_in_one_call(beam_size: int) -> None:
    scorer = Watched(int8(network()))
    source, lengths = sentences([5, 3])
    for options in PLAIN:
        search(scorer, source, lengths, SearchOptions(**options))
    assert scorer.whole == len(PLAIN)
    for more, constraint in STEPWISE:
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


def targets_of(found: list[list[Candidate]], *, seed: int) -> list[list[int]]:
    """Targets that a model finds, every second with a token that it did not choose, and any; END last."""
    chance = random.Random(seed)
    targets = [candidates[0].tokens if candidates else [] for candidates in found]
    for tokens in targets[::2]:
        tokens[chance.randrange(len(tokens) + 1) :] = chance.choices(range(4, VOCABULARY), k=chance.randint(1, 9))
    return [[*tokens, END_ID] for tokens in targets]


@on_each_instruction_set
@pytest.mark.parametrize("shape", SHAPES)
def test_forced_decoding_in_one_call_is_the_one_step_by_step_to_the_bit(shape: dict[str, Any]) -> None:
    scorer = int8(network(**shape))
    source, lengths = sentences([5, 13, 2, 9, 1])
    sources = [row[:length] for row, length in zip(source.tolist(), lengths.tolist(), strict=True)]
    targets = targets_of(search(scorer, source, lengths, SearchOptions(beam_size=2)), seed=len(shape))
    found = forced_decodings(scorer, sources, targets, device="cpu")
    assert found == decodings_by_steps(scorer.stepwise, sources, targets, device="cpu")
    assert found == [forced_decodings(scorer, [s], [t], device="cpu")[0] for s, t in zip(sources, targets, strict=True)]
    assert {hit for one in found for hit in one.hits} == {False, True}
    pairs = [pair for one in found for pair in zip(one.boosted, one.log_probabilities, strict=True)]
    assert any(boosted > 1.01 * math.exp(own) for boosted, own in pairs)
    scores = forced_scores(scorer, sources, targets, device="cpu")
    assert scores == scores_by_steps(scorer.stepwise, sources, targets, device="cpu")


@settings(max_examples=60)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=7),
    shape=st.sampled_from(SHAPES),
    spread=st.sampled_from([0.01, 0.3, 1.0, 4.0]),
    seed=st.integers(0, 10**6),
)
def test_any_forced_decoding_in_one_call_is_the_one_step_by_step(
    lengths: list[int], shape: dict[str, Any], spread: float, seed: int
) -> None:
    """With flat distributions, whose dominant tokens are many or none, and with steep ones."""
    made = network(**shape)
    with torch.no_grad():
        made.output.weight.mul_(spread)
    scorer = int8(made)
    source, counts = sentences(lengths, seed=seed)
    sources = [row[:length] for row, length in zip(source.tolist(), lengths, strict=True)]
    targets = targets_of(search(scorer, source, counts, SearchOptions(beam_size=1)), seed=seed)
    expected = decodings_by_steps(scorer.stepwise, sources, targets, device="cpu")
    assert forced_decodings(scorer, sources, targets, device="cpu") == expected


@pytest.mark.parametrize(
    ("sources", "targets", "says"),
    [
        ([[5]], [[VOCABULARY, END_ID]], "target token"),
        ([[5]], [[-1, END_ID]], "target token"),
        ([[VOCABULARY]], [[5, END_ID]], "source token"),
        ([[5], [6]], [[5, END_ID], []], "target should have"),
        ([[5], []], [[5, END_ID], [END_ID]], "sentence should have"),
        ([[5]], [[5, END_ID], [END_ID]], "2 targets for 1"),
    ],
)
def test_forced_decoding_trusts_no_number(sources: list[list[int]], targets: list[list[int]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        forced_decodings(int8(network()), sources, targets, device="cpu")
    with pytest.raises(ValueError, match="scores of every token"):
        forced_decodings(scorer_of(network(), listed=True), [[5]], [[5, END_ID]], device="cpu")


@pytest.mark.slow
@pytest.mark.parametrize("directory", MODELS[::4], ids=lambda path: path.name)  # the others differ in their text alone
def test_shipped_models_find_the_same_in_one_call(directory: Path) -> None:
    translator = Translator.load(directory, device="cpu", runtime="int8")
    scorer = translator._decoder.scorers.listed
    assert isinstance(scorer, Int8Network)
    column = 0 if translator.source_language == "de" else 1
    lines = [line.split("\t")[column] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    sources = sorted((translator._tokenizer.encode(line) for line in lines), key=len)
    for number, options in enumerate(PLAIN[:-1]):
        for first in range(number, len(sources), 24 * 16):
            own = sources[first : first + 16]
            width = max(map(len, own))
            source = torch.tensor([[*one, *[0] * (width - len(one))] for one in own])
            lengths = torch.tensor([len(one) for one in own])
            found, expected = both(scorer, source, lengths, **options)
            assert found == expected
            # Formality, minimum lengths and words to avoid ask for no more than this.
            bans = {
                "min_length_ratio": 0.5,
                "no_repeat_ngram": 3 * (number % 2),
                "max_repeats": number % 3,
                "coverage_penalty": 0.1 * (number % 3),
            }
            constraints = [Constraints(forbidden=slices(one, [(0, 1), (3, 2), (number, 1)])) for one in found]
            found, expected = both(scorer, source, lengths, constraints, **options | bans)
            assert found == expected
            whole = translator._decoder.scorers.whole
            assert isinstance(whole, Int8Network)
            constraints = [
                Constraints(slices(candidates, [(0, 1)])[0] if number % 2 else (), (), slices(candidates, [(3, 2), (1, 1)]))
                for candidates in found
            ]
            found, expected = both(whole, source, lengths, constraints, **options)
            assert found == expected
            targets = [[*candidates[0][0], END_ID] for candidates in found if candidates]
            given = [one for one, candidates in zip(own, found, strict=True) if candidates]
            decodings = forced_decodings(whole, given, targets, device="cpu")
            assert decodings == decodings_by_steps(whole.stepwise, given, targets, device="cpu")
