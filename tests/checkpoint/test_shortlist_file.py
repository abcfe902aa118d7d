"""The file of a shortlist: few bytes, and the same shortlist again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.checkpoint.shortlist import read_shortlist, shortlist_bytes
from nmt.errors import ModelDirectoryError
from nmt.model.padding import pad
from nmt.model.shortlist import Ids, Shortlist

VOCABULARY = 300


def batch(sentences: list[list[int]]) -> tuple[Ids, Ids]:
    return pad(sentences).numpy(), np.array([len(sentence) for sentence in sentences])


@pytest.mark.parametrize("vocabulary", [65536, 65537])
def test_what_is_written_is_read_in_few_bytes(tmp_path: Path, vocabulary: int) -> None:
    translations = np.zeros((vocabulary, 1), np.int64)
    translations[5] = vocabulary - 1
    path = tmp_path / "shortlist.safetensors"
    path.write_bytes(shortlist_bytes(Shortlist.build(common=np.array([4]), translations=translations)))
    assert path.stat().st_size < 6 * vocabulary / 255 + 1000
    read = read_shortlist(path, vocabulary_size=vocabulary)
    assert read.tokens(*batch([[5]]))[0].tolist() == [0, 1, 2, 3, 4, vocabulary - 1, *[0] * 10]
    assert read.translations.itemsize == (2 if vocabulary == 65536 else 4)


@given(rows=st.lists(st.sets(st.integers(1, VOCABULARY - 1), max_size=VOCABULARY), min_size=1, max_size=12))
def test_every_list_survives_the_file(tmp_path_factory: pytest.TempPathFactory, rows: list[set[int]]) -> None:
    translations = np.zeros((VOCABULARY, max(1, *(len(row) for row in rows), 1)), np.int64)
    for source, row in enumerate(rows, start=VOCABULARY - len(rows)):  # far from the first
        translations[source, : len(row)] = sorted(row, key=lambda token: token % 7)
    path = tmp_path_factory.mktemp("lists") / "shortlist.safetensors"
    path.write_bytes(shortlist_bytes(Shortlist.build(common=np.array([9, 4]), translations=translations)))
    read = read_shortlist(path, vocabulary_size=VOCABULARY)
    assert [set(row) - {0} for row in read.translations[-len(rows) :].tolist()] == rows
    assert not read.translations[: -len(rows)].any()


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shortlist.safetensors"
    with pytest.raises(ModelDirectoryError, match=r"shortlist\.safetensors: cannot be read"):
        read_shortlist(path, vocabulary_size=VOCABULARY)
    path.write_bytes(b"\x00" * 100)
    with pytest.raises(ModelDirectoryError, match=r"shortlist\.safetensors: cannot be read: not a shortlist"):
        read_shortlist(path, vocabulary_size=VOCABULARY)
    path.write_bytes(
        shortlist_bytes(Shortlist.build(common=np.array([4]), translations=np.zeros((VOCABULARY, 1), np.int64)))
    )
    with pytest.raises(ModelDirectoryError, match="is for 300 subwords; the tokenizer has 299"):
        read_shortlist(path, vocabulary_size=299)
