"""The cost of a search, against the steps and hypotheses that searches are seen to have."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nmt.config.search import SearchOptions
from nmt.translate.ask import Ask, Sentence
from nmt.translate.cost import SENTENCE, search_sizes
from nmt.translate.translator import Translator

MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
TEXT = "one two three four five six seven eight nine ten"


def cost(*sentences: Sentence, attention: bool = False, vocabulary_size: int = 8000, **options: object) -> int:
    ask = Ask(sentences or (Sentence(TEXT),), SearchOptions.model_validate(options), attention)
    return sum(size.cost for size in search_sizes(ask, str.split, vocabulary_size=vocabulary_size))  # type: ignore[arg-type]


def test_it_is_hypotheses_times_the_most_target_tokens() -> None:
    assert cost(beam_size=5) == SENTENCE + 5 * (2 * 10 + 10)
    assert cost(beam_size=1) == SENTENCE + 1 * (2 * 10 + 10)
    assert cost(beam_size=4, max_length_ratio=7.0, max_length_offset=3) == SENTENCE + 4 * (7 * 10 + 3)
    assert cost(Sentence("")) == SENTENCE
    assert cost(*[Sentence(TEXT)] * 7, beam_size=5) == 7 * cost(beam_size=5)


def test_all_that_makes_a_search_longer_or_larger_costs_more() -> None:
    plain = cost(beam_size=5) - SENTENCE
    for weight, options in (
        (1, {"min_length_ratio": 1.0}),
        (1, {"coverage_penalty": 0.1}),
        (1, {"no_repeat_ngram": 3}),
        (3, {"forbidden": ("x",)}),
        (4, {"diversity_groups": 5}),
    ):
        assert cost(beam_size=5, **options) - SENTENCE == weight * plain, options  # type: ignore[arg-type]
    assert cost(Sentence(TEXT, avoided=("x",)), beam_size=5) == cost(beam_size=5)
    for wishes in ({"prefix": "a b c"}, {"required": ("a b c",)}, {"carried": ("a b c",)}):
        asked = Sentence(TEXT, **wishes)  # type: ignore[arg-type]
        assert cost(asked, beam_size=5) - SENTENCE == 2 * plain, wishes
        assert cost(asked, beam_size=5, forbidden=("x",)) - SENTENCE == 6 * plain, wishes
    assert cost(Sentence(TEXT, required=("a " * 90,)), beam_size=5) > 6 * plain
    assert cost(sampling=True, n_best=5) > 20 * plain


def test_attention_costs_by_each_pair_of_tokens_of_each_translation() -> None:
    for n_best in (1, 5):
        kept = cost(beam_size=5, n_best=n_best, attention=True) - cost(beam_size=5, n_best=n_best)
        assert kept == n_best * 30 * 10 / 4


@pytest.mark.slow
@pytest.mark.skipif(not MODEL.exists(), reason="the shipped model is not here")
def test_it_tells_which_of_two_searches_takes_longer() -> None:
    translator = Translator.load(MODEL, device="cpu", threads=1)
    text = "Am nächsten Morgen gingen wir alle zusammen in die Stadt, um frisches Brot und etwas Käse zu kaufen."
    asks = [
        Ask((Sentence(text),) * count, SearchOptions.model_validate(options), attention=False)
        for count, options in (
            (16, {"beam_size": 5}),
            (16, {"beam_size": 5, "max_length_ratio": 10, "min_length_ratio": 10}),
            (16, {"sampling": True, "n_best": 8, "seed": 1, "max_length_ratio": 4, "min_length_ratio": 4}),
        )
    ]
    costs = [sum(size.cost for size in translator.sizes(ask)) for ask in asks]

    def seconds(ask: Ask) -> float:
        began = time.process_time()
        translator.answer(ask)
        return time.process_time() - began

    translator.answer(asks[0])
    times = [seconds(ask) for ask in asks]
    assert sorted(times) == times
    assert sorted(costs) == costs
    # A unit takes about as long in each: the clock, on a busy machine, is not asked for more.
    units = [time / cost for time, cost in zip(times, costs, strict=True)]
    assert max(units) < 12 * min(units), (times, costs)
