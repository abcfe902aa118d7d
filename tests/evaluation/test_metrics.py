"""Scores agree with sacreBLEU's own command line and with sums done by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import InputError
from nmt.evaluation.metrics import Score, bleu, chrf

HYPOTHESES = ["The cat sat on the mat.", "It's raining, isn't it?", "He bought three red apples yesterday morning."]
REFERENCES = ["The cat is sitting on the mat.", "It is raining, isn't it?", "Yesterday morning he bought three red apples."]

lines = st.lists(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"])), min_size=1, max_size=5)


def sacrebleu_cli(tmp_path: Path, *options: str) -> dict[str, object]:
    (tmp_path / "hypothesis").write_text("\n".join(HYPOTHESES) + "\n", encoding="utf-8")
    (tmp_path / "reference").write_text("\n".join(REFERENCES) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "sacrebleu", str(tmp_path / "reference"), "-i", str(tmp_path / "hypothesis"), *options]
    result: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return result


def test_bleu_is_what_the_sacrebleu_command_prints(tmp_path: Path) -> None:
    printed = sacrebleu_cli(tmp_path, "-m", "bleu", "-w", "6")
    score = bleu(HYPOTHESES, REFERENCES)
    assert score.value == pytest.approx(printed["score"], abs=1e-6)
    assert score.signature == printed["signature"]
    assert score.signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")


def test_chrf_is_what_the_sacrebleu_command_prints(tmp_path: Path) -> None:
    printed = sacrebleu_cli(tmp_path, "-m", "chrf", "-w", "6")
    score = chrf(HYPOTHESES, REFERENCES)
    assert score.value == pytest.approx(printed["score"], abs=1e-6)
    assert score.signature == printed["signature"]


def test_bleu_by_hand() -> None:
    # Precisions 5/6, 4/5, 3/4, 2/3 and no brevity penalty.
    expected = 100 * (5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** (1 / 4)
    assert bleu(["a b c d e f"], ["a b c d e g"]).value == pytest.approx(expected)
    # All n-grams right, but 4 words for 6.
    assert bleu(["a b c d"], ["a b c d e f"]).value == pytest.approx(100 * math.exp(1 - 6 / 4))


def test_case_counts_unless_told_otherwise() -> None:
    assert bleu(["THE CAT SAT DOWN"], ["the cat sat down"]).value < 1
    score = bleu(["THE CAT SAT DOWN"], ["the cat sat down"], lowercase=True)
    assert score.value == pytest.approx(100)
    assert "case:lc" in score.signature
    assert chrf(["ABC"], ["abc"]).value == 0
    assert chrf(["ABC"], ["abc"], lowercase=True).value == pytest.approx(100)


def test_tokenisation_is_in_the_signature() -> None:
    assert "tok:char" in bleu(HYPOTHESES, REFERENCES, tokenize="char").signature


def test_a_score_shows_its_signature() -> None:
    assert str(Score(name="BLEU", value=38.304, signature="nrefs:1|case:mixed")) == "BLEU 38.30  nrefs:1|case:mixed"


@pytest.mark.parametrize("metric", [bleu, chrf])
def test_unequal_lengths_name_both_counts(metric: object) -> None:
    assert callable(metric)
    with pytest.raises(InputError, match="3 hypotheses but 2 references"):
        metric(HYPOTHESES, REFERENCES[:2])
    with pytest.raises(InputError, match="nothing to score"):
        metric([], [])


@given(lines)
def test_any_text_scores_between_0_and_100_and_equal_text_100(text: list[str]) -> None:
    other = [line[::-1] + "x" for line in text]
    assert 0 <= bleu(other, text).value <= 100 + 1e-6
    assert 0 <= chrf(other, text).value <= 100 + 1e-6
    words = [f"{line} one two three four" for line in text]  # BLEU needs a 4-gram to be more than 0
    assert bleu(words, words).value == pytest.approx(100)
    assert chrf(words, words).value == pytest.approx(100)
