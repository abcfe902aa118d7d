"""Whole searches on real networks: a candidate's numbers are those of its tokens fed one by one, in every batch the same."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from support.searching import search
from torch import Tensor

from nmt.config.network import ModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.model.build import build_seq2seq
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.runtime import kernels
from nmt.runtime.build import build_scorers
from nmt.runtime.scorers import stepwise
from nmt.search import Candidate, Constraints, Scorer

VOCABULARY = 131
MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
SHAPES: dict[str, dict[str, Any]] = {
    "default": {},
    "feeding": {"wiring": "input-feeding", "attention": "multi-head", "decoder_layers": 2},
    "ssru": {"decoder_cell": "ssru", "decoder_layers": 1, "decoder_feed_forward_layers": 1},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "greedy": {"beam_size": 1},
    "beam": {"beam_size": 4, "n_best": 4},
    "average": {"beam_size": 3, "n_best": 3, "length_normalisation": "average"},
    "coverage": {"beam_size": 3, "n_best": 3, "coverage_penalty": 0.4, "min_length": 2},
    "greedy coverage": {"beam_size": 1, "coverage_penalty": 0.4},
    "no repeats": {"beam_size": 3, "n_best": 3, "no_repeat_ngram": 2, "max_repeats": 1},
    "groups of one": {"beam_size": 4, "n_best": 4, "diversity_groups": 4},
    "groups of two": {"beam_size": 4, "n_best": 4, "diversity_groups": 2, "coverage_penalty": 0.4},
    "samples": {"sampling": True, "n_best": 3, "seed": 7},
    "few samples": {"sampling": True, "n_best": 2, "top_k": 9, "top_p": 0.9, "temperature": 1.5, "coverage_penalty": 0.4},
    "to the limit": {"beam_size": 3, "n_best": 3, "max_length_ratio": 0.5, "max_length_offset": 1},
    "required": {"beam_size": 4, "n_best": 4},
    "required in a beam of one": {"beam_size": 1},
    "prefix": {"beam_size": 2, "n_best": 2},
}
CONSTRAINTS: dict[str, list[Constraints]] = {
    "required": [Constraints(required=((9, 10), (20,))), Constraints(), Constraints(required=((7,),)), Constraints()],
    "required in a beam of one": [Constraints(required=((token,),)) for token in (9, 20, 7, 11)],
    "prefix": [Constraints((9, 10)), Constraints(), Constraints((7,)), Constraints(forbidden=((7,),))],
}
needs_kernel = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed")
RUNTIMES = ["reference", pytest.param("int8", marks=needs_kernel), pytest.param("int8 with a shortlist", marks=needs_kernel)]


def network(shape: str) -> Seq2Seq:
    """With weights large enough for distributions that differ, and an END that comes now and then."""
    torch.manual_seed(3)
    sizes = {"embedding_size": 64, "encoder_hidden_size": 96, "decoder_hidden_size": 96, "attention_size": 64}
    model = build_seq2seq(ModelConfig(**(sizes | SHAPES[shape])), vocabulary_size=VOCABULARY).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
        model.output.bias[END_ID] = 3.0
    return model.requires_grad_(False)


def scorer_of(shape: str, runtime: str) -> Scorer:
    model = network(shape)
    translations = np.random.default_rng(8).integers(4, VOCABULARY, (VOCABULARY, 9))
    lists = Shortlist.build(common=np.arange(4, 40), translations=translations) if "shortlist" in runtime else None
    scorers = build_scorers([model], runtime="reference" if runtime == "reference" else "int8", shortlist=lists)
    return stepwise(scorers.listed or scorers.whole)


def sentences() -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([5, 13, 2, 9])
    source = torch.randint(4, VOCABULARY, (4, 13), generator=torch.Generator().manual_seed(1))
    return source * (torch.arange(13) < lengths[:, None]), lengths


@torch.inference_mode()
def fed_one_by_one(scorer: Scorer, source: Tensor, tokens: list[int]) -> tuple[float, Tensor]:
    """The log-probability of `tokens` and END after source (S,), and the attention (T, S) of each of `tokens`."""
    state = scorer.start(source[None], torch.tensor([len(source)]))
    total, rows = 0.0, []
    for before, token in zip([BEGIN_ID, *tokens], [*tokens, END_ID], strict=True):
        scores, state, attention = scorer.step(torch.tensor([[before]]), state)
        column = token if state.shortlist is None else state.shortlist[0].tolist().index(token)
        total += scores[0, 0, column].item()
        rows.append(attention[0, 0].clone())
    return total, torch.stack(rows)[:-1]


def score(candidate: Candidate, log_probability: float, attention: Tensor, options: SearchOptions) -> float:
    """Equation 14 of Wu et al. 2016, or the average, from the definition."""
    length = len(candidate.tokens) + 1
    average = options.length_normalisation == "average"
    divisor = length if average else ((5 + length) / 6) ** options.length_penalty
    attended = attention.sum(dim=0).clamp(1e-6, 1.0).tolist()
    return log_probability / divisor + options.coverage_penalty * sum(map(math.log, attended))


def numbers(candidates: list[Candidate]) -> list[Any]:
    return [(one.tokens, one.score, one.log_probability, cast(Any, one.attention).tolist()) for one in candidates]


@pytest.mark.parametrize("asked", OPTIONS)
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_candidate_has_the_numbers_of_its_tokens(shape: str, runtime: str, asked: str) -> None:
    """Alternatives too: their hypotheses changed places in the beam, and their sentences in the batch."""
    constraints = CONSTRAINTS.get(asked, [])
    if "shortlist" in runtime and any(one.fixes for one in constraints):
        pytest.skip("tokens that must come may not be in a shortlist")
    scorer, options = scorer_of(shape, runtime), SearchOptions(**OPTIONS[asked])
    source, lengths = sentences()
    found = search(scorer, source, lengths, options, constraints=constraints)
    assert sum(len(candidate.tokens) for candidates in found for candidate in candidates) > 4
    for row, length, candidates in zip(source, lengths.tolist(), found, strict=True):
        assert 1 <= len(candidates) <= options.n_best  # two groups may find the same
        for one in candidates:
            expected, attention = fed_one_by_one(scorer, row[:length], one.tokens)
            assert one.log_probability == pytest.approx(expected, abs=2e-3)
            torch.testing.assert_close(torch.from_numpy(one.attention), attention, atol=1e-4, rtol=0.0)
            assert one.score == pytest.approx(score(one, expected, attention, options), abs=2e-3)


@needs_kernel
@pytest.mark.parametrize("asked", OPTIONS)
@pytest.mark.parametrize("runtime", RUNTIMES[1:])
def test_with_int8_a_sentence_has_the_same_numbers_to_the_bit_in_every_batch(runtime: str, asked: str) -> None:
    """So which sentences are translated together, which may depend on when they come, changes nothing."""
    constraints = CONSTRAINTS.get(asked) or [Constraints()] * 4
    if "shortlist" in runtime and any(one.fixes for one in constraints):
        pytest.skip("tokens that must come may not be in a shortlist")
    scorer, options = scorer_of("default", runtime), SearchOptions(**OPTIONS[asked])
    source, lengths = sentences()
    together = search(scorer, source, lengths, options, constraints=constraints)
    for rows in ([0], [1], [2], [3], [3, 0], [1, 3, 2]):
        width = int(lengths[rows].max())
        own = [constraints[row] for row in rows]
        found = search(scorer, source[rows, :width], lengths[rows], options, constraints=own)
        assert [numbers(each) for each in found] == [numbers(together[row]) for row in rows]


@needs_kernel
@pytest.mark.parametrize("asked", OPTIONS)
def test_sentences_that_are_dropped_have_no_candidate_and_the_others_the_same_numbers_to_the_bit(asked: str) -> None:
    constraints = CONSTRAINTS.get(asked, [])
    scorer, options = scorer_of("default", "int8"), SearchOptions(**OPTIONS[asked])
    source, lengths = sentences()
    together = search(scorer, source, lengths, options, constraints=constraints)
    for first, gone in ((1, {1}), (2, {0, 3}), (3, {1, 2})):
        steps = itertools.count(1)
        found = search(
            scorer,
            source,
            lengths,
            options,
            constraints=constraints,
            dropped=lambda steps=steps, gone=gone, first=first: gone if next(steps) >= first else set(),  # type: ignore[misc]
        )
        stay = [row for row in range(4) if row not in gone]
        assert [numbers(found[row]) for row in stay] == [numbers(together[row]) for row in stay]
        assert all(not found[row] or numbers(found[row]) == numbers(together[row]) for row in gone)  # or ended before
        if first == 1 and next(steps) > 2:  # else the kernel made the whole search in one step
            assert not found[1]


def test_nothing_is_searched_for_when_all_are_dropped() -> None:
    scorer, steps = scorer_of("default", "reference"), itertools.count(1)
    options = SearchOptions(beam_size=3, min_length_ratio=2.0)
    found = search(scorer, *sentences(), options, dropped=lambda: {0, 1, 2, 3} if next(steps) == 3 else set())
    assert found == [[]] * 4
    assert next(steps) == 4


PROGRAM = """
import json, sys
from nmt.config.search import SearchOptions
from nmt.translate.translator import Translator
translator = Translator.load(sys.argv[1], device="cpu", runtime="int8", threads=int(sys.argv[2]))
found = translator.translate(json.loads(sys.argv[3]), SearchOptions(sampling=True, seed=1, n_best=2))
print(json.dumps([[(h.tokens, h.log_probability.hex()) for s in one.sentences for h in s.hypotheses] for one in found]))
"""


@pytest.mark.slow
@needs_kernel
@pytest.mark.skipif(not MODEL.is_dir(), reason="the shipped models are not here")
def test_with_int8_samples_do_not_depend_on_threads_memory_or_hashes() -> None:
    """Other contents of fresh memory, other threads, another order of sets: whatever differs between two processes."""
    lines = ["Der Hund schläft im Garten.", "Sie hat gestern zwei Bücher gekauft, aber noch keines gelesen.", "Nein!"]
    outputs = []
    for number in (1, 2):
        changed = {"MALLOC_PERTURB_": str(83 * number), "PYTHONHASHSEED": str(number), "OMP_NUM_THREADS": str(number)}
        arguments = [sys.executable, "-c", PROGRAM, str(MODEL), str(number), json.dumps(lines)]
        run = subprocess.run(arguments, env=os.environ | changed, check=True, capture_output=True, text=True, timeout=300)
        outputs.append(run.stdout)
    assert len(json.loads(outputs[0])) == 3
    assert outputs[0] == outputs[1]
