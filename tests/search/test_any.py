"""No option and no text makes a real model's search hang, crash or drop a line."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from nmt.config.search import SearchOptions
from nmt.translate.phrases import Forbidden, Required
from nmt.translate.translator import Translator

MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en"
WORDS = ["Der", "Hund", "schläft", "im", "Garten", "nicht", "7", "12.30", "Äpfel", "und", "?", "!", "…", "Straße", "ja"]


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator.load(MODEL, device="cpu")


@st.composite
def search_options(draw: st.DrawFn) -> SearchOptions:
    """Of all that are valid, those that are quick: small beams and low limits."""
    sampling = draw(st.booleans())
    beam_size = draw(st.integers(1, 4))
    asked: dict[str, Any] = {
        "beam_size": beam_size,
        "n_best": draw(st.integers(1, beam_size)),
        "length_penalty": draw(st.sampled_from([0.0, 0.6, 1.0, 10.0])),
        "length_normalisation": draw(st.sampled_from(["wu", "average"])),
        "coverage_penalty": draw(st.sampled_from([0.0, 0.2, 10.0])),
        "max_length_ratio": draw(st.sampled_from([0.01, 0.5, 1.0, 1.3])),
        "max_length_offset": draw(st.integers(1, 5)),
        "min_length": draw(st.sampled_from([0, 3, 1000])),
        "no_repeat_ngram": draw(st.integers(0, 3)),
        "max_repeats": draw(st.integers(0, 3)),
        "forbidden": tuple(draw(st.lists(st.sampled_from(["the", "dog", "sleep", "a", "."]), max_size=2, unique=True))),
        "sampling": sampling,
    }
    if sampling:
        asked |= {
            "temperature": draw(st.sampled_from([0.1, 1.0, 100.0])),
            "top_k": draw(st.sampled_from([0, 1, 50])),
            "top_p": draw(st.sampled_from([1e-6, 0.9, 1.0])),
            "seed": draw(st.integers(0, 2**63 - 1)),
        }
    elif draw(st.booleans()):
        asked["diversity_groups"] = draw(st.sampled_from([groups for groups in range(1, 5) if beam_size % groups == 0]))
        asked["diversity_strength"] = draw(st.sampled_from([0.0, 0.5, 100.0]))
    else:
        asked["required"] = tuple(draw(st.lists(st.sampled_from(["cat", "in New York", "7 %", "ü"]), max_size=2)))
    return SearchOptions(**asked)


sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
anything = st.text(st.characters(exclude_categories=()), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate])
@given(options=search_options(), lines=st.lists(st.one_of(sentence, anything), min_size=1, max_size=3))
# One token at the most, and the best that is not forbidden is blank: no text, and no mistake.
@example(
    options=SearchOptions(
        beam_size=3,
        n_best=3,
        length_penalty=0.6,
        length_normalisation="average",
        max_length_ratio=0.5,
        max_length_offset=1,
        min_length=3,
        diversity_groups=3,
        forbidden=("the", "sleep"),
    ),
    lines=["0"],
)
# Nothing of it but spans, whose masks are lost to the phrase.
@example(options=SearchOptions(beam_size=1, max_length_ratio=1.0, max_length_offset=5, required=("ü", "ü")), lines=["»Yã"])
# A span has a phrase that is forbidden.
@example(options=SearchOptions(beam_size=2, n_best=2, forbidden=("the", "a"), sampling=True), lines=["F;a÷³.", "a {a} der"])
def test_any_option_and_any_text_give_a_line_for_each_line(
    translator: Translator, options: SearchOptions, lines: list[str]
) -> None:
    results = translator.translate(lines, options)
    assert [result.source for result in results] == lines
    forbidden = Forbidden(translator._tokenizer, options.forbidden)
    required = Required(translator._tokenizer, options.required)
    for line, result in zip(lines, results, strict=True):
        assert all(text.count("\n") == line.count("\n") for text in result.texts)
        translated = [one for one in result.sentences if one.source_tokens]
        assert not translated or all(required.are_in(text) for text in result.texts)
        for one in translated:
            assert 1 <= len(one.hypotheses) <= options.n_best
            scores = [hypothesis.score for hypothesis in one.hypotheses]
            assert scores[1:] == sorted(scores[1:], reverse=True)
            assert not any(math.isnan(score) for score in scores)
            assert options.sampling or len({hypothesis.tokens for hypothesis in one.hypotheses}) == len(scores)
            assert not any(forbidden.find(hypothesis.text) for hypothesis in one.hypotheses)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "»Yã",
        "http://a.de/x",
        "http://a.de/x zeigt den Hund.",
        "{a} {b} {c} {d} {e} {f} {g} der Hund",
        "Siehe http://a.de/x {name} und {{b}} oder %s %d <b> C:\\x \U0001f600 mit 12.000 Leuten und 15 Katzen.",
        "Der Hund 7 \U0001f600",
        "\U0001f600 Der Hund",
        "\U000d3273\U0005026cF;a÷³.\U000dcbf8w",
        "I think that the old house is for sale, and that nobody wants it.",
    ],
)
def test_what_a_user_asks_of_the_words_comes_before_spans(translator: Translator, text: str) -> None:
    for beam_size, sampling, prefix, required, forbidden in (
        (1, False, "", ("ü",), ()),
        (1, False, "The 7", ("ü",), ()),
        (4, False, "", ("in New York", "Hello!"), ("the",)),
        (4, False, "The 7", ("7 %",), ("house", "b")),
        (4, False, "", (), ("the", "a", "http", "I")),
        (2, True, "", (), ("the", "a", "http", "I", "{")),
    ):
        options = SearchOptions(
            beam_size=beam_size,
            n_best=beam_size,
            sampling=sampling,
            max_length_ratio=1.0,
            max_length_offset=10,
            required=required,
            forbidden=forbidden,
        )
        (found,) = translator.translate([text], options, prefixes=[prefix])
        for candidate in found.texts:
            assert candidate.startswith(prefix)
            assert all(phrase in candidate for phrase in required)
            assert not any(re.search(rf"(?<!\w){re.escape(word)}", candidate) for word in forbidden)
