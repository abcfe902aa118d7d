"""Answers mean something: options that contradict each other are refused, and a text that lacks what was asked says why."""

from __future__ import annotations

import json
import math
import string
from pathlib import Path

import pytest
from pydantic import ValidationError
from support.command import error_of, nmt
from support.untrained import write_small_model

from nmt import SearchOptions, Translator
from nmt.errors import InputError
from nmt.offline.formats import Format, render
from nmt.runtime import kernels
from nmt.translate.result import Hypothesis, SentenceTranslation

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
EVERYTHING = tuple(string.ascii_letters + string.digits + "?.,!'\"-äöü:;()/“”€%&*+=…–")
RUNTIMES = ["int8", "reference"] if kernels.AVAILABLE else ["reference"]


@pytest.fixture(scope="module", params=RUNTIMES)
def translator(request: pytest.FixtureRequest) -> Translator:
    return Translator.load(SHIPPED, device="cpu", runtime=request.param)


@pytest.mark.parametrize(
    "options", [{}, {"beam_size": 1}, {"max_length_ratio": 0.01, "max_length_offset": 1}, {"n_best": 3}]
)
@pytest.mark.parametrize("text", ["Wo ist der Bahnhof?", "Hallo", "Ein Hund."])
def test_a_translation_without_all_that_could_be_in_it_is_refused(
    translator: Translator, text: str, options: dict[str, float]
) -> None:
    with pytest.raises(InputError, match=r"is an empty one; forbid less|cannot be kept free of"):
        translator.translate([text], SearchOptions(forbidden=EVERYTHING, **options))


@pytest.mark.parametrize(
    "text", ["Hallo", "Ja!", "Der Hund", "Straße", "Wo ist der Bahnhof?", "Hallo. Ja! Der Hund schläft."]
)
@pytest.mark.parametrize("n_best", [4, 8])
def test_n_best_has_no_text_twice(translator: Translator, text: str, n_best: int) -> None:
    """Two segmentations may spell one text."""
    [found] = translator.translate([text], SearchOptions(n_best=n_best, beam_size=n_best))
    assert len(set(found.texts)) == len(found.texts) >= n_best / 2
    assert [found.score_of(rank) for rank in range(len(found.texts))] == sorted(
        (found.score_of(rank) for rank in range(len(found.texts))), reverse=True
    )


def test_of_hypotheses_of_one_text_the_first_is_kept() -> None:
    def spelled(text: str, score: float, *tokens: str) -> Hypothesis:
        return Hypothesis(text=text, score=score, log_probability=score, tokens=tokens, attention=())

    first, second = spelled("Hi", -1.0, "Hi"), spelled("Hey", -2.0, "Hey")
    found = SentenceTranslation(
        source="Hallo", source_tokens=("Hallo",), hypotheses=(first, spelled("Hi", -1.5, "H", "i"), second)
    )
    assert found.distinct.hypotheses == (first, second)


@pytest.mark.parametrize("text", ["...", "", "  \n ", "😀 !!!", "— 👍 —"])
def test_a_text_without_letters_says_why_it_lacks_its_phrase(translator: Translator, text: str) -> None:
    asked = SearchOptions(required=("station", "train"))
    [lacking, having] = translator.translate([text, "Wo ist der Bahnhof?"], asked)
    assert lacking.text == text
    assert lacking.note == "the text has no letter or digit, so that it came back as it is, without 'station', 'train'"
    assert having.note == ""
    assert "station" in having.text
    assert "train" in having.text
    [begun] = translator.translate([text], prefixes=["The"])
    assert begun.note.endswith("without 'The'")
    assert translator.translate([text])[0].note == ""
    assert json.loads(render(lacking, Format.jsonl, number=1, ending=""))["note"] == lacking.note
    assert "note" not in json.loads(render(having, Format.jsonl, number=1, ending=""))


def test_the_limits_of_the_seed_are_those_of_the_schema() -> None:
    schema = SearchOptions.model_json_schema()["properties"]["seed"]
    assert schema["minimum"] == 0
    most = schema["exclusiveMaximum"] - 1
    assert SearchOptions(seed=most, sampling=True).seed == most
    with pytest.raises(ValidationError):
        SearchOptions(seed=most + 1, sampling=True)


def test_a_command_refuses_what_has_no_answer(tmp_path: Path) -> None:
    forbidden = [part for phrase in EVERYTHING for part in ("--forbid", phrase)]
    line = error_of("translate", "--model", SHIPPED, *forbidden[:160], given=b"Hallo\n")
    assert "forbid less" in line or "cannot be kept free of" in line
    model = write_small_model(tmp_path / "model", seed=1)
    done = nmt("translate", "--model", model, "--format", "jsonl", "--require", "dog", given=b"...\n")
    assert "no letter or digit" in json.loads(done.stdout)["note"]


def test_every_number_is_finite_whatever_is_asked(translator: Translator) -> None:
    for options in (
        SearchOptions(sampling=True, temperature=1e-300),
        SearchOptions(sampling=True, top_p=1e-300, n_best=3),
        SearchOptions(length_penalty=10.0, coverage_penalty=10.0, min_length=100, no_repeat_ngram=1),
    ):
        [found] = translator.translate(["Wo ist der Bahnhof?"], options)
        assert found.text
        assert all(math.isfinite(found.score_of(rank)) for rank in range(len(found.texts)))
