"""A translation's tokens, scores and alignment against what can be counted by hand, and against its sentences alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nmt.config.search import SearchOptions
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation
from nmt.translate.translator import Translator

MODEL = Path(__file__).parents[2] / "checkpoints" / "broad-de-en-fast"
FIRST = SentenceTranslation(
    source="Na so was!",
    source_tokens=("▁Na", "▁so", "▁was", "!"),
    hypotheses=(
        Hypothesis("Well!", -0.5, -0.75, ("▁Well", "!"), ((0.1, 0.2, 0.6, 0.1), (0.05, 0.05, 0.1, 0.8))),
        Hypothesis("Oh well!", -1.25, -2.0, ("▁Oh", "▁well", "!"), ((1.0, 0.0, 0.0, 0.0),) * 3),
    ),
)
NOTHING = SentenceTranslation(source="…", source_tokens=(), hypotheses=(Hypothesis("…", 0.0, 0.0, (), ()),))
LAST = SentenceTranslation(
    source="Ja?",
    source_tokens=("▁Ja", "?"),
    hypotheses=(Hypothesis("Yes or what?", -2.0, -4.0, ("▁Yes", "▁or", "?"), ((0.7, 0.3), (0.45, 0.55), (0.2, 0.8))),),
)
TEXT = Translation(
    source="Na so was! … Ja?",
    sentences=(FIRST, NOTHING, LAST),
    texts=("Well! … Yes or what?", "Oh well! … Yes or what?"),
)


def test_alignment_counts_the_tokens_of_all_sentences_before() -> None:
    assert TEXT.tokens == ("▁Well", "!", "▁Yes", "▁or", "?")
    assert TEXT.alignment == ((2, 0), (3, 1), (4, 2), (5, 3), (5, 4))
    assert TEXT.score == -2.5


def test_each_text_has_the_score_of_the_hypotheses_that_were_joined_into_it() -> None:
    """The second text joins the second of the first sentence and the only ones of the others."""
    assert [TEXT.score_of(rank) for rank in range(2)] == [-0.5 + 0.0 - 2.0, -1.25 + 0.0 - 2.0]


@pytest.mark.skipif(not MODEL.is_dir(), reason="the shipped models are not here")
def test_a_text_has_the_scores_and_the_alignment_of_its_sentences_alone() -> None:
    translator = Translator.load(MODEL, device="cpu")
    sentences = ["Anna hat 4711 Bücher gekauft.", "Warum?", "Peter wohnt seit 1998 in einem Haus am Fluss."]
    options = SearchOptions(beam_size=4, n_best=3)
    alone = [translator.translate([sentence], options)[0].sentences for sentence in sentences]
    (whole,) = translator.translate([" ".join(sentences)], options)
    assert whole.sentences == tuple(one for (one,) in alone)

    expected: list[tuple[int, int]] = []
    sources: list[str] = []
    targets: list[str] = []
    for (one,) in alone:
        weights = np.array(one.hypotheses[0].attention)  # (T, S)
        assert weights.shape == (len(one.hypotheses[0].tokens), len(one.source_tokens))
        for place, row in enumerate(weights):
            expected.append((len(sources) + int(row.argmax()), len(targets) + place))
        sources += one.source_tokens
        targets += one.hypotheses[0].tokens
    assert whole.alignment == tuple(expected)
    assert whole.tokens == tuple(targets)
    assert len({source for source, _ in expected}) > len(expected) // 2  # different tokens attend to different places

    # The model copies names and numbers: a token of both sides belongs to itself, mostly.
    pairs = {(sources[source], targets[target]) for source, target in whole.alignment}
    shared = set(sources) & set(targets)
    assert len(shared) >= 6
    assert len([token for token in shared if (token, token) in pairs]) > 0.6 * len(shared)
    ranks = [sum(one.hypotheses[min(rank, len(one.hypotheses) - 1)].score for (one,) in alone) for rank in range(3)]
    assert whole.score == pytest.approx(ranks[0], abs=1e-12)
    assert len(set(ranks)) == 3
