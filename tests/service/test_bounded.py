"""One request cannot take much of the service: neither by its work nor by what is wrong with it."""

from __future__ import annotations

import tracemalloc
from array import array
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nmt.config.search import SearchOptions
from nmt.translate.ask import Ask, Sentence
from nmt.translate.cost import search_sizes
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation
from service.settings import Settings
from service.wire.v1.schema import TranslationResponse, request_model, translated_text

TOKENS_OF_A_SENTENCE = 25  # some hundred characters


def cost(*, characters: int, times: int = 1, attention: bool = False, required: tuple[str, ...] = (), **options: Any) -> int:
    """Of sentences of usual length."""
    sentence = Sentence(" ".join(["token"] * TOKENS_OF_A_SENTENCE), required=required)
    ask = Ask((sentence,) * (times * characters // 100), SearchOptions.model_validate(options), attention)
    return sum(size.cost for size in search_sizes(ask, str.split, vocabulary_size=8000))  # type: ignore[arg-type]


def test_much_text_is_taken_and_what_fills_memory_or_takes_minutes_is_not() -> None:
    most = Settings().max_cost
    assert cost(characters=100_000) < most
    assert cost(characters=100_000, beam_size=16, n_best=16) < most
    assert cost(characters=10_000, attention=True, beam_size=5, n_best=5) < most
    assert cost(characters=10_000, required=("a phrase",), times=9) < most
    # 14,700 characters of which sixteen samples with their alignments took 5 GB
    assert cost(characters=14_700, attention=True, sampling=True, n_best=16) > most
    # twenty phrases: everything is translated once more for each
    assert cost(characters=12_000, required=("a phrase",), times=21) > most
    assert cost(characters=100_000, beam_size=16, max_length_ratio=10) > most


@pytest.mark.parametrize(
    "body",
    [
        {"text": "x", **{f"unknown {number}": 1 for number in range(50_000)}},
        {"text": "x", "glossary": {str(number): 1 for number in range(50_000)}},
        {"text": "x", "forbidden": [1] * 50_000},
        {"text": "x", "required": [None] * 50_000},
        {"text": [1] * 50_000},
        {"text": [[]] * 50_000},
    ],
)
def test_what_is_wrong_with_a_request_is_not_counted_to_the_end(body: dict[str, Any]) -> None:
    """To say it fifty thousand times takes seconds, in which the event loop serves nobody."""
    with pytest.raises(ValidationError) as refusal:
        request_model(Settings()).model_validate({"source": "de", "target": "en", **body})
    assert 1 <= refusal.value.error_count() <= 100


def test_a_glossary_that_is_too_long_is_refused_with_both_numbers() -> None:
    terms = {str(number): "x" for number in range(1_500)}
    with pytest.raises(ValidationError) as refusal:
        request_model(Settings()).model_validate({"text": "x", "source": "de", "target": "en", "glossary": terms})
    (problem,) = refusal.value.errors()
    assert (problem["type"], problem["loc"][0], problem["ctx"]["max_length"]) == ("too_long", "glossary", 1_000)
    assert len(problem["input"]) == 1_500


def test_alignments_are_written_out_in_little_memory_beside_them() -> None:
    """As numbers of Python they would take 64 bytes a weight: 400 MB for what one request may ask for."""
    rows = tuple(array("f", [1 / 3] * 50) for _ in range(100))
    hypothesis = Hypothesis("x", score=-1.0, log_probability=-1.0, tokens=("x",) * 100, attention=rows)
    sentence = SentenceTranslation("x", source_tokens=("x",) * 50, hypotheses=(hypothesis,))
    translation = Translation("x", sentences=(sentence,) * 100, texts=("x",))
    tracemalloc.start()
    try:
        text = translated_text(translation, alignment=True)
        response = TranslationResponse(source="de", target="en", model="x", translations=[text])
        content = TypeAdapter(TranslationResponse).dump_json(response)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    weights = 100 * 100 * 50
    assert content.count(b"0.333") == weights
    assert peak < 16 * weights
