"""Lines over a number as an SVG for the documentation, readable on a light and on a dark page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

COLOURS = ("#3b6ea5", "#c07a16", "#2f7d4a", "#a33b4c", "#6b4fa0", "#4b8f8c", "#8a6d3b", "#d0679d", "#5a6672", "#1f9bcf")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 860, 420, 70, 40, 50
LEAST, MOST = 1e-12, 1e6  # of a logarithmic scale


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    dots: bool = False


def chart(lines: Sequence[Line], *, title: str, x_label: str, y_label: str, logarithmic: bool = False) -> str:
    """Lines as SVG. The vertical scale is linear from 0, or has powers of ten, where points below 1e-12 are left out."""
    kept = [
        [(x, min(y, MOST) if logarithmic else y) for x, y in line.points if y >= LEAST or not logarithmic] for line in lines
    ]
    ticks = _powers_of_ten(kept) if logarithmic else _round_numbers(kept)
    low, high = ticks[0][0], ticks[-1][0]
    right = 60 + max(110, *(6 * len(line.name) for line in lines))
    beginning = min(0.0, *(x for points in kept for x, _ in points))
    end = max(x for points in kept for x, _ in points)

    def place(x: float, y: float) -> tuple[float, float]:
        share = (y - low) / max(high - low, 1e-9)
        across = (x - beginning) / (end - beginning) * (WIDTH - LEFT - right)
        return LEFT + across, HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{title}</title>',
        "<style>text{fill:#1b2733}.g{stroke:#c9d1d9}@media(prefers-color-scheme:dark){text{fill:#e7edf3}.g{stroke:#3a444e}}"
        "polyline{fill:none;stroke-width:1.8}</style>",
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{title}</text>',
        f'<text x="{(LEFT + WIDTH - right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{x_label}</text>',
        f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2})">{y_label}</text>',
    ]
    for value, label in ticks:
        y = place(0, value)[1]
        parts.append(f'<line class="g" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - right}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    parts += [
        f'<text x="{place(x, low)[0]:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x}</text>'
        for x in range(0, int(end) + 1, max(1, int(end) // 5))
    ]
    colours = {line.name: COLOURS[number % len(COLOURS)] for number, line in enumerate(lines)}
    for line, points in zip(lines, kept, strict=True):
        colour = colours[line.name]
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        placed = [place(x, math.log10(y) if logarithmic else y) for x, y in points]
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{text}" stroke="{colour}"{dash}/>')
        if line.dots:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
    for number, line in enumerate(lines):
        x, y = WIDTH - right + 12, TOP + 16 * number
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{x + 22}" y2="{y}" stroke="{colours[line.name]}"{dash} stroke-width="2"/>'
        )
        parts.append(f'<text x="{x + 28}" y="{y + 4}">{line.name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _powers_of_ten(lines: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, str]]:
    """Places on the scale of log10, and their labels."""
    values = [y for points in lines for _, y in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    powers = [*range(low, high, max(1, (high - low) // 8)), high]
    return [(float(power), f"1e{power}") for power in powers]


def _round_numbers(lines: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, str]]:
    """From 0 to above the greatest value, in four to ten steps of 1, 2 or 5 times a power of ten."""
    most = max(y for points in lines for _, y in points)
    power: float = 10 ** math.floor(math.log10(most / 4))
    step = next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= 10)
    return [(step * number, f"{step * number:g}") for number in range(math.ceil(most / step) + 1)]
