"""Captured steps, on the CPU, with a tape in place of a CUDA graph."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from support.tape import TapeCapture, WaitsForDevice
from torch import Tensor

from nmt.runtime import graph
from nmt.runtime.graph import Graph, GraphSteps, bucket, columns_bucket
from nmt.search.steps import Eager, StepNumbers, Steps


@dataclass(frozen=True)
class Carry:
    sums: Tensor  # (B, 2) float32
    order: Tensor  # (B,) int64
    fixed: Tensor  # (B,) float32
    nothing: None = None


@dataclass(frozen=True)
class Toy:
    """Adds `amount` and reverses, with views, changes in place and several results at once in between."""

    amount: float = 1.0

    def __call__(self, carry: Carry, numbers: StepNumbers) -> tuple[Carry, tuple[Tensor, Tensor]]:
        left, right = carry.sums.clone().chunk(2, dim=1)
        left += self.amount * carry.fixed[:, None]
        best, places = torch.cat((right, left), dim=1).topk(2, dim=1)
        ends = torch.where(best > 3.0, 1.0, 0.0) * numbers.step / numbers.normaliser
        return Carry(best, carry.order.flip(0) + places[:, 0], carry.fixed), (ends, carry.order + numbers.first_cell)


def play(steps: Steps, *, sentences: int = 3, count: int = 6, amount: float = 1.0) -> list[Tensor]:
    carry = Carry(torch.zeros(sentences, 2), torch.arange(sentences), torch.linspace(0.5, 1.0, sentences))
    outputs = []
    for step in range(1, count + 1):
        carry, (ends, order) = steps.run(Toy(amount), carry, StepNumbers(step, 1.0 / step, 10 * step))
        outputs += [ends, order]
        if step == 3 and sentences > 1:  # one leaves
            carry = Carry(carry.sums[1:], carry.order[1:], carry.fixed[1:])
    return outputs


def alike(left: list[Tensor], right: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(left, right, strict=True))


def test_replayed_steps_compute_what_written_steps_compute() -> None:
    with torch.inference_mode():
        expected = play(Eager())
        tape = TapeCapture()
        steps = GraphSteps(lambda: tape)
        first = play(steps)
        assert alike(first, expected)
        assert (tape.captures, tape.replays) == (2, 6)
        assert alike(play(steps), expected)
        assert (tape.captures, tape.replays) == (2, 12)
        assert alike(first, expected)  # the outputs stay
        assert alike(play(steps, amount=2.0), play(Eager(), amount=2.0))
        assert tape.captures == 4


def test_a_graph_keeps_its_places() -> None:
    with torch.inference_mode():
        carry = Carry(torch.zeros(2, 2), torch.arange(2), torch.ones(2))
        captured = Graph(Toy(), carry, TapeCapture())
        captured.load(carry)
        places = [tensor.data_ptr() for tensor in graph.tensors_of(captured.carry)]
        for step in (1, 2, 3):
            after, _ = captured.run(StepNumbers(step, 1.0, 0))
            assert [tensor.data_ptr() for tensor in graph.tensors_of(after)] == places
        assert torch.equal(carry.sums, torch.zeros(2, 2))  # what it was given is untouched


def test_numbers_in_a_step_would_be_remembered() -> None:
    """The tape itself: it must show what a graph would get wrong."""
    counted = torch.zeros(())
    numbers = iter((5.0, 5.0, 7.0))

    def function() -> None:
        counted.add_(next(numbers))

    with torch.inference_mode():
        replay = TapeCapture()(function)
        replay()
    assert float(counted) == 15.0


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.sum().item(),
        lambda x: bool(x.any()),
        lambda x: x.tolist(),
        lambda x: x[x > 0],
        lambda x: x.nonzero(),
        lambda x: torch.tensor([1.0]) + x,
        lambda x: torch.arange(2).repeat_interleave(x.long()),
    ],
)
def test_the_tape_refuses_what_waits(wait) -> None:  # type: ignore[no-untyped-def]
    with torch.inference_mode(), pytest.raises(WaitsForDevice):
        TapeCapture(warm_ups=0)(lambda: wait(torch.ones(2)))


def test_graphs_are_bounded_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MOST_GRAPHS", 2)
    with torch.inference_mode():
        tape = TapeCapture()
        steps = GraphSteps(lambda: tape)
        for amount in (1.0, 2.0, 1.0, 3.0, 1.0):
            assert alike(play(steps, sentences=1, amount=amount), play(Eager(), sentences=1, amount=amount))
        assert tape.captures == 3  # 2.0 made room for 3.0, since 1.0 had been used after it
        assert len(steps.graphs) == 2
        play(steps, sentences=1, amount=2.0)
        assert tape.captures == 4


def test_where_capturing_fails_steps_run_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    with torch.inference_mode():
        assert alike(play(GraphSteps(lambda: refuse)), play(Eager()))  # type: ignore[arg-type,return-value]
    assert [record.message for record in caplog.records] == [
        "the steps of the search cannot be captured, and run as they are: operation not permitted when stream is capturing"
    ]


def test_buckets() -> None:
    sizes = sorted({bucket(count) for count in range(1, 800)})
    assert sizes == [1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024]
    assert all(bucket(count) >= count for count in range(1, 800))
    columns = sorted({columns_bucket(count) for count in range(1, 200)})
    assert columns == [8, 16, 24, 32, 48, 64, 96, 128, 192, 256]
    assert all(columns_bucket(count) >= count for count in range(1, 200))


def test_padding_a_batch() -> None:
    source, lengths = torch.tensor([[4, 5, 6], [7, 0, 0], [8, 9, 0]]), torch.tensor([3, 1, 2])
    padded, counts = GraphSteps(TapeCapture).pad(source, lengths)
    assert padded[:, :3].tolist() == [*source.tolist(), [4, 5, 6]]
    assert padded[:, 3:].tolist() == [[0] * 5] * 4
    assert counts.tolist() == [3, 1, 2, 3]
