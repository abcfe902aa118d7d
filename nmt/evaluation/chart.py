"""Charts of numbers over updates, ready to be drawn as an SVG: thinned, scaled, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

POINTS = 600  # of a line: more than a screen has pixels for
DOTS = 40  # up to so many points are marked each

Row = dict[str, float]


class Thinned:
    """At most `limit` rows of numbers by name, made of any number of rows, in the memory of `limit`.

    Each is the mean of as few neighbours as suffice, equally many for each but the last. It has the names that all of its
    neighbours have.
    """

    def __init__(self, limit: int = POINTS) -> None:
        self._limit = limit
        self._window = 1
        self._sums: list[tuple[int, Row]] = []

    def add(self, row: Row) -> None:
        if self._sums and self._sums[-1][0] < self._window:
            self._sums[-1] = _add(self._sums[-1], (1, row))
            return
        self._sums.append((1, row))
        if len(self._sums) > self._limit:
            self._window *= 2
            pairs = [self._sums[start : start + 2] for start in range(0, len(self._sums), 2)]
            self._sums = [_add(*pair) if len(pair) == 2 else pair[0] for pair in pairs]

    def rows(self) -> list[Row]:
        return [{key: value / count for key, value in sums.items()} for count, sums in self._sums]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in a chart, in units of the SVG."""

    width: float = 400.0
    height: float = 240.0
    left: float = 48.0
    right: float = 388.0
    top: float = 10.0
    bottom: float = 200.0
    """These four are of the plane that lines are drawn in."""
    values: float = 42.0
    """The ends of the labels left of it."""
    updates: float = 217.0
    times: float = 233.0
    """The lines of the labels below it."""


LAYOUT = Layout()


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    """Its place, in units of the SVG."""
    label: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: list[tuple[float, float]]
    """In units of the SVG."""
    last: str
    """Its last value, to be read."""
    dots: bool


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    lines: list[Line]
    across: list[Tick]
    up: list[Tick]
    summary: str
    """The chart in words."""


def chart(
    title: str,
    lines: dict[str, list[tuple[float, float]]],
    *,
    until: float,
    form: Callable[[float], str],
    times: Callable[[float], str],
    logarithmic: bool = False,
    from_zero: bool = True,
) -> Chart:
    """A chart of `lines`, which are points (update, value) by name.

    Updates go from 0 to `until`. `form` writes a value, and `times` the time of an update.
    """
    values = [value for points in lines.values() for _, value in points]
    steps = (
        _powers(min(values), max(values)) if logarithmic else round_numbers(0.0 if from_zero else min(values), max(values))
    )
    scale = math.log if logarithmic else float
    low, high = scale(steps[0]), scale(steps[-1])

    def x(update: float) -> float:
        return round(LAYOUT.left + (LAYOUT.right - LAYOUT.left) * update / until, 1)

    def y(value: float) -> float:
        return round(LAYOUT.bottom - (LAYOUT.bottom - LAYOUT.top) * (scale(value) - low) / (high - low), 1)

    return Chart(
        title=title,
        lines=[
            Line(
                name=name,
                points=[(x(update), y(value)) for update, value in points],
                last=form(points[-1][1]),
                dots=len(points) <= DOTS,
            )
            for name, points in lines.items()
        ],
        across=[
            Tick(x(update), f"{update:,.0f}", times(update)) for update in round_numbers(0.0, until) if 0 <= update <= until
        ],
        up=[Tick(y(value), form(value)) for value in steps],
        summary=" ".join(
            f"{name}: {form(points[0][1])} at update {points[0][0]:,.0f}, {form(points[-1][1])} at {points[-1][0]:,.0f}; "
            f"lowest {form(min(value for _, value in points))}, highest {form(max(value for _, value in points))}."
            for name, points in lines.items()
        ),
    )


def round_numbers(low: float, high: float, *, count: int = 4) -> list[float]:
    """About `count` steps of 1, 2 or 5 times a power of ten, the first at or below `low`, the last at or above `high`."""
    nothing = 1e-100  # as good as 0
    least = max(nothing, 1e-6 * max(abs(low), abs(high)))  # below it they are one value
    if high - low < least:
        high = low + (abs(low) if abs(low) > nothing else 1.0)
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.10g}") for number in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    """Round numbers around positive `low` and `high`, about equally far apart on a logarithmic axis."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = [factor * 10.0**exponent for exponent in exponents for factor in (1.0, 2.0, 5.0)]
    first = max(number for number, step in enumerate(steps) if step <= low)
    last = next((number for number, step in enumerate(steps) if step >= high and number > first), len(steps) - 1)
    chosen = steps[first : last + 1]
    if len(chosen) <= 7:
        return chosen
    every = math.ceil((len(exponents) - 1) / 6)
    return [10.0**exponent for exponent in range(exponents[0], exponents[-1] + every, every)]


def _add(one: tuple[int, Row], other: tuple[int, Row]) -> tuple[int, Row]:
    return one[0] + other[0], {key: value + other[1][key] for key, value in one[1].items() if key in other[1]}
