"""The studies of long memory measure what they say: against the linear recurrence, and on tasks with known answers."""

from __future__ import annotations

import pytest
import torch
from benchmarks import long_range as study


@pytest.mark.parametrize("radius", [0.9, 1.0, 1.1])
def test_the_gradient_of_a_linear_recurrence_is_a_power_of_its_radius(radius: float) -> None:
    norms = study.linear_norms(radius, distance=50, units=16)
    assert norms == pytest.approx([radius**distance for distance in range(51)], rel=1e-9)


def test_the_gradient_of_a_plain_cell_vanishes_and_that_of_the_identity_stays() -> None:
    torch.manual_seed(3)
    assert study.gradient_norms("rnn", distance=50)[50] < 1e-3
    assert study.gradient_norms("irnn", distance=50)[50] > 0.1
    assert study.gradient_norms("rnn", distance=10)[0] == pytest.approx(1.0)


def test_tasks_have_the_answers_that_they_say() -> None:
    inputs, target = study.adding(20).draw(500)
    assert inputs[..., 1].sum(dim=1).tolist() == [2.0] * 500
    assert (inputs[..., 0] * inputs[..., 1]).sum(dim=1).allclose(target)
    assert float(((target - 1.0) ** 2).mean()) == pytest.approx(1 / 6, abs=0.03)
    inputs, target = study.copying(7).draw(3)
    assert inputs.shape == (3, 10 + 7 + 10, 10)
    assert inputs[:, :10].argmax(dim=2).equal(target)
    assert inputs.argmax(dim=2)[:, 17].tolist() == [9] * 3


class Counter(torch.nn.Module):
    """Counts with two numbers, up to a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        seen, closed = inputs[..., 0].cumsum(1).clamp(max=self.limit), inputs[..., 1].cumsum(1)
        ends = (closed >= seen).float()
        return torch.stack([torch.zeros_like(ends) - 1, 1 - ends, ends], dim=2)


def test_counting_is_judged_by_the_greatest_n_that_is_right() -> None:
    assert study.counting().judge(Counter(1000)) == 100
    assert study.counting().judge(Counter(17)) == 17


@pytest.mark.slow
def test_a_cell_learns_a_short_sum_and_stops_when_it_can() -> None:
    error, updates = study.train(study.adding(4), "gru", units=16, updates=1000, rate=1e-2, seed=1)
    assert error < 0.01  # of 0.167
    assert updates < 1000
    error, updates = study.train(study.adding(4), "gru", units=16, updates=130, rate=1e-6, seed=1)
    assert error > 0.1
    assert updates == 130
