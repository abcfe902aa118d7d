"""What is written of a translation, against a translation made by hand."""

from __future__ import annotations

import json

from nmt.offline.formats import Format, render
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation

TEXT = Translation(
    source="Na so was! Ja?",
    sentences=(
        SentenceTranslation(
            source="Na so was!",
            source_tokens=("▁Na", "▁so", "▁was", "!"),
            hypotheses=(
                Hypothesis("Well!", -0.5, -0.75, ("▁Well", "!"), ((0.1, 0.2, 0.6, 0.1), (0.05, 0.05, 0.1, 0.8))),
                Hypothesis("Oh\twell!", -1.25, -2.0, ("▁Oh", "▁well", "!"), ((1.0, 0.0, 0.0, 0.0),) * 3),
            ),
        ),
        SentenceTranslation(
            source="Ja?",
            source_tokens=("▁Ja", "?"),
            hypotheses=(Hypothesis("Yes?", -2.0, -4.0, ("▁Yes", "?"), ((0.7, 0.3), (0.45, 0.55))),),
        ),
    ),
    texts=("Well! Yes?", "Oh\twell! Yes?"),
)


def test_a_table_has_a_row_for_each_text_with_its_own_score() -> None:
    assert render(TEXT, Format.tsv, number=7, ending="\r") == (
        "7\t1\t-2.500000\tWell! Yes?\n7\t2\t-3.250000\tOh well! Yes?\n"
    )


def test_a_json_line_has_all_texts_scores_tokens_and_the_alignment_of_the_best() -> None:
    line = render(TEXT, Format.jsonl, number=7, ending="\r")
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "line": 7,
        "source": "Na so was! Ja?",
        "translations": [{"text": "Well! Yes?", "score": -2.5}, {"text": "Oh\twell! Yes?", "score": -3.25}],
        "source_tokens": ["▁Na", "▁so", "▁was", "!", "▁Ja", "?"],
        "tokens": ["▁Well", "!", "▁Yes", "?"],
        "alignment": [[2, 0], [3, 1], [4, 2], [5, 3]],
    }


def test_text_is_the_best_with_the_ending_of_its_line() -> None:
    assert render(TEXT, Format.text, number=7, ending="\r") == "Well! Yes?\r\n"
