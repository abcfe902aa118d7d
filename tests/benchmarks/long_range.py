"""What recurrent cells remember: gradients over distance, and three tasks that need a long memory.

    python tests/benchmarks/long_range.py gradient --svg docs/gradients.svg
    python tests/benchmarks/long_range.py adding --length 150 --cells gru lstm --updates 3000
    python tests/benchmarks/long_range.py copy --length 30 --cells gru lstm rnn irnn --updates 1500
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
from line_chart import Line, chart
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from nmt.config.network import CellName
from nmt.model.build import CellSettings, make_cells

RADII = (0.9, 1.0, 1.1)
SYMBOLS, MEMORISED = 8, 10
JUDGED = 100  # updates between two judgements
TRAINED_COUNT, MOST_COUNT = 10, 100


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
    solved: Callable[[float], bool]
    """Whether what `judge` returns is as good as it need be."""


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

    return Task(
        inputs=2,
        outputs=1,
        draw=draw,
        loss=loss,
        judge=judge,
        heading="mean squared error",
        solved=lambda error: error < 0.01,
    )


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

    return Task(
        inputs=SYMBOLS + 2,
        outputs=SYMBOLS,
        draw=draw,
        loss=loss,
        judge=judge,
        heading="symbols right",
        solved=lambda share: share > 0.99,
    )


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

    return Task(
        inputs=3, outputs=3, draw=draw, loss=loss, judge=judge, heading="right up to n", solved=lambda n: n == MOST_COUNT
    )


def train(
    task: Task, cell: CellName, *, units: int, updates: int, rate: float, seed: int, batch: int = 50
) -> tuple[float, int]:
    """Train a reader until the task is solved, at most so many updates: the figure it is judged by, and the updates."""
    torch.manual_seed(seed)
    network = Reader(cell, inputs=task.inputs, units=units, outputs=task.outputs)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    figure, done = math.nan, 0
    while done < updates and not task.solved(figure):
        for _ in range(min(JUDGED, updates - done)):
            inputs, target = task.draw(batch)
            loss = task.loss(network(inputs), target)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            done += 1
        with torch.no_grad():
            figure = task.judge(network)
    return figure, done


# --- the command ---


def _gradient(cells: Sequence[CellName], *, distance: int, svg: Path | None) -> None:
    lines = {cell: gradient_norms(cell, distance=distance) for cell in cells}
    linear = {f"linear, ρ = {radius}": linear_norms(radius, distance=distance) for radius in RADII}
    print("| cell | 10 before | 50 before | 100 before |\n|---|---:|---:|---:|")
    for name, line in (lines | linear).items():
        print(f"| {name} | " + " | ".join(f"{line[place]:.1e}" for place in (10, 50, 100)) + " |")
    if svg is not None:
        title = "Gradient of the last output by an earlier input, before training"
        drawn = [Line(name, list(enumerate(line)), dashed=name in linear) for name, line in (lines | linear).items()]
        text = chart(drawn, title=title, x_label="positions before", y_label="norm, relative", logarithmic=True)
        svg.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=("gradient", "adding", "copy", "counting"))
    parser.add_argument("--cells", nargs="+", choices=get_args(CellName), default=list(get_args(CellName)))
    parser.add_argument("--length", type=int, default=100, help="positions that the memory has to span")
    parser.add_argument("--units", type=int, default=None, help="of a cell (default: 100; counting: 4)")
    parser.add_argument("--updates", type=int, default=2000, help="at most; a cell that solves the task stops before")
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
    print(f"| cell | {task.heading} | updates | CPU seconds |\n|---|---:|---:|---:|", flush=True)
    for cell in given.cells:
        began = time.process_time()
        found = [
            train(task, cell, units=units, updates=given.updates, rate=given.rate, seed=seed) for seed in range(given.seeds)
        ]
        figures = ", ".join(f"{figure:.4g}" for figure, _ in found)
        updates = ", ".join(f"{done:,}" for _, done in found)
        print(f"| {cell} | {figures} | {updates} | {time.process_time() - began:.0f} |", flush=True)


if __name__ == "__main__":
    main()
