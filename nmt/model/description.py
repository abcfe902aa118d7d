"""Words for parts of a network, which its modules and its plan have in common."""

from __future__ import annotations

from collections.abc import Sequence


def stack_description(descriptions: Sequence[str], sizes: Sequence[int]) -> str:
    """Layers one above the other, each described in a few words and with its units: "LSTM, 2 × 512 units"."""
    if len(set(zip(descriptions, sizes, strict=True))) == 1:
        return f"{descriptions[0]}, {len(sizes)} × {sizes[0]} units"
    return "; ".join(f"{text}, {size} units" for text, size in zip(descriptions, sizes, strict=True))


def encoder_description(layers: Sequence[Sequence[str]], sizes: Sequence[int]) -> str:
    """Layers of a recurrent encoder: the cell of each direction of each, and the units of all its directions together."""
    both = [len(cells) == 2 for cells in layers]
    if all(both) or not any(both):
        directions = "bidirectional" if all(both) else "left to right"
    else:
        directions = f"{', '.join(_ordinal(index) for index, two in enumerate(both) if two)} layer bidirectional"
    return f"{stack_description([' and '.join(dict.fromkeys(cells)) for cells in layers], sizes)}, {directions}"


def decoder_description(cells: Sequence[str], sizes: Sequence[int], feed_forward: Sequence[int], *, wiring: str) -> str:
    """Recurrent layers of a decoder with their units, the units of the feed-forward layers above them, and its wiring."""
    parts = [stack_description(cells, sizes)]
    if feed_forward:
        parts.append(stack_description(["feed-forward"] * len(feed_forward), feed_forward))
    return f"{', then '.join(parts)}, {wiring} wiring"


def multi_head_description(heads: int, size: int) -> str:
    """Heads of an attention, and the units of each, of `size` in all."""
    return f"multi-head, {heads} heads of {size // heads} units"


def embeddings_description(size: int, *, source: object, target: object, output: object) -> str:
    """Units of the target embedding, and which matrices are one: those of both embeddings and of the output."""
    if source == target == output:
        return f"{size}, tied: all"
    return f"{size}, tied: {'target-output' if target == output else 'none'}"


def _ordinal(index: int) -> str:
    return "first" if index == 0 else f"{index + 1}."
