"""BLEU in Moses' tokens, of sentences that are tokenised here by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import published_bleu
from sacrebleu.metrics.bleu import BLEU

HYPOTHESES = """\
Der Junge trägt ein „rotes“ T-Shirt, sagt er.
Zwei Hunde laufen – am Strand … bei Max.
"""
REFERENCE = """\
der Junge hat ein "rotes" T-Shirt an, sagt er!
Zwei Hunde rennen - am Strand ... bei Max.
"""
# Lower case, plain punctuation, tokens: the hyphen of a compound is kept, or is a token of its own.
BY_HAND = (
    ['der junge trägt ein " rotes " t-shirt , sagt er .', "zwei hunde laufen - am strand ... bei max ."],
    ['der junge hat ein " rotes " t-shirt an , sagt er !', "zwei hunde rennen - am strand ... bei max ."],
)


def test_scores_are_of_text_as_the_set_itself_has_it(tmp_path: Path) -> None:
    for name, text in (("hypotheses", HYPOTHESES), ("reference", REFERENCE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("hypotheses", "reference")]
    done = subprocess.run(
        [sys.executable, published_bleu.__file__, "de", *files], check=True, capture_output=True, text=True, timeout=60
    )
    expected = []
    for hyphen in ("-", " @-@ "):
        hypotheses, reference = ([line.replace("t-s", f"t{hyphen}s") for line in lines] for lines in BY_HAND)
        score = BLEU(tokenize="none", force=True).corpus_score(hypotheses, [reference])
        expected.append(f"{score.score:.2f}")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == expected
    assert expected[0] != expected[1]
    assert [line.split("  ")[2] for line in lines] == ["hyphens kept", "hyphens split"]
    assert all("|tok:none|" in line for line in lines)
