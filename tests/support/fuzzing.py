"""Damage for fuzzing: at the level of bytes, and of the values in a tree of JSON's types."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from random import Random
from typing import Any

Damage = Callable[[Random, bytes], bytes]

_NUMBERS = (0, -1, 1, 2, 255, 2**15, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 2**64, 10**20, 0.5, 1e308, -0.0, math.inf, math.nan)
_TEXTS = ("", "a", "\x00", "\x1b[2J", "\n", "../../etc/passwd", "ß" * 300, "💥", "null", "1e3", "F32", "I32", "BOOL", "lstm")


def damaged_bytes(random: Random, data: bytes) -> bytes:
    """`data` cut short, with some bytes changed, with bytes put in or taken out, or a part of it repeated."""
    changed = bytearray(data)
    place = random.randrange(len(data) + 1)
    span = random.choice((1, 4, 30, 1000))
    match random.randrange(6):
        case 0:
            del changed[place:]
        case 1:
            for _ in range(random.choice((1, 1, 3, 30))):
                changed[random.randrange(len(data))] = random.randrange(256)
        case 2:
            changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
        case 3:
            changed[place:place] = random.randbytes(span)
        case 4:
            del changed[place : place + span]
        case _:
            changed[place:place] = data[place : place + span] * random.choice((1, 10))
    return bytes(changed)


def damaged_tree(random: Random, tree: Any) -> Any:
    """A copy of `tree` in which one value, at any depth, is another, is gone, or is doubled under another name."""
    changed = copy.deepcopy(tree)
    place, node = [changed], changed  # so that the root has a holder, too
    holder: Any = place
    key: Any = 0
    while isinstance(node, dict | list) and node and random.random() < 0.85:
        holder, key = node, random.choice(list(node) if isinstance(node, dict) else range(len(node)))
        node = holder[key]
    match random.randrange(4):
        case 0 if holder is not place:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice(_TEXTS)] = node
        case _:
            holder[key] = _value(random, node)
    return place[0]


def _value(random: Random, old: Any) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: random.choice(_NUMBERS),
        lambda: random.choice(_TEXTS),
        lambda: None,
        lambda: [old] * random.choice((0, 1, 100)),
        lambda: {"a": old},
    ]
    if isinstance(old, int | float):
        kinds += [lambda: old + random.choice((-1, 1)), lambda: old * random.choice((-1, 2, 1000))] * 3
    return random.choice(kinds)()
