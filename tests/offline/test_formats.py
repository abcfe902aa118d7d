"""What is written of a translation with alternatives, against what can be counted by hand."""

from __future__ import annotations

import json

from nmt.offline.formats import Format, render
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation

ONE = SentenceTranslation(
    source="Na so was!",
    source_tokens=("▁Na", "▁so", "▁was", "!"),
    hypotheses=(
        Hypothesis("Well!", -0.5, -0.75, ("▁Well", "!"), ((0.1, 0.2, 0.6, 0.1), (0.05, 0.05, 0.1, 0.8))),
        Hypothesis("Oh well!", -1.25, -2.0, ("▁Oh", "▁well", "!"), ((1.0, 0.0, 0.0, 0.0),) * 3),
    ),
)
OTHER = SentenceTranslation(
    source="Ja?",
    source_tokens=("▁Ja", "?"),
    hypotheses=(Hypothesis("Yes?", -0.0625, -4.0, ("▁Yes", "?"), ((0.7, 0.3), (0.2, 0.8))),),
)
TEXT = Translation(source="Na so was! Ja?", sentences=(ONE, OTHER), texts=("Well! Yes?", "Oh\twell! Yes?"))


def test_a_row_of_a_table_has_the_score_of_its_own_text() -> None:
    """The second text has the first sentence's second hypothesis and the other sentence's only one."""
    assert render(TEXT, Format.tsv, number=7, ending="") == "7\t1\t-0.562500\tWell! Yes?\n7\t2\t-1.312500\tOh well! Yes?\n"


def test_an_object_has_the_score_of_each_text_and_the_alignment_of_the_best() -> None:
    line = render(TEXT, Format.jsonl, number=7, ending="")
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "line": 7,
        "source": "Na so was! Ja?",
        "translations": [{"text": "Well! Yes?", "score": -0.5625}, {"text": "Oh\twell! Yes?", "score": -1.3125}],
        "source_tokens": ["▁Na", "▁so", "▁was", "!", "▁Ja", "?"],
        "tokens": ["▁Well", "!", "▁Yes", "?"],
        "alignment": [[2, 0], [3, 1], [4, 2], [5, 3]],
    }
