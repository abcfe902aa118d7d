"""Where the tags of a sentence go in its translation: to the words that they stood around in the source.

The attention of each target word tells which source words it comes from, as in Bergamot's inline markup. Each element gets
the stretch of target words that holds most of its own and least of others: that of the greatest sum of (attention to the
element - THRESHOLD), within its parent's and apart from its siblings'. So no element is split, no tag is lost or doubled,
and what was well nested stays so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nmt.translate.alignment import Range, Weights, attention_of_units, rows_of_one, token_spans

THRESHOLD = 0.45
SHARINGS = 2
EXPONENT = 1.0
_UNIT = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_WORD = re.compile(r"\w")
_CLOSING = {"“": "”", "„": "“", "»": "”", "«": "“", '"': '"', "”": "”", "‘": "’", "‚": "‘", "›": "’", "‹": "‘"}
_LONG = 6  # characters from which on a word counts in full
_CROWD = 4  # elements for each word from which on those without a word stay outside of others


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag in a sentence, before the character `at`."""

    at: int
    pair: int
    """What an opening and its closing have in common; less than 0 for a tag that is neither."""
    opens: bool = False
    name: str = ""
    """Of an opening, where elements of one name may not be in each other, as links may not."""
    attached: bool = False
    """Of one that is neither: whether it belongs to the word before it."""


@dataclass(slots=True)
class _Element:
    """An element, or a tag that is none: where it was, and where it goes."""

    start: int
    end: int
    opening: int = -1
    """Which tag opens it; -1 where it was opened before the sentence."""
    closing: int = -1
    first: int = 0
    """Its first source unit, and the one after its last."""
    last: int = 0
    name: str = ""
    attached: bool = False
    children: list[_Element] = field(default_factory=list)
    range: Range = (0, 0)
    """Its target units."""
    is_guest: bool = False
    """Whether it is about to move into a sibling."""

    @property
    def is_mark(self) -> bool:
        return self.first == self.last

    def names(self) -> set[str]:
        """Its own, and those of all elements in it."""
        names: set[str] = set()
        waiting = [self]
        while waiting:
            element = waiting.pop()
            names.add(element.name)
            waiting += element.children
        return names

    def gains(self, weights: Weights, lengths: Weights) -> Weights:
        """(target units,): what each unit is worth within this element."""
        own = weights[:, self.first : self.last].sum(axis=1)
        return np.where(weights.sum(axis=1) > 0, own - THRESHOLD, 0.0) * lengths


def place(
    source: str,
    target: str,
    tags: Sequence[Tag],
    *,
    source_tokens: Sequence[str] = (),
    target_tokens: Sequence[str] = (),
    attention: Sequence[Sequence[float]] = (),
) -> list[tuple[int, int]]:
    """Pairs of a place in `target` and the number of the tag to write there, in the order in which they are written.

    `tags` are in the order of `source`, and their pairs well nested. An opening without its closing reaches to the end, a
    closing alone from the beginning. Each tag is there once. `attention` is that of a Hypothesis; without one, words that
    stay the same tell where tags go, and between them the order of words does.
    """
    boundaries = sorted({tag.at for tag in tags})
    source_units, target_units = units(source, boundaries), units(target)
    target_units = _cut_alike(source, source_units, target, target_units)
    weights = attention_of_units(
        attention,
        (source_units, token_spans(source, source_tokens)),
        (target_units, token_spans(target, target_tokens)),
    )
    diagonal = weights is None
    if weights is None:
        weights = _by_order(source, source_units, target, target_units)
    else:
        weights = _shared_out(weights, source, source_units)
    _match_the_same(weights, source, source_units, target, target_units)
    root = _tree(source, tags, source_units)
    root.range = (0, len(target_units))
    are_words = [
        [_WORD.match(text, start) is not None for start, _ in its_units]
        for text, its_units in ((target, target_units), (source, source_units))
    ]
    waiting = [root]
    while waiting:
        element = waiting.pop()
        _place_children(element, weights, source, target_units, *are_words, in_order=diagonal)
        waiting += [child for child in element.children if child.children]
    return _written(root, source, target, target_units)


def units(text: str, cuts: Sequence[int] = ()) -> list[Range]:
    """Words and single characters of other kinds, cut where `cuts` fall within a word."""
    found: list[Range] = []
    number = 0
    for match in _UNIT.finditer(text):
        start = match.start()
        while number < len(cuts) and cuts[number] < match.end():
            if cuts[number] > start:
                found.append((start, cuts[number]))
                start = cuts[number]
            number += 1
        found.append((start, match.end()))
    return found


def _cut_alike(source: str, source_units: Sequence[Range], target: str, target_units: Sequence[Range]) -> list[Range]:
    """`target_units`, words of which are cut as the same word is cut in the source."""
    cuts: dict[str, list[list[int]]] = {}
    number = 0
    for match in _UNIT.finditer(source):
        inner = []
        while number < len(source_units) and source_units[number][1] <= match.end():
            inner.append(source_units[number][1] - match.start())
            number += 1
        cuts.setdefault(match[0].lower(), []).append(inner[:-1])
    result: list[Range] = []
    for start, end in target_units:
        known = cuts.get(target[start:end].lower(), [[]])
        inner = known.pop(0) if len(known) > 1 else known[0]
        edges = [start, *(start + cut for cut in inner if 0 < cut < end - start), end]
        result += pairwise(edges)
    return result


def _shared_out(weights: Weights, source: str, source_units: Sequence[Range]) -> Weights:
    """Weights of words to words alone, in which source words that nobody else looks at count for more.

    Decoders rest their attention on punctuation, and look at the noun before an auxiliary verb as long as at the verb.
    """
    weights = weights * [_WORD.match(source, start) is not None for start, _ in source_units]
    for _ in range(SHARINGS):
        weights = rows_of_one(weights / np.maximum(weights.sum(axis=0), 1e-9) ** EXPONENT)
    return rows_of_one(weights)


def _match_the_same(
    weights: Weights, source: str, source_units: Sequence[Range], target: str, target_units: Sequence[Range]
) -> None:
    """Let what is in both texts as often, such as punctuation, numbers and names, look at itself."""
    ours: dict[str, list[int]] = {}
    theirs: dict[str, list[int]] = {}
    for found, text, its_units in ((ours, source, source_units), (theirs, target, target_units)):
        for number, (start, end) in enumerate(its_units):
            found.setdefault(_CLOSING.get(text[start:end], text[start:end]), []).append(number)
    for word, places in theirs.items():
        same = ours.get(word, [])
        is_word = _WORD.match(word) is not None
        if len(same) == len(places):
            for mine, its in zip(same, places, strict=True):
                weights[its] *= 0.0 if not is_word else 0.25
                weights[its, mine] += 1 - weights[its].sum()
        elif not is_word:
            weights[places] = 0.0  # nobody knows which comma is which


def _by_order(source: str, source_units: Sequence[Range], target: str, target_units: Sequence[Range]) -> Weights:
    """Weights where there is no attention: of the same words, and otherwise of those at the same height between these."""
    weights = np.zeros((len(target_units), len(source_units)))
    ours = [source[start:end].lower() for start, end in source_units]
    theirs = [target[start:end].lower() for start, end in target_units]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        for number in range(start, end):
            if last > first:
                height = (number - start + 0.5) / (end - start) * (last - first)
                weights[number, first + int(height)] = 1.0
            elif len(source_units):
                weights[number, min(first, len(source_units) - 1)] = 1.0
    return weights


def _tree(source: str, tags: Sequence[Tag], source_units: Sequence[Range]) -> _Element:
    """The elements of a sentence, in a root that stands for all of it."""
    opened = {tag.pair for tag in tags if tag.opens}
    root = _Element(0, len(source))
    stack = [root]
    unopened = [number for number, tag in enumerate(tags) if tag.pair >= 0 and not tag.opens and tag.pair not in opened]
    for number in reversed(unopened):  # the last to close was the first to open
        element = _Element(0, len(source), closing=number)
        stack[-1].children.append(element)
        stack.append(element)
    of_pair = {tags[element.closing].pair: element for element in stack[1:]}
    for number, tag in enumerate(tags):
        if tag.pair >= 0 and not tag.opens:
            element = of_pair[tag.pair]
            element.end, element.closing = tag.at, number
            while stack[-1] is not element:
                stack.pop()
            stack.pop()
            continue
        end = len(source) if tag.opens else tag.at
        element = _Element(tag.at, end, opening=number, name=tag.name, attached=tag.attached)
        stack[-1].children.append(element)
        if tag.opens:
            of_pair[tag.pair] = element
            stack.append(element)
    waiting = [root]
    starts = np.array([start for start, _ in source_units])
    while waiting:
        element = waiting.pop()
        element.first = int(np.searchsorted(starts, element.start))
        element.last = max(element.first, int(np.searchsorted(starts, element.end)))
        waiting += element.children
    return root


def _place_children(
    parent: _Element,
    weights: Weights,
    source: str,
    target_units: Sequence[Range],
    is_word: Sequence[bool],
    source_is_word: Sequence[bool],
    *,
    in_order: bool,
) -> None:
    """Give each child of `parent` its range of target units, within that of `parent`."""
    for child in parent.children:
        child.is_guest = False
    first, last = parent.range
    elements = [child for child in parent.children if not child.is_mark]
    here = weights[first:last]
    if elements:
        # Long words carry the meaning: vergessen rather than hat is what has been forgotten.
        lengths = np.array([min(end - start, _LONG) / _LONG for start, end in target_units[first:last]])
        gains = [child.gains(here, lengths) for child in elements]
        fixed = [(child.opening < 0, child.closing < 0) for child in elements]
        orders = [list(range(len(elements)))]
        if len(elements) > 1 and not in_order:
            centres = [sum(_best_range(gain)[0]) for gain in gains]
            by_centre = sorted(orders[0], key=lambda number: (not fixed[number][0], fixed[number][1], centres[number]))
            orders.append(by_centre)
        found = [(_ranges([gains[n] for n in order], [fixed[n] for n in order]), order) for order in orders]
        (ranges, _), order = max(found, key=lambda one: one[0][1])
        for number, (start, end) in zip(order, ranges, strict=True):
            elements[number].range = (first + start, first + end)
        for element in elements:
            if element.range[0] < element.range[1]:
                element.range = _trimmed(element, is_word, source_is_word)
        _give_words(parent, elements, here, np.array(is_word[first:last]))
    taken = [child.range for child in elements]
    for mark in parent.children:
        if mark.is_mark or mark.range == (0, 0):
            place = _place_of_mark(mark, parent, weights, source)
            for start, end in taken:
                if start < place < end:
                    place = start if place - start < end - place else end
            mark.range = (place, place)
            for child in mark.children:
                child.range = (place, place)


def _give_words(parent: _Element, elements: Sequence[_Element], weights: Weights, words: NDArray[np.bool_]) -> None:
    """Put each element with words that got none to the word that looks at it most.

    Where that is another's already, the element goes into the other: gets up is both <i>steht</i> and <b>auf</b>. But no
    element goes into one of its own name: it takes the best of the words that are left, or none.
    """
    first = parent.range[0]
    is_crowded = len(elements) > _CROWD * len(weights)
    holders: list[_Element | None] = [None] * len(weights)
    for element in elements:
        start, end = element.range
        holders[start - first : end - first] = [element] * (end - start)
    for element in elements:
        start, end = element.range
        own = weights[:, element.first : element.last].sum(axis=1) * words
        if words[start - first : end - first].any() or not own.any():
            continue
        holders[start - first : end - first] = [None] * (end - start)
        best = int(own.argmax())
        if element.opening < 0 or element.closing < 0:
            # It goes on from the sentence before, or into the one after: what is between is in it, but for its siblings.
            taken = [place for place, other in enumerate(holders) if other is not None and other is not element]
            start = 0 if element.opening < 0 else max([best, *(place + 1 for place in taken)])
            end = len(weights) if element.closing < 0 else min([best + 1, *taken])
            element.range = (first + start, first + max(start, end))
            holders[start:end] = [element] * (end - start)
            continue
        holder = holders[best]
        if holder is not None and is_crowded:
            element.range = (holder.range[1], holder.range[1])
            continue
        if holder is not None and holder.name and holder.name in element.names():
            own *= [other is None for other in holders]
            if not own.any():
                element.range = (holder.range[1], holder.range[1])
                continue
            best, holder = int(own.argmax()), None
        element.range = (first + best, first + best + 1)
        if holder is None:
            holders[best] = element
        else:
            element.is_guest = True
            holder.children.append(element)
    parent.children = [child for child in parent.children if not child.is_guest]


def _trimmed(element: _Element, is_word: Sequence[bool], source_is_word: Sequence[bool]) -> Range:
    """The range of an element without punctuation at its ends, where there was none at those in the source."""
    start, end = element.range
    if source_is_word[element.first] and element.opening >= 0:
        while start + 1 < end and not is_word[start]:
            start += 1
    if source_is_word[element.last - 1] and element.closing >= 0:
        while end - 1 > start and not is_word[end - 1]:
            end -= 1
    return start, end


def _ranges(gains: Sequence[Weights], fixed: Sequence[tuple[bool, bool]]) -> tuple[list[Range], float]:
    """Ranges of the greatest sum of gains, and this sum: one for each row of gains, in order and apart from each other.

    `fixed` tells of each whether it begins with the first unit, and whether it ends with the last. A range may be empty.
    """
    if len(gains) == 1:
        best, total = _best_range(gains[0], *fixed[0])
        return [best], total
    rows = np.stack(gains)  # (count, length)
    count, length = rows.shape
    starts, ends = (np.array(flags) for flags in zip(*fixed, strict=True))
    outside = np.zeros((length + 1, count + 1))  # [p, c]: the best of the first p units in which c ranges have ended
    inside = np.full((length + 1, count), -np.inf)  # [p, c]: of those that end within range c
    for place in range(length):
        entered = np.where(starts & (place > 0), -np.inf, outside[place, :-1])
        inside[place + 1] = np.maximum(inside[place], entered) + rows[:, place]
        ended = np.where(ends & (place + 1 < length), -np.inf, inside[place + 1])
        outside[place + 1, 0] = outside[place, 0]
        outside[place + 1, 1:] = np.maximum(outside[place, 1:], ended)
        np.maximum.accumulate(outside[place + 1], out=outside[place + 1])
    ranges: list[Range] = [(0, 0)] * count
    place = length
    for number in reversed(range(count)):
        value = outside[place, number + 1]
        while place > 0 and outside[place - 1, number + 1] == value:
            place -= 1
        end = place
        if place > 0 and inside[place, number] == value and not (ends[number] and place < length):
            while True:
                place -= 1
                may_enter = place == 0 or not starts[number]
                if may_enter and outside[place, number] >= inside[place, number]:
                    break
        ranges[number] = (place, end)
    return ranges, float(outside[length, count])


def _best_range(gains: Weights, from_start: bool = False, to_end: bool = False) -> tuple[Range, float]:
    """The range of the greatest sum of gains, and this sum."""
    sums = np.concatenate(([0.0], np.cumsum(gains)))
    end = len(gains)
    if not to_end:
        end = int((sums if from_start else sums - np.minimum.accumulate(sums)).argmax())
    start = 0 if from_start else int(sums[: end + 1].argmin())
    return (start, end), float(sums[end] - sums[start])


def _place_of_mark(mark: _Element, parent: _Element, weights: Weights, source: str) -> int:
    """Before which target unit a mark goes: after the word that it touches, or where least of the order is disturbed."""
    first, last = parent.range
    here = weights[first:last]
    if first == last:
        return first
    behind, before = _touches(mark, source)
    if mark.first > 0 and behind:
        column = here[:, mark.first - 1]
        if column.max() > 0:
            best = int(column.argmax())
            return first + best + 1
    if before and mark.first < weights.shape[1]:
        column = here[:, mark.first]
        if column.max() > 0:
            return first + int(column.argmax())
    earlier = np.concatenate(([0.0], np.cumsum(here[:, : mark.first].sum(axis=1))))
    later = np.concatenate((np.cumsum(here[:, mark.first :].sum(axis=1)[::-1])[::-1], [0.0]))
    return first + int((earlier + later).argmax())


def _touches(mark: _Element, source: str) -> tuple[bool, bool]:
    """Whether a mark hangs on the word behind which it stands, and whether on the one before which it stands."""
    left, right = source[mark.start - 1 : mark.start], source[mark.end : mark.end + 1]
    behind = left != "" and not left.isspace() and (mark.attached or not right.isalnum())
    return behind, not behind and right.isalnum() and not left.isalnum()


def _written(root: _Element, source: str, target: str, target_units: Sequence[Range]) -> list[tuple[int, int]]:
    """The tags in the order in which they are written, each with its place in `target`."""
    written: list[tuple[int, int]] = []
    last = 0

    def write(number: int, place: int) -> None:
        nonlocal last
        if number >= 0:
            last = max(last, place)
            written.append((last, number))

    # Elements that begin at the same unit: marks before others, in the order of the source.
    def ordered(element: _Element) -> list[_Element]:
        return sorted(element.children, key=lambda child: (child.range[0], child.range[1]))

    stack: list[tuple[_Element, list[_Element] | None]] = [(root, None)]
    while stack:
        element, rest = stack.pop()
        start, end = element.range
        if rest is None:
            if element.start < element.end:
                blank = source[element.start].isspace()
                place = _start_of(start, target, target_units, blank=blank)
            else:
                behind, _ = _touches(element, source)
                place = _end_of(start, target, target_units) if behind else _start_of(start, target, target_units)
            write(element.opening, place)
            rest = ordered(element)[::-1]
        if rest:
            child = rest.pop()
            stack += [(element, rest), (child, None)]
        else:
            blank = element.end > element.start and source[element.end - 1].isspace()
            place = _end_of(end, target, target_units, blank=blank) if end > start else last
            write(element.closing, place)
    return written


def _start_of(unit: int, target: str, target_units: Sequence[Range], *, blank: bool = False) -> int:
    """Where a unit begins; with `blank`, the blank before it is included."""
    if unit >= len(target_units):
        return len(target)
    place = target_units[unit][0]
    return place - 1 if blank and place and target[place - 1].isspace() else place


def _end_of(unit: int, target: str, target_units: Sequence[Range], *, blank: bool = False) -> int:
    """Where the unit before `unit` ends; with `blank`, the blank after it is included."""
    if not 0 < unit <= len(target_units):
        return 0
    place = target_units[unit - 1][1]
    return place + 1 if blank and target[place : place + 1].isspace() else place
