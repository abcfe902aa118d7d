"""Recurrent layers against PyTorch's own cells, the papers' equations, and finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nmt.model.build import CellSettings, make_cells
from nmt.model.cells.cell import Cell
from nmt.model.cells.deep_lstm import DeepLSTMCell
from nmt.model.cells.lstm import LSTMCell, LSTMState
from nmt.model.cells.ssru import SSRUCell
from nmt.model.dropout import Dropout
from nmt.model.recurrent_encoder import EncoderLayer, reversal
from nmt.runtime.graph import tensors_of


def test_a_stepped_layer_is_pytorchs_lstm() -> None:
    fused = LSTMCell(input_size=3, hidden_size=4)
    layer = DeepLSTMCell(input_size=3, hidden_size=4, depth=1, layer_norm=False, recurrent_dropout=0.0)
    transition = layer.get_submodule("transitions.0.projection")
    layer.input_projection.weight.data.copy_(fused.lstm.weight_ih_l0)
    transition.weight.data.copy_(fused.lstm.weight_hh_l0)
    transition.bias.data.copy_(fused.lstm.bias_ih_l0)
    inputs, state = torch.randn(2, 5, 3), LSTMState(hidden=torch.randn(2, 4), cell=torch.randn(2, 4))
    for given in (None, state):
        (ours, last), (theirs, expected) = layer(inputs, given), fused(inputs, given)
        torch.testing.assert_close(ours, theirs)
        torch.testing.assert_close(tensors_of(last), tensors_of(expected))


def test_deep_transition_is_a_chain_of_pytorchs_cells() -> None:
    """The second cell reads nothing but the state, which is PyTorch's cell on an input of zeros."""
    layer = DeepLSTMCell(input_size=3, hidden_size=4, depth=2, layer_norm=False, recurrent_dropout=0.0)
    cells = torch.nn.LSTMCell(3, 4), torch.nn.LSTMCell(1, 4)
    cells[0].weight_ih.data.copy_(layer.input_projection.weight)
    for index, cell in enumerate(cells):
        projection = layer.get_submodule(f"transitions.{index}.projection")
        cell.weight_hh.data.copy_(projection.weight)
        cell.bias_ih.data.copy_(projection.bias)
        torch.nn.init.zeros_(cell.bias_hh)
    inputs = torch.randn(2, 5, 3)
    state = torch.zeros(2, 4), torch.zeros(2, 4)
    expected = []
    for position in range(5):
        state = cells[1](torch.zeros(2, 1), cells[0](inputs[:, position], state))
        expected.append(state[0])
    outputs, last = layer(inputs)
    torch.testing.assert_close(outputs, torch.stack(expected, dim=1))
    torch.testing.assert_close(tensors_of(last), [state[0], state[1]])


def test_layer_normalisation_is_that_of_the_equations() -> None:
    """Ba et al. 2016, equations 20 to 22, with gates in PyTorch's order."""
    torch.manual_seed(2)
    layer = DeepLSTMCell(input_size=3, hidden_size=4, depth=1, layer_norm=True, recurrent_dropout=0.0).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    weights = dict(layer.named_parameters())
    inputs = torch.randn(2, 5, 3, dtype=torch.float64)
    hidden = cell = torch.zeros(2, 4, dtype=torch.float64)
    expected = []
    for position in range(5):
        gates = (
            weights["input_norm.weight"] * normal(inputs[:, position] @ weights["input_projection.weight"].T)
            + weights["transitions.0.gate_norm.weight"] * normal(hidden @ weights["transitions.0.projection.weight"].T)
            + weights["transitions.0.gate_norm.bias"]
        )
        input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=1)
        cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
        shown = weights["transitions.0.cell_norm.weight"] * normal(cell) + weights["transitions.0.cell_norm.bias"]
        hidden = output_gate.sigmoid() * shown.tanh()
        expected.append(hidden)
    outputs, last = layer(inputs)
    torch.testing.assert_close(outputs, torch.stack(expected, dim=1))
    torch.testing.assert_close(tensors_of(last), [hidden, cell])


def normal(vectors: Tensor) -> Tensor:
    """Mean zero and variance one over the units (Ba et al. 2016, equation 3), with PyTorch's epsilon."""
    deviation = (vectors.var(dim=-1, correction=0, keepdim=True) + 1e-5).sqrt()
    return (vectors - vectors.mean(dim=-1, keepdim=True)) / deviation


def test_layers_before_and_after_a_cell_are_the_formula() -> None:
    """Pascanu et al. 2014, section 3.3: f of deep input features, and an output that is deep in the state."""
    make = make_cells("rnn", CellSettings(input_depth=3, output_depth=2))
    cell = make(input_size=3, hidden_size=4).double()
    weights = dict(cell.named_parameters())

    def layer(name: str, vectors: Tensor) -> Tensor:
        sums = vectors @ weights[f"{name}.projection.weight"].T + weights[f"{name}.projection.bias"]
        return torch.relu(normal(sums) * weights[f"{name}.norm.weight"] + weights[f"{name}.norm.bias"])

    inputs, state = torch.randn(2, 5, 3, dtype=torch.float64), torch.randn(2, 4, dtype=torch.float64)
    outputs, last = cell(inputs, cell.start(state))
    for position in range(5):
        features = layer("before.1", layer("before.0", inputs[:, position]))
        sums = features @ weights["cell.module.weight_ih_l0"].T + state @ weights["cell.module.weight_hh_l0"].T
        state = torch.tanh(sums + weights["cell.module.bias_ih_l0"] + weights["cell.module.bias_hh_l0"])
        torch.testing.assert_close(outputs[:, position], layer("after.0", state))
    torch.testing.assert_close(tensors_of(last), [state])


def test_a_deep_cell_describes_itself_and_counts_its_products() -> None:
    cell = make_cells("lstm", CellSettings(input_depth=3, depth=2, output_depth=2))(input_size=3, hidden_size=4)
    assert cell.description == "LSTM, 2 transitions deep, input 3 layers deep, output 2 layers deep"
    assert cell.products == (3 * 4 + 4 * 4) + (4 * 4 * 4 + 2 * 4 * 4 * 4) + 4 * 4
    assert (cell.input_size, cell.hidden_size) == (3, 4)


def test_weights_are_dropped_once_for_a_sequence_within_a_deep_cell() -> None:
    settings = CellSettings(output_depth=2, recurrent_dropout=0.5)
    cell, inputs = make_cells("lstm", settings)(input_size=3, hidden_size=4).train(), torch.randn(2, 5, 3)
    torch.manual_seed(2)
    expected, _ = cell(inputs)
    torch.manual_seed(2)
    outputs, _ = Cell.forward(cell, inputs)
    torch.testing.assert_close(outputs, expected)


@pytest.mark.parametrize("layer_norm", [None, False, True], ids=["fused", "stepped", "normalised"])
def test_recurrent_dropout_is_one_mask_of_the_weights(layer_norm: bool | None) -> None:
    """While training the layer is a layer whose weights between states have lost entries, the same at each position."""
    sizes = {"input_size": 3, "hidden_size": 4, "recurrent_dropout": 0.5}
    layer: LSTMCell | DeepLSTMCell = (
        LSTMCell(**sizes) if layer_norm is None else DeepLSTMCell(**sizes, depth=1, layer_norm=layer_norm)  # type: ignore[arg-type]
    )
    name = "lstm.weight_hh_l0" if layer_norm is None else "transitions.0.projection.weight"
    weight = layer.get_parameter(name)
    inputs = torch.randn(2, 6, 3)
    untouched = layer.eval()(inputs)
    torch.manual_seed(7)
    dropped, last = layer.train()(inputs)
    torch.manual_seed(7)
    mask = Dropout(probability=0.5, kind="element")(torch.ones_like(weight))
    assert 0 < (mask == 0).sum() < mask.numel()
    dropped.sum().backward()
    assert weight.grad is not None
    assert (weight.grad[mask == 0] == 0).all()
    weight.data.mul_(mask)
    expected, expected_last = layer.eval()(inputs)
    torch.testing.assert_close(dropped, expected)
    torch.testing.assert_close(tensors_of(last), tensors_of(expected_last))
    weight.data[:] = 0.0
    assert not torch.equal(untouched[0], dropped)


def test_the_ssru_is_that_of_the_equations() -> None:
    torch.manual_seed(2)
    layer = SSRUCell(input_size=3, hidden_size=4).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    inputs = torch.randn(2, 5, 3, dtype=torch.float64)
    weight_forget, weight = layer.gates.weight.chunk(2)
    bias_forget, bias = layer.gates.bias.chunk(2)
    cell = torch.tanh(torch.randn(2, 4, dtype=torch.float64))
    state = layer.start(cell)
    expected = []
    for position in range(5):
        forget = torch.sigmoid(inputs[:, position] @ weight_forget.T + bias_forget)
        cell = forget * cell + (1 - forget) * (inputs[:, position] @ weight.T + bias)
        expected.append(torch.relu(normal(cell) * layer.norm.weight + layer.norm.bias))
    outputs, last = layer(inputs, state)
    torch.testing.assert_close(outputs, torch.stack(expected, dim=1))
    torch.testing.assert_close(last.cell, cell)


def test_a_bidirectional_layer_is_pytorch_on_a_packed_sequence() -> None:
    """PyTorch's own bidirectional LSTM on packed sequences is the truth that our reversal must meet."""
    cells = LSTMCell(input_size=3, hidden_size=4), LSTMCell(input_size=3, hidden_size=4)
    layer = EncoderLayer(forward_cell=cells[0], backward_cell=cells[1])
    truth = torch.nn.LSTM(3, 4, bidirectional=True, batch_first=True)
    for cell, theirs in zip(cells, ("", "_reverse"), strict=True):
        for name, parameter in cell.lstm.named_parameters():
            getattr(truth, name + theirs).data.copy_(parameter.data)
    inputs, lengths = torch.randn(3, 6, 3), torch.tensor([6, 2, 4])
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    outputs, (last, _) = truth(packed)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
    ours, summary = layer(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(ours[row, :length], expected[row, :length])
    torch.testing.assert_close(summary, torch.cat((last[0], last[1]), dim=1))


def test_reversal_is_its_own_inverse() -> None:
    order = reversal(torch.tensor([4, 1, 2]), 4)
    assert order.tolist() == [[3, 2, 1, 0], [0, 1, 2, 3], [1, 0, 2, 3]]
    assert order.gather(1, order).tolist() == [[0, 1, 2, 3]] * 3
