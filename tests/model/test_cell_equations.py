"""Recurrent cells against their published equations, written down here once more, and against PyTorch's own modules.

x is the input of a position, h and c the state before it. W reads the input, U the state, b is a bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, sigmoid, tanh

from nmt.model.cells.cell import Cell
from nmt.model.cells.coupled_lstm import CoupledLSTMCell
from nmt.model.cells.gru import ChoGRUCell, ChungGRUCell, GRUCell
from nmt.model.cells.leaky_rnn import LeakyRNNCell
from nmt.model.cells.lstm import LSTMCell, LSTMState
from nmt.model.cells.min_gru import MinGRUCell
from nmt.model.cells.olrn import OLRNCell
from nmt.model.cells.output_to_hidden import OutputToHiddenCell
from nmt.model.cells.peephole_lstm import PastPeepholeLSTMCell, PeepholeLSTMCell
from nmt.model.cells.rnn import IRNNCell, RNNCell
from nmt.model.cells.sigmoid_lstm import SigmoidLSTMCell
from nmt.runtime.graph import tensors_of

Weights = dict[str, Tensor]
Equation = Callable[[Weights, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""Weights by name, x (N, I), h (N, H), c (N, H) -> h and c after; cells without a c leave it as it is."""


def elman_1990(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    return tanh(
        x @ w["module.weight_ih_l0"].T + w["module.bias_ih_l0"] + h @ w["module.weight_hh_l0"].T + w["module.bias_hh_l0"]
    ), c


def le_et_al_2015(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    total = x @ w["module.weight_ih_l0"].T + w["module.bias_ih_l0"] + h @ w["module.weight_hh_l0"].T + w["module.bias_hh_l0"]
    return torch.where(total > 0, total, 0.0), c


def bengio_et_al_2013(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    a = 1.0 / (1.0 + torch.exp(-w["leak"]))
    return a * h + (1 - a) * tanh(x @ w["inputs.weight"].T + w["inputs.bias"] + h @ w["recurrent.weight"].T), c


def gru_of_cudnn(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    w_r, w_z, w_n = w["module.weight_ih_l0"].chunk(3)
    u_r, u_z, u_n = w["module.weight_hh_l0"].chunk(3)
    b_r, b_z, b_n = w["module.bias_ih_l0"].chunk(3)
    d_r, d_z, d_n = w["module.bias_hh_l0"].chunk(3)
    r = sigmoid(x @ w_r.T + b_r + h @ u_r.T + d_r)
    z = sigmoid(x @ w_z.T + b_z + h @ u_z.T + d_z)
    n = tanh(x @ w_n.T + b_n + r * (h @ u_n.T + d_n))
    return (1 - z) * n + z * h, c


def reset_first(w: Weights, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """z and the candidate of both papers."""
    w_r, w_z, w_n = w["inputs.weight"].chunk(3)
    b_r, b_z, b_n = w["inputs.bias"].chunk(3)
    u_r, u_z = w["recurrent.weight"].chunk(2)
    r = sigmoid(x @ w_r.T + b_r + h @ u_r.T)
    z = sigmoid(x @ w_z.T + b_z + h @ u_z.T)
    return z, tanh(x @ w_n.T + b_n + (r * h) @ w["candidate.weight"].T)


def chung_et_al_2014(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    z, n = reset_first(w, x, h)
    return (1 - z) * h + z * n, c


def cho_et_al_2014(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    z, n = reset_first(w, x, h)
    return z * h + (1 - z) * n, c


def feng_et_al_2024(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    w_z, w_n = w["inputs.weight"].chunk(2)
    b_z, b_n = w["inputs.bias"].chunk(2)
    z = sigmoid(x @ w_z.T + b_z)
    return (1 - z) * h + z * (x @ w_n.T + b_n), c


def zhang_and_sennrich_2019(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    q, k, v, o = (x @ part.T for part in w["inputs.weight"].chunk(4))
    i, f = sigmoid(k + h), sigmoid(q - h)
    inner = i * v + f * h
    return sigmoid(o - inner) * inner, c


def lstm_sums(w: Weights, x: Tensor, h: Tensor, count: int) -> list[Tensor]:
    """W x + b + U h of each gate."""
    parts = zip(
        w["inputs.weight"].chunk(count), w["inputs.bias"].chunk(count), w["recurrent.weight"].chunk(count), strict=True
    )
    return [x @ weight.T + bias + h @ recurrent.T for weight, bias, recurrent in parts]


def gers_et_al_2000(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    names = {"inputs.weight": "weight_ih_l0", "recurrent.weight": "weight_hh_l0"}
    named = {ours: w[f"lstm.{theirs}"] for ours, theirs in names.items()}
    i, f, g, o = lstm_sums(named | {"inputs.bias": w["lstm.bias_ih_l0"] + w["lstm.bias_hh_l0"]}, x, h, 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def goodfellow_et_al_2016(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Equations 10.40 to 10.44, whose state s is c, external input gate g is i, and output gate q is o."""
    g, f, candidate, q = (sigmoid(total) for total in lstm_sums(w, x, h, 4))
    s = f * c + g * candidate
    return tanh(s) * q, s


def gers_and_schmidhuber_2000(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = lstm_sums(w, x, h, 4)
    p_i, p_f, p_o = w["peepholes"].chunk(3)
    after = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * tanh(g)
    return sigmoid(o + p_o * after) * tanh(after), after


def peepholes_to_the_past(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = lstm_sums(w, x, h, 4)
    p_i, p_f, p_o = w["peepholes"].chunk(3)
    after = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * tanh(g)
    return sigmoid(o + p_o * c) * tanh(after), after


def greff_et_al_2017(w: Weights, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    f, g, o = lstm_sums(w, x, h, 3)
    f = sigmoid(f)
    c = f * c + (1 - f) * tanh(g)
    return sigmoid(o) * tanh(c), c


def goodfellow_et_al_2016_figure_10_4(w: Weights, x: Tensor, _: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """x has the last output o and all else that a decoder reads, so that W x is the figure's W o + U x."""
    return tanh(x @ w["inputs.weight"].T + w["inputs.bias"]), c


EQUATIONS: dict[type[Cell[Any]], Equation] = {
    RNNCell: elman_1990,
    IRNNCell: le_et_al_2015,
    LeakyRNNCell: bengio_et_al_2013,
    GRUCell: gru_of_cudnn,
    ChungGRUCell: chung_et_al_2014,
    ChoGRUCell: cho_et_al_2014,
    MinGRUCell: feng_et_al_2024,
    LSTMCell: gers_et_al_2000,
    SigmoidLSTMCell: goodfellow_et_al_2016,
    PeepholeLSTMCell: gers_and_schmidhuber_2000,
    PastPeepholeLSTMCell: peepholes_to_the_past,
    CoupledLSTMCell: greff_et_al_2017,
    OLRNCell: zhang_and_sennrich_2019,
    OutputToHiddenCell: goodfellow_et_al_2016_figure_10_4,
}


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def with_random_weights(kind: type[Cell[Any]]) -> Cell[Any]:
    torch.manual_seed(4)
    cell = kind(input_size=3, hidden_size=4).double()
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter)
    return cell.requires_grad_(False)


@pytest.mark.parametrize("kind", EQUATIONS, ids=lambda kind: kind.__name__)
def test_a_cell_is_its_published_equation(kind: type[Cell[Any]]) -> None:
    cell = with_random_weights(kind)
    weights = dict(cell.named_parameters())
    inputs, initial = random(2, 6, 3), random(2, 4)
    h, c = initial, torch.zeros_like(initial)
    expected = []
    for x in inputs.unbind(1):
        h, c = EQUATIONS[kind](weights, x, h, c)
        expected.append(h)
    outputs, last = cell(inputs, cell.start(initial))
    torch.testing.assert_close(outputs, torch.stack(expected, dim=1), atol=1e-12, rtol=1e-12)
    for ours, theirs in zip(tensors_of(last), (h, c), strict=False):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        (RNNCell, torch.nn.RNN(3, 4, batch_first=True)),
        (IRNNCell, torch.nn.RNN(3, 4, nonlinearity="relu", batch_first=True)),
        (GRUCell, torch.nn.GRU(3, 4, batch_first=True)),
    ],
    ids=["rnn", "irnn", "gru"],
)
def test_a_cell_is_pytorchs_module(kind: type[Cell[Any]], module: torch.nn.RNN | torch.nn.GRU) -> None:
    """The loop of the cell's own `advance`, beside a module of PyTorch's with the weights copied into it."""
    cell, module = with_random_weights(kind), module.double()
    module.load_state_dict({name.removeprefix("module."): tensor for name, tensor in cell.state_dict().items()})
    inputs, initial = random(2, 6, 3), random(2, 4)
    expected, last = module(inputs, initial[None])
    outputs, state = Cell.forward(cell, inputs, cell.start(initial))
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(tensors_of(state), [last[0]])


def lstm_with_the_weights_of(cell: Cell[Any]) -> torch.nn.LSTM:
    truth = torch.nn.LSTM(3, 4, batch_first=True).double()
    weights = dict(cell.named_parameters())
    truth.weight_ih_l0.data.copy_(weights["inputs.weight"])
    truth.weight_hh_l0.data.copy_(weights["recurrent.weight"])
    truth.bias_ih_l0.data.copy_(weights["inputs.bias"])
    torch.nn.init.zeros_(truth.bias_hh_l0)
    return truth


@pytest.mark.parametrize("kind", [PeepholeLSTMCell, PastPeepholeLSTMCell])
def test_without_its_peepholes_a_peephole_lstm_is_pytorchs_lstm(kind: type[Cell[Any]]) -> None:
    cell, inputs = with_random_weights(kind), random(2, 6, 3)
    truth = lstm_with_the_weights_of(cell)
    assert not torch.allclose(cell(inputs)[0], truth(inputs)[0])
    cell.get_parameter("peepholes").zero_()
    torch.testing.assert_close(cell(inputs)[0], truth(inputs)[0])


def test_before_training_a_peephole_lstm_has_no_peepholes() -> None:
    assert not PeepholeLSTMCell(input_size=3, hidden_size=4).peepholes.any()


def test_a_leaky_unit_without_a_leak_is_pytorchs_rnn() -> None:
    cell, inputs = with_random_weights(LeakyRNNCell), random(2, 6, 3)
    cell.get_parameter("leak").fill_(-torch.inf)
    truth = torch.nn.RNN(3, 4, batch_first=True).double()
    weights = dict(cell.named_parameters())
    truth.weight_ih_l0.data.copy_(weights["inputs.weight"])
    truth.weight_hh_l0.data.copy_(weights["recurrent.weight"])
    truth.bias_ih_l0.data.copy_(weights["inputs.bias"])
    torch.nn.init.zeros_(truth.bias_hh_l0)
    torch.testing.assert_close(cell(inputs)[0], truth(inputs)[0])


def test_leaky_units_start_with_time_scales_from_two_to_64_positions() -> None:
    """Without an input and with no weights between units, a state falls to 1 - 1 / scale of itself at each position."""
    cell = LeakyRNNCell(input_size=3, hidden_size=6).double()
    cell.recurrent.weight.data.zero_()
    _, state = cell(torch.zeros(1, 1, 3, dtype=torch.float64), cell.start(torch.ones(1, 6, dtype=torch.float64)))
    scales = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    torch.testing.assert_close(state.hidden[0].tolist(), [1 - 1 / scale for scale in scales], atol=1e-6, rtol=1e-6)


def test_the_two_papers_grus_are_one_with_the_other_sign_of_the_update_gate() -> None:
    chung, cho = with_random_weights(ChungGRUCell), with_random_weights(ChoGRUCell)
    inputs = random(2, 6, 3)
    assert not torch.allclose(chung(inputs)[0], cho(inputs)[0])
    for name in ("inputs.weight", "inputs.bias", "recurrent.weight"):
        cho.get_parameter(name)[4:8] *= -1.0  # the rows of z: sigmoid(-a) = 1 - sigmoid(a)
    torch.testing.assert_close(chung(inputs)[0], cho(inputs)[0])


def test_where_the_reset_gate_acts_makes_another_gru() -> None:
    """Both have the same weights, and are the same while the reset gate is open."""
    late, early = with_random_weights(GRUCell), with_random_weights(ChoGRUCell)
    early.get_parameter("inputs.weight").copy_(late.get_parameter("module.weight_ih_l0"))
    early.get_parameter("inputs.bias").copy_(late.get_parameter("module.bias_ih_l0"))
    gates, candidate = late.get_parameter("module.weight_hh_l0").split([8, 4])  # type: ignore[no-untyped-call]
    early.get_parameter("recurrent.weight").copy_(gates)
    early.get_parameter("candidate.weight").copy_(candidate)
    late.get_parameter("module.bias_hh_l0").zero_()
    inputs = random(2, 6, 3)
    assert not torch.allclose(late(inputs)[0], early(inputs)[0])
    for bias in (late.get_parameter("module.bias_ih_l0"), early.get_parameter("inputs.bias")):
        bias[:4] = 1e3
    torch.testing.assert_close(late(inputs)[0], early(inputs)[0])


def test_an_irnn_keeps_its_state_and_its_gradient_where_nothing_comes_in() -> None:
    cell = IRNNCell(input_size=3, hidden_size=4).double()
    initial = random(2, 4).abs().requires_grad_()
    outputs, _ = cell(torch.zeros(2, 200, 3, dtype=torch.float64), cell.start(initial))
    torch.testing.assert_close(outputs[:, -1], initial)
    outputs[:, -1].sum().backward()
    torch.testing.assert_close(initial.grad, torch.ones_like(initial))


def test_a_cell_with_coupled_gates_stays_among_its_candidates() -> None:
    cell = with_random_weights(CoupledLSTMCell)
    _, state = cell(100.0 * random(3, 200, 3))
    assert state.cell.abs().max() <= 1.0


@pytest.mark.parametrize("kind", [SigmoidLSTMCell, PeepholeLSTMCell, PastPeepholeLSTMCell, CoupledLSTMCell])
def test_forget_gates_of_lstm_variants_start_open(kind: type[Cell[LSTMState]]) -> None:
    """Before training a cell keeps sigmoid(1) of itself, more than half, where no input and no state moves its gates."""
    cell, nothing = kind(input_size=3, hidden_size=4).double(), torch.zeros(1, 4, dtype=torch.float64)
    empty, full = (
        cell(torch.zeros(1, 1, 3, dtype=torch.float64), LSTMState(hidden=nothing, cell=before))[1].cell
        for before in (nothing, nothing + 1.0)
    )
    torch.testing.assert_close(full - empty, torch.full_like(full, 1 / (1 + math.exp(-1))))
