"""Mistakes of the user: what a worker process says of them reaches its parent."""

from __future__ import annotations

import pickle

import pytest

from nmt.errors import InputError, MissingPackageError, NmtError, VocabularySizeError


@pytest.mark.parametrize(
    "error",
    [
        InputError("a text should be a string"),
        MissingPackageError("sampling", package="PyTorch", extra="train"),
        VocabularySizeError("vocabulary_size 9 is too small", possible=12),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mistake_is_the_same_in_another_process(error: NmtError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
