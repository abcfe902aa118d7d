"""Alignments, from which shortlists are learned, against the equations."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.corpus import alignment
from nmt.corpus.alignment import TranslationTable, in_memory, learn_shortlist, translation_table
from nmt.errors import CorpusError
from nmt.model.padding import pad
from nmt.model.shortlist import Ids

VOCABULARY = 300


def batch(sentences: list[list[int]]) -> tuple[Ids, Ids]:
    return pad(sentences).numpy(), np.array([len(sentence) for sentence in sentences])


NULL, A, B, X, Y = 0, 4, 5, 6, 7


def entries(table: TranslationTable) -> dict[tuple[int, int], float]:
    columns = (table.source.tolist(), table.target.tolist(), table.probability.tolist())
    return {(source, target): value for source, target, value in zip(*columns, strict=True)}


def test_the_first_iterations_are_those_done_by_hand() -> None:
    """Sentence pairs "a b" = "x y" and "a" = "x", with NULL before each source."""
    text = in_memory([([A, B], [X, Y]), ([A], [X])])
    # At first all are equal: in the first pair x and y are a third each of NULL, a and b; in the second x is half of NULL
    # and half of a.
    # Counts: t(x|NULL) and t(x|a) 1/3 + 1/2 of 1/3 + 1/2 + 1/3; t(y|...) the rest; t(x|b) = t(y|b) = 1/2.
    first = {(NULL, X): 5 / 7, (NULL, Y): 2 / 7, (A, X): 5 / 7, (A, Y): 2 / 7, (B, X): 1 / 2, (B, Y): 1 / 2}
    assert entries(translation_table(*text, vocabulary_size=8, iterations=1)) == pytest.approx(first)
    # Second: x in the first pair is of a by (5/7) / (5/7 + 5/7 + 1/2) = 10/27, y by (2/7) / (2/7 + 2/7 + 1/2) = 4/15.
    x, y = 10 / 27 + 1 / 2, 4 / 15
    second = entries(translation_table(*text, vocabulary_size=8, iterations=2))
    assert second[A, X] == pytest.approx(x / (x + y))
    assert second[B, Y] == pytest.approx((7 / 15) / (7 / 15 + 7 / 27))
    far = entries(translation_table(*text, vocabulary_size=8, iterations=2000))
    assert far[A, X] == pytest.approx(1, abs=1e-3)
    assert far[B, Y] == pytest.approx(1, abs=1e-3)


small = st.lists(st.integers(4, 9), max_size=4)


@given(
    pairs=st.lists(st.tuples(small, small), min_size=1, max_size=5),
    chunk=st.integers(1, 20),
    vocabulary=st.sampled_from([10, 1 << 16, (1 << 16) + 1]),
)
def test_the_table_is_that_of_the_textbook_loop(
    pairs: list[tuple[list[int], list[int]]], chunk: int, vocabulary: int
) -> None:
    last = vocabulary - 10  # its last tokens are the ones to be used
    pairs = [([last + word for word in source], [last + word for word in target]) for source, target in pairs]
    used = [(source, target) for source, target in pairs if source and target]
    probability: dict[tuple[int, int], float] = defaultdict(lambda: 1.0)
    for _ in range(3):
        counts: dict[tuple[int, int], float] = defaultdict(float)
        totals: dict[int, float] = defaultdict(float)
        for source, target in used:
            for word in target:
                sum_ = sum(probability[other, word] for other in [NULL, *source])
                for other in [NULL, *source]:
                    counts[other, word] += probability[other, word] / sum_
                    totals[other] += probability[other, word] / sum_
        probability = defaultdict(float, {pair: count / totals[pair[0]] for pair, count in counts.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "CHUNK_CELLS", chunk)
        if used:
            found = entries(translation_table(*in_memory(pairs), vocabulary_size=vocabulary, iterations=3))
            assert found == pytest.approx(dict(probability))
        else:
            with pytest.raises(CorpusError, match="no pair of sentences has 1 to 200 tokens on both sides"):
                translation_table(*in_memory(pairs), vocabulary_size=vocabulary)


def test_a_text_too_large_is_thinned_out_and_long_sentences_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [([4 + number], [50 + number]) for number in range(40)]
    monkeypatch.setattr(alignment, "MAX_CELLS", 20)  # each pair has two, one of them with NULL
    met = {source for source, _ in entries(translation_table(*in_memory(pairs), vocabulary_size=100)) if source}
    assert met == set(range(4, 44, 4))
    monkeypatch.undo()
    pairs.append(([99] * 201, [98]))
    assert (99, 98) not in entries(translation_table(*in_memory(pairs), vocabulary_size=100))


def test_a_learned_shortlist_has_the_words_of_a_made_up_language() -> None:
    """Source word w is 100 + w on the target side; 299 ends every sentence."""
    random = np.random.default_rng(3)
    sources = [random.choice(np.arange(4, 64), 6, replace=False).tolist() for _ in range(400)]
    text = in_memory((source, [*(100 + word for word in reversed(source)), 299]) for source in sources)
    lists = learn_shortlist(*text, vocabulary_size=VOCABULARY, common=1, translations=2, most_translations=2)
    for word in range(4, 64):
        own = [token for token in lists.tokens(*batch([[word]]))[0].tolist() if token > 3]
        assert {100 + word, 299} <= set(own)
        assert len(own) == 3  # the common one takes no place of another
    assert np.count_nonzero(lists.tokens(*batch([[200]]))[0]) == 4  # never seen: what is in every list


def test_a_word_seen_often_lists_all_that_it_was_translated_by_and_a_rare_one_only_the_most_probable() -> None:
    often = [([10], [100 + number % 20]) for number in range(400)]  # 20 times each
    rare = [([11, *range(20, 39)], list(range(200, 220)))]  # a twentieth of each
    lists = learn_shortlist(*in_memory([*often, *rare]), vocabulary_size=VOCABULARY, common=0, translations=3)
    own = {word: lists.tokens(*batch([[word]]))[0].tolist() for word in (10, 11)}
    assert [token for token in own[10] if token > 3] == list(range(100, 120))
    assert len([token for token in own[11] if token > 3]) == 3
