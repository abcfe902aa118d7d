"""Whole searches on captured steps: the same candidates as the reference runtime, on the CPU with a tape for a graph."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from support.searching import search
from support.small_networks import (
    CELLS,
    ENDS,
    OPTIONS,
    PAST_THE_LSTM,
    SHAPES,
    UNATTENDED,
    VOCABULARY,
    check_alike,
    network,
    sentences,
)
from support.tape import TapeCapture, Watch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from nmt.config.network import LanguageModelConfig
from nmt.config.search import SearchOptions
from nmt.errors import DeviceError
from nmt.model.build import build_language_model
from nmt.runtime.ensemble import EnsembleScorer
from nmt.runtime.fusion import FusedScorer
from nmt.runtime.graph import Graph, GraphScorer, tensors_of
from nmt.runtime.reference import ReferenceScorer
from nmt.search import Candidate, Constraints, Scorer
from nmt.search.beam import BeamSearch
from nmt.search.greedy import GreedySearch
from nmt.search.history import History
from nmt.search.steps import StepNumbers


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_captured_steps_find_what_the_reference_finds(shape: str, options: str) -> None:
    """Also: that nothing in a step waits for the device or depends on numbers in tensors, or the tape would refuse."""
    reference, asked = ReferenceScorer(network(shape)), SearchOptions(**OPTIONS[options])
    tape = TapeCapture()
    graphs = GraphScorer(reference, lambda: tape)
    for count, seed in ((11, 1), (1, 2), (11, 3)):
        batch = sentences(count, seed=seed)
        check_alike(search(graphs, *batch, asked), search(reference, *batch, asked))
    assert (tape.replays == 0) == asked.sampling
    assert tape.captures <= 12


@pytest.mark.parametrize("shape", [*CELLS, *UNATTENDED, *ENDS, *PAST_THE_LSTM])
def test_steps_of_each_cell_and_without_attention_are_captured(shape: str) -> None:
    model = network(shape)
    if model.decoder.state_grows:
        pytest.skip("a graph's tensors have the same shapes in each step")
    reference, asked = ReferenceScorer(model), SearchOptions(beam_size=3)
    tape = TapeCapture()
    batch = sentences(5)
    check_alike(search(GraphScorer(reference, lambda: tape), *batch, asked), search(reference, *batch, asked))
    assert tape.replays > 0


def test_prefixes_and_forbidden_phrases() -> None:
    reference, asked = ReferenceScorer(network()), SearchOptions(beam_size=3, n_best=3)
    source, lengths = sentences(3)
    plain = search(reference, source, lengths, asked)
    constraints = [
        Constraints(prefix=(7, 9)),
        Constraints(forbidden=tuple((token,) for token in plain[1][0].tokens[:1]) or ((5,),)),
        Constraints(),
    ]
    tape = TapeCapture()
    graphs = GraphScorer(reference, lambda: tape)
    found = search(graphs, source, lengths, asked, constraints=constraints, attention=False)
    check_alike(found, search(reference, source, lengths, asked, constraints=constraints, attention=False))
    assert all(candidate.tokens[:2] == [7, 9] for candidate in found[0])
    assert tape.replays > 0


def test_required_phrases() -> None:
    reference, asked = ReferenceScorer(network()), SearchOptions(beam_size=5, n_best=2, no_repeat_ngram=3)
    source, lengths = sentences(4)
    constraints = [Constraints(required=((7, 9), (12,))), Constraints(), Constraints(required=((30,),)), Constraints()]
    tape = TapeCapture()
    graphs = GraphScorer(reference, lambda: tape)
    found = search(graphs, source, lengths, asked, constraints=constraints)
    check_alike(found, search(reference, source, lengths, asked, constraints=constraints))
    assert any(row for row in found)
    assert tape.replays > 0


def test_any_scorer_can_be_captured() -> None:
    torch.manual_seed(5)
    ensemble = EnsembleScorer([ReferenceScorer(network(seed=3)), ReferenceScorer(network("feeding", seed=4))])
    language_model = build_language_model(
        LanguageModelConfig(embedding_size=8, hidden_size=8, layers=2), vocabulary_size=VOCABULARY
    ).eval()
    scorer: Scorer = FusedScorer(ensemble, language_model, weight=0.3)
    tape = TapeCapture()
    batch, asked = sentences(5), SearchOptions(beam_size=3, n_best=3)
    check_alike(search(GraphScorer(scorer, lambda: tape), *batch, asked), search(scorer, *batch, asked))
    assert tape.replays > 0


def test_a_second_batch_of_a_shape_captures_nothing() -> None:
    tape = TapeCapture()
    graphs = GraphScorer(ReferenceScorer(network()), lambda: tape)
    asked = SearchOptions(beam_size=3)
    search(graphs, *sentences(6), asked)
    captures = tape.captures
    search(graphs, *sentences(6), SearchOptions(beam_size=3))
    assert tape.captures == captures


def test_threads_that_share_a_scorer_take_turns() -> None:
    """Both meet the same shapes, and so the same graphs."""
    reference = ReferenceScorer(network())
    graphs = GraphScorer(reference, TapeCapture)
    asked = SearchOptions(beam_size=3, n_best=3)
    batches = [sentences(7, seed=seed) for seed in range(12)]
    expected = [search(reference, *batch, asked) for batch in batches]
    gate = threading.Barrier(2)

    def run(turn: int) -> list[list[list[Candidate]]]:
        gate.wait()
        return [search(graphs, *batch, asked) for batch in batches[turn::2]]

    with ThreadPoolExecutor(2) as pool:
        for turn, found in enumerate(pool.map(run, range(2))):
            for one, truth in zip(found, expected[turn::2], strict=True):
                check_alike(one, truth)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_in_half_precision_keeps_types_and_device(shape: str) -> None:
    """On "meta", where tensors have no numbers to wait for, and may not be mixed with those of another device."""
    scorer, device = ReferenceScorer(network(shape).half().to("meta")), torch.device("meta")
    source, lengths = torch.ones(3, 8, dtype=torch.int64, device=device), torch.ones(3, dtype=torch.int64, device=device)
    asked = SearchOptions(beam_size=4, coverage_penalty=0.5, no_repeat_ngram=2, min_length=3)
    limits, lengths_of_source = [5, 6, 7], [1, 1, 1]
    with torch.inference_mode():
        graphs: list[Graph[Any, Any]] = []
        for method in (
            GreedySearch(scorer, asked, attention=True, at_limit=True),
            BeamSearch(scorer, asked, attention=True, synchronous=False, at_limit=True),
        ):
            state = scorer.start(source, lengths)
            state = state.reorder(torch.arange(3, device=device).repeat_interleave(method.hypotheses))
            history = History.start(
                asked,
                source,
                lengths_of_source,
                limits,
                method.hypotheses,
                [Constraints()] * 3,
                vocabulary_size=VOCABULARY,
                shortlist=None,
            )
            graphs.append(Graph(method, (method.start(source, lengths_of_source, limits, history), state), twice))
        for graph in graphs:
            with Watch(all_on_meta):
                carry, output = graph.run(StepNumbers(1, 1.0, 0))
            assert {tensor.device.type for tensor in tensors_of((carry, output))} == {"meta"}
            halves = [tensor for tensor in tensors_of(carry[1]) if tensor.is_floating_point()]
            assert {tensor.dtype for tensor in halves} == {torch.float16}
            scores = [tensor for tensor in tensors_of(carry[0]) if tensor.is_floating_point()]
            assert {tensor.dtype for tensor in scores} == {torch.float32}


def all_on_meta(func: Any, args: Any, kwargs: Any, result: Any) -> None:
    """A number on the host would have to be copied to the device first, which a graph refuses."""
    tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)]
    assert {tensor.device.type for tensor in tensors} == {"meta"}, func


def twice(function: Callable[[], None]) -> Callable[[], None]:
    """A capture that is none; Graph itself refuses steps that change shapes or types."""
    function()
    return function


class Small(ReferenceScorer):
    """A device that has room for a few sentences, and too little for a long one."""

    def start(self, source: Tensor, lengths: Tensor):  # type: ignore[no-untyped-def]
        if len(source) > 2 or source.shape[1] > 16:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return super().start(source, lengths)


def test_out_of_memory_makes_batches_smaller(caplog: pytest.LogCaptureFixture) -> None:
    model, asked = network(), SearchOptions(beam_size=3)
    batch = sentences(7)
    constraints = [Constraints(prefix=(4 + place,)) for place in range(7)]
    found = search(GraphScorer(Small(model), TapeCapture), *batch, asked, constraints=constraints)
    check_alike(found, search(ReferenceScorer(model), *batch, asked, constraints=constraints))
    assert [record.getMessage() for record in caplog.records][:2] == [
        "out of memory with a batch of 7 sentences; trying again with halves of it",
        "out of memory with a batch of 3 sentences; trying again with halves of it",
    ]
    with pytest.raises(DeviceError, match="too little memory for a sentence of 17 tokens with a beam of 3") as error:
        search(Small(model), torch.full((2, 17), 5), torch.tensor([17, 17]), asked)
    assert "\n" not in str(error.value)


def test_running_out_of_memory_lets_go_of_all_graphs() -> None:
    graphs = GraphScorer(Small(network()), TapeCapture)
    search(graphs, *sentences(2), SearchOptions(beam_size=2))
    with graphs.lease() as steps:
        assert steps.graphs  # type: ignore[attr-defined]
    with pytest.raises(DeviceError):
        search(graphs, torch.full((1, 17), 5), torch.tensor([17]), SearchOptions(beam_size=2))
    with graphs.lease() as steps:
        assert not steps.graphs  # type: ignore[attr-defined]
