"""What recurrent cells remember: gradients over distance, and three tasks that need a long memory.

    python tests/benchmarks/long_range.py gradient --svg docs/gradients.svg
    python tests/benchmarks/long_range.py adding --length 100 --cells rnn irnn gru lstm
    python tests/benchmarks/long_range.py copy --length 50
    python tests/benchmarks/long_range.py counting --cells lstm lstm-peephole

gradient: the norm of the gradient of a cell's last output by its input so many positions before (Bengio et al. 1994), before
training, mean over sequences of random inputs. Beside it the linear recurrence h = ρ Q h' + x, Q orthogonal, whose gradient
is ρ ** distance.

adding (Hochreiter and Schmidhuber 1997): of T random numbers, two are marked; the answer is their sum. Who always answers 1
has a mean squared error of 0.167, the variance of the sum.

copy (Arjovsky et al. 2016): ten symbols, T blanks, a mark; then the ten symbols again. Without memory 1 in 8 is right.

counting (Gers and Schmidhuber 2001): a^n b^n, n up to 10 in training; which symbol comes next, b^n and the end foretold. The
figure is the greatest n up to which all are right.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from nmt.config.network import CellName
from nmt.model.build import CellSettings, make_cells

RADII = (0.9, 1.0, 1.1)
SYMBOLS, MEMORISED = 8, 10
TRAINED_COUNT, MOST_COUNT = 10, 100
COLOURS = ("#3b6ea5", "#c07a16", "#2f7d4a", "#a33b4c", "#6b4fa0", "#4b8f8c", "#8a6d3b", "#d0679d", "#5a6672", "#1f9bcf")


class Reader(nn.Module):
    """A cell over a sequence, and a linear layer on its outputs: inputs (N, T, I) -> (N, T, O)."""

    def __init__(self, cell: CellName, *, inputs: int, units: int, outputs: int) -> None:
        super().__init__()
        self.cell = make_cells(cell, CellSettings())(input_size=inputs, hidden_size=units)
        self.output = nn.Linear(units, outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        output: Tensor = self.output(self.cell(inputs)[0])
        return output


# --- gradients over distance ---


def gradient_norms(cell: CellName, *, distance: int, units: int = 64, sequences: int = 64) -> list[float]:
    """Mean norm of the gradient of the last output by the input 0 to `distance` positions before, relative to the first."""
    made = make_cells(cell, CellSettings())(input_size=units, hidden_size=units)
    inputs = torch.randn(sequences, distance + 1, units, requires_grad=True)
    direction = torch.nn.functional.normalize(torch.randn(units), dim=0)
    (made(inputs)[0][:, -1] @ direction).sum().backward()
    assert inputs.grad is not None
    norms = inputs.grad.norm(dim=2).mean(dim=0).flip(0)
    return [float(norm) for norm in norms / norms[0]]


def linear_norms(radius: float, *, distance: int, units: int = 64) -> list[float]:
    """The same of h = radius * Q h' + x, by the products themselves."""
    matrix = radius * torch.linalg.qr(torch.randn(units, units, dtype=torch.float64))[0]
    gradient = torch.nn.functional.normalize(torch.randn(units, dtype=torch.float64), dim=0)
    norms = []
    for _ in range(distance + 1):
        norms.append(float(gradient.norm()))
        gradient = gradient @ matrix
    return norms


# --- tasks ---


@dataclass(frozen=True, kw_only=True)
class Task:
    inputs: int
    outputs: int
    draw: Callable[[int], tuple[Tensor, Tensor]]
    """A batch of so many sequences: inputs (N, T, I), and targets."""
    loss: Callable[[Tensor, Tensor], Tensor]
    """Of outputs (N, T, O) and targets."""
    judge: Callable[[nn.Module], float]
    heading: str
    """Of what `judge` returns."""


def adding(length: int) -> Task:
    def draw(count: int) -> tuple[Tensor, Tensor]:
        numbers, marks = torch.rand(count, length), torch.zeros(count, length)
        half = length // 2
        rows = torch.arange(count)
        for place in (torch.randint(half, (count,)), torch.randint(half, length, (count,))):
            marks[rows, place] = 1.0
        return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=1)

    def loss(outputs: Tensor, target: Tensor) -> Tensor:
        return mse_loss(outputs[:, -1, 0], target)

    def judge(network: nn.Module) -> float:
        inputs, target = draw(1000)
        return float(loss(network(inputs), target))

    return Task(inputs=2, outputs=1, draw=draw, loss=loss, judge=judge, heading="mean squared error")


def copying(length: int) -> Task:
    blank, mark = SYMBOLS, SYMBOLS + 1

    def draw(count: int) -> tuple[Tensor, Tensor]:
        memorised = torch.randint(SYMBOLS, (count, MEMORISED))
        blanks = torch.full((count, length), blank)
        tail = torch.full((count, MEMORISED), blank)
        tail[:, 0] = mark
        inputs = torch.cat([memorised, blanks, tail], dim=1)
        return nn.functional.one_hot(inputs, SYMBOLS + 2).float(), memorised

    def loss(outputs: Tensor, target: Tensor) -> Tensor:
        return cross_entropy(outputs[:, -MEMORISED:].flatten(0, 1), target.flatten())

    def judge(network: nn.Module) -> float:
        inputs, target = draw(500)
        return float((network(inputs)[:, -MEMORISED:].argmax(dim=2) == target).float().mean())

    return Task(inputs=SYMBOLS + 2, outputs=SYMBOLS, draw=draw, loss=loss, judge=judge, heading="symbols right")


def counting() -> Task:
    """Symbols 0 a, 1 b, 2 end. From the first b on each next symbol is certain."""

    def sequence(n: int) -> tuple[Tensor, Tensor]:
        symbols = torch.tensor([0] * n + [1] * n)
        target = torch.tensor([-100] * n + [1] * (n - 1) + [2])  # among a's nobody knows what is next
        return nn.functional.one_hot(symbols, 3).float(), target

    def padded(pairs: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        inputs = nn.utils.rnn.pad_sequence([inputs for inputs, _ in pairs], batch_first=True)
        return inputs, nn.utils.rnn.pad_sequence([target for _, target in pairs], batch_first=True, padding_value=-100)

    def draw(count: int) -> tuple[Tensor, Tensor]:
        return padded([sequence(int(n)) for n in torch.randint(1, TRAINED_COUNT + 1, (count,))])

    def loss(outputs: Tensor, target: Tensor) -> Tensor:
        return cross_entropy(outputs.flatten(0, 1), target.flatten())

    def judge(network: nn.Module) -> float:
        for n in range(1, MOST_COUNT + 1):
            inputs, target = sequence(n)
            found = network(inputs[None])[0].argmax(dim=1)
            if not bool((found == target)[target >= 0].all()):
                return n - 1
        return MOST_COUNT

    return Task(inputs=3, outputs=3, draw=draw, loss=loss, judge=judge, heading="right up to n")


def train(task: Task, cell: CellName, *, units: int, updates: int, rate: float, seed: int, batch: int = 50) -> float:
    """Train a reader on the task; the figure that the task is judged by."""
    torch.manual_seed(seed)
    network = Reader(cell, inputs=task.inputs, units=units, outputs=task.outputs)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    for _ in range(updates):
        inputs, target = task.draw(batch)
        loss = task.loss(network(inputs), target)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
    with torch.no_grad():
        return task.judge(network)


# --- a chart ---


def chart(lines: dict[str, list[float]], *, title: str, x_label: str, y_label: str, dashed: Sequence[str] = ()) -> str:
    """Lines over 0, 1, 2, ... as SVG, with a logarithmic scale of powers of ten."""
    width, height, left, top, right, bottom = 860, 420, 70, 40, 170, 50
    floor, ceiling = 1e-12, 1e6
    values = [min(value, ceiling) for line in lines.values() for value in line if value >= floor]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    longest = max(map(len, lines.values())) - 1

    def place(x: float, value: float) -> tuple[float, float]:
        share = (math.log10(min(value, ceiling)) - low) / max(high - low, 1)
        return left + x / longest * (width - left - right), height - bottom - share * (height - top - bottom)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{title}</title>',
        "<style>text{fill:#1b2733}.g{stroke:#c9d1d9}@media(prefers-color-scheme:dark){text{fill:#e7edf3}.g{stroke:#3a444e}}"
        "polyline{fill:none;stroke-width:1.8}</style>",
        f'<text x="{left}" y="22" font-size="15" font-weight="600">{title}</text>',
        f'<text x="{(left + width - right) / 2}" y="{height - 12}" text-anchor="middle">{x_label}</text>',
        f'<text x="16" y="{(top + height - bottom) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(top + height - bottom) / 2})">{y_label}</text>',
    ]
    for power in range(low, high + 1, max(1, (high - low) // 8)):
        _, y = place(0, 10.0**power)
        parts.append(f'<line class="g" x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">1e{power}</text>')
    parts += [
        f'<text x="{place(x, 1)[0]:.1f}" y="{height - bottom + 18}" text-anchor="middle">{x}</text>'
        for x in range(0, longest + 1, max(1, longest // 5))
    ]
    for number, (name, line) in enumerate(lines.items()):
        points = " ".join(
            f"{x:.1f},{y:.1f}" for x, y in (place(at, value) for at, value in enumerate(line) if value >= floor)
        )
        colour, dash = COLOURS[number % len(COLOURS)], ' stroke-dasharray="6 4"' if name in dashed else ""
        parts.append(f'<polyline points="{points}" stroke="{colour}"{dash}/>')
        x, y = width - right + 12, top + 16 * number
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 22}" y2="{y}" stroke="{colour}"{dash} stroke-width="2"/>')
        parts.append(f'<text x="{x + 28}" y="{y + 4}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _gradient(cells: Sequence[CellName], *, distance: int, svg: Path | None) -> None:
    lines = {cell: gradient_norms(cell, distance=distance) for cell in cells}
    linear = {f"linear, ρ = {radius}": linear_norms(radius, distance=distance) for radius in RADII}
    print("| cell | 10 before | 50 before | 100 before |\n|---|---:|---:|---:|")
    for name, line in (lines | linear).items():
        print(f"| {name} | " + " | ".join(f"{line[place]:.1e}" for place in (10, 50, 100)) + " |")
    if svg is not None:
        title = "Gradient of the last output by an earlier input, before training"
        text = chart(lines | linear, title=title, x_label="positions before", y_label="norm, relative", dashed=list(linear))
        svg.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=("gradient", "adding", "copy", "counting"))
    parser.add_argument("--cells", nargs="+", choices=get_args(CellName), default=list(get_args(CellName)))
    parser.add_argument("--length", type=int, default=100, help="positions that the memory has to span")
    parser.add_argument("--units", type=int, default=None, help="of a cell (default: 100; counting: 4)")
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--svg", type=Path, help="write the chart there")
    given = parser.parse_args()
    torch.manual_seed(1)
    if given.study == "gradient":
        _gradient(given.cells, distance=given.length, svg=given.svg)
        return
    tasks = {"adding": lambda: adding(given.length), "copy": lambda: copying(given.length), "counting": counting}
    task = tasks[given.study]()
    units = given.units or (4 if given.study == "counting" else 100)
    print(f"| cell | {task.heading} | seconds |\n|---|---:|---:|", flush=True)
    for cell in given.cells:
        began = time.perf_counter()
        found = [
            train(task, cell, units=units, updates=given.updates, rate=given.rate, seed=seed) for seed in range(given.seeds)
        ]
        shown = ", ".join(f"{figure:.4g}" for figure in found)
        print(f"| {cell} | {shown} | {time.perf_counter() - began:.0f} |", flush=True)


if __name__ == "__main__":
    main()
