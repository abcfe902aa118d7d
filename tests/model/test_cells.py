"""Properties that every recurrent cell has, of all cells that a recipe can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import pytest
import torch
from support.precision import NEEDS_BFLOAT16
from torch import Tensor

from nmt.config.network import CellName, ModelConfig
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.model.build import CELLS, CellSettings, make_cells
from nmt.model.cells.cell import Cell, CellState
from nmt.model.recurrent_encoder import EncoderLayer
from nmt.runtime.graph import tensors_of

NAMES = get_args(CellName)
SETTINGS = {
    **{name: (name, CellSettings()) for name in NAMES},
    "lstm with layer normalisation": ("lstm", CellSettings(layer_norm=True)),
    "deep lstm": ("lstm", CellSettings(depth=3)),
    "deep input": ("lstm", CellSettings(input_depth=3)),
    "deep output": ("gru", CellSettings(output_depth=2)),
    "deep in three places": ("lstm", CellSettings(input_depth=2, depth=2, output_depth=3)),
}


def new_cell(kind: str, *, hidden_size: int = 4) -> Cell[Any]:
    """Three units of input; weights far enough from zero for each of them to matter."""
    torch.manual_seed(6)
    name, settings = SETTINGS[kind]
    cell = make_cells(name, settings)(input_size=3, hidden_size=hidden_size).double()
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
    return cell


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def test_each_name_has_a_cell() -> None:
    assert tuple(CELLS) == NAMES


@pytest.mark.parametrize("name", ["LSTM", "lstn", "lstm_"])
def test_the_nearest_cell_is_named_for_a_name_that_none_has(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^recipe: encoder_cell: [^\n]*, not '{name}'; did you mean lstm\?$"):
        parse(ModelConfig, {"encoder_cell": name}, where="recipe")


@pytest.mark.parametrize("started", [False, True], ids=["from zeros", "from a vector"])
@pytest.mark.parametrize("kind", SETTINGS)
def test_a_sequence_is_a_loop_of_steps_and_a_step_is_a_projection_and_an_advance(kind: str, started: bool) -> None:
    """Fused kernels give the numbers of the loop that every cell has."""
    cell = new_cell(kind)
    inputs = random(2, 5, 3)
    initial = random(2, 4) if started else torch.zeros(2, 4, dtype=torch.float64)
    outputs, last = cell(inputs, cell.start(initial)) if started else cell(inputs)
    unrolled, expected = Cell.forward(cell, inputs, cell.start(initial))
    torch.testing.assert_close(outputs, unrolled)
    torch.testing.assert_close(tensors_of(last), tensors_of(expected))
    stepped = advanced = cell.start(initial)
    for position in range(5):
        output, stepped = cell.step(inputs[:, position], stepped)
        torch.testing.assert_close(output, outputs[:, position])
        output, advanced = cell.advance(cell.project(inputs[:, position]), advanced)
        torch.testing.assert_close(output, outputs[:, position])
    for state in (stepped, advanced):
        torch.testing.assert_close(tensors_of(state), tensors_of(last))


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_sequence_goes_on_from_the_state_in_which_another_ended(kind: str) -> None:
    cell = new_cell(kind)
    inputs = random(2, 7, 3)
    whole, last = cell(inputs)
    first, between = cell(inputs[:, :4])
    second, end = cell(inputs[:, 4:], between)
    torch.testing.assert_close(torch.cat((first, second), dim=1), whole)
    torch.testing.assert_close(tensors_of(end), tensors_of(last))


@pytest.mark.parametrize("kind", SETTINGS)
def test_selected_rows_of_a_state_go_on_as_they_would_alone(kind: str) -> None:
    cell = new_cell(kind)
    rows, inputs = torch.tensor([2, 2, 0]), random(3, 3)
    _, state = cell(random(3, 4, 3))
    together, _ = cell.step(inputs[rows], state.select(rows))
    apart, _ = cell.step(inputs, state)
    torch.testing.assert_close(together, apart[rows])


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_padded_batch_is_its_sequences_alone_in_both_directions(kind: str) -> None:
    layer = EncoderLayer(forward_cell=new_cell(kind), backward_cell=new_cell(kind))
    inputs, lengths = random(4, 6, 3), torch.tensor([6, 1, 3, 5])
    outputs, ends = layer(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        own = inputs[row : row + 1, :length]
        forward, _ = layer.forward_layer(own)
        backward, _ = layer.backward_layer(own.flip(1))  # type: ignore[misc]
        torch.testing.assert_close(outputs[row, :length], torch.cat((forward, backward.flip(1)), dim=2)[0])
        torch.testing.assert_close(ends[row], torch.cat((forward[0, -1], backward[0, -1])))


@pytest.mark.parametrize("kind", SETTINGS)
def test_gradients_of_input_state_and_each_weight_are_those_by_differences(kind: str) -> None:
    cell = new_cell(kind)
    names = [name for name, _ in cell.named_parameters()]

    def outputs(inputs: Tensor, initial: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        state = cell.start(initial)
        output, last = torch.func.functional_call(cell, dict(zip(names, weights, strict=True)), (inputs, state))
        return (output, *tensors_of(last))

    values = random(2, 4, 3), random(2, 4), *(parameter.detach() for parameter in cell.parameters())
    assert torch.autograd.gradcheck(outputs, tuple(value.clone().requires_grad_() for value in values), fast_mode=True)


@pytest.mark.parametrize("kind", SETTINGS)
def test_one_unit_is_enough(kind: str) -> None:
    outputs, _ = new_cell(kind, hidden_size=1)(random(2, 3, 3))
    assert outputs.shape == (2, 3, 1)
    assert outputs.isfinite().all()


@pytest.mark.parametrize("started", [False, True], ids=["from zeros", "from a vector"])
@pytest.mark.parametrize("kind", SETTINGS)
@NEEDS_BFLOAT16
def test_mixed_precision_is_near_full_precision(kind: str, started: bool) -> None:
    """In training products are of bfloat16, whose numbers have eight bits."""
    cell = new_cell(kind, hidden_size=16).float()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.mul_(0.4)
    inputs, initial = random(8, 6, 3).float(), random(8, 16).float()
    results = []
    for enabled in (False, True):
        cell.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            outputs, _ = cell(inputs, cell.start(initial) if started else None)
        outputs.float().square().sum().backward()
        gradients = [parameter.grad for parameter in cell.parameters() if parameter.grad is not None]
        assert len(gradients) == len(list(cell.parameters()))
        results.append((outputs.float(), torch.cat([gradient.flatten() for gradient in gradients])))
    for exact, mixed in zip(*results, strict=True):
        assert (mixed - exact).norm() < 0.03 * exact.norm()


@dataclass(frozen=True, slots=True)
class CacheState(CellState):
    """A state as a Transformer's: keys and values of all positions so far, of each of two layers."""

    layers: tuple[tuple[Tensor, Tensor], ...]


def test_a_state_may_have_any_tensors() -> None:
    state = CacheState(layers=tuple((torch.randn(3, 5, 2), torch.randn(3, 5, 1)) for _ in range(2)))
    selected = state.select(torch.tensor([2, 0]))
    for ours, whole in zip(selected.layers, state.layers, strict=True):
        for own, all_rows in zip(ours, whole, strict=True):
            assert torch.equal(own, all_rows[torch.tensor([2, 0])])
