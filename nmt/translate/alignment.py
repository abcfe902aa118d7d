"""Where the tokens of a text stand in it, and how much attention its words pay to those of another text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from nmt.text.spans import QUOTES

Range = tuple[int, int]
"""The first of some characters, and the one after the last."""
Weights = NDArray[np.float64]

_BYTE = re.compile(r"<0x([\dA-F]{2})>")


def token_spans(text: str, tokens: Sequence[str]) -> list[Range]:
    """The characters of `text` that each SentencePiece token spells; a token that spells none has an empty range.

    Case, width, invisible characters, marks of quotation and Unicode's normal form may differ between the two: a model may
    have been shown another form of `text`. Several tokens that spell the bytes of one character have the same range.
    """
    ours = [(part, place) for place, character in enumerate(text) for part in _folded(character)]
    theirs = _spelled(tokens)
    if [part for part, _ in ours] == [part for part, _ in theirs]:
        pairs = [(place, token) for (_, place), (_, owners) in zip(ours, theirs, strict=True) for token in owners]
    else:
        matcher = SequenceMatcher(None, [part for part, _ in ours], [part for part, _ in theirs], autojunk=False)
        pairs = [
            (ours[block.a + step][1], token)
            for block in matcher.get_matching_blocks()
            for step in range(block.size)
            for token in theirs[block.b + step][1]
        ]
    spans: list[Range | None] = [None] * len(tokens)
    for place, token in pairs:
        known = spans[token]
        spans[token] = (place, place + 1) if known is None else (min(known[0], place), max(known[1], place + 1))
    last = 0
    placed: list[Range] = []
    for span in spans:
        span = span or (last, last)
        placed.append(span)
        last = span[1]
    return placed


def _spelled(tokens: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The folded characters of tokens, each with the tokens that spell it: several where it is spelled in bytes."""
    spelled: list[tuple[str, list[int]]] = []
    held: list[tuple[int, int]] = []  # bytes, and their tokens

    def release() -> None:
        if not held:
            return
        place = 0
        for character in bytes(value for value, _ in held).decode("utf-8", "replace"):
            size = len(character.encode()) if character != "\ufffd" else 1
            owners = [token for _, token in held[place : place + size]]
            spelled.extend((part, owners) for part in _folded(character))
            place += size
        held.clear()

    for number, token in enumerate(tokens):
        if byte := _BYTE.fullmatch(token):
            held.append((int(byte[1], 16), number))
            continue
        release()
        spelled.extend((part, [number]) for character in token for part in _folded(character))
    release()
    return spelled


def _folded(character: str) -> str:
    """A character without case, width and composition, marks of quotation as one; nothing for blanks and invisible ones."""
    if character in QUOTES:
        return '"'
    if character.isascii():
        return character.lower() if character > " " else ""
    if character == "\u2581" or character.isspace() or unicodedata.category(character).startswith("C"):
        return character if unicodedata.category(character) == "Co" else ""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).replace(" ", "")


def shares(units: Sequence[Range], spans: Sequence[Range]) -> Weights:
    """(units, tokens): the share of each token's characters that lies within each unit."""
    weights = np.zeros((len(units), len(spans)))
    first = 0
    for token, (start, end) in enumerate(spans):
        if start == end:
            continue
        while first < len(units) and units[first][1] <= start:
            first += 1
        number = first
        while number < len(units) and units[number][0] < end:
            common = min(end, units[number][1]) - max(start, units[number][0])
            weights[number, token] = max(common, 0) / (end - start)
            number += 1
        if start < (spans[token - 1][0] if token else 0):
            first = 0
    return weights


def attention_of_units(
    attention: Sequence[Sequence[float]],
    source: tuple[Sequence[Range], Sequence[Range]],
    target: tuple[Sequence[Range], Sequence[Range]],
) -> Weights | None:
    """(target units, source units): the attention between words and the like, each row a sum of 1 or of 0.

    `source` and `target` have the ranges of their units and of their tokens. None where the rows of `attention` do not fit
    the tokens, such as where it is empty.
    """
    rows, columns = len(target[1]), len(source[1])
    if not rows or not columns or len(attention) != rows or any(len(row) != columns for row in attention):
        return None
    weights: Weights = shares(*target) @ np.asarray(attention, dtype=np.float64) @ shares(*source).T
    return rows_of_one(weights)


def rows_of_one(weights: Weights) -> Weights:
    """`weights` with each row divided by its sum, unless this is 0."""
    totals = weights.sum(axis=1, keepdims=True)
    result: Weights = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 1e-12)
    return result
