"""The tables of docs/family.md say what the cells are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from nmt.config.network import CellName
from nmt.model.build import CELLS, CellSettings
from nmt.model.cells.fused_cell import FusedCell
from nmt.model.cells.lstm import LSTMCell

GUIDE = Path(__file__).parents[2] / "docs" / "family.md"
ROWS = {
    name: [cell.strip() for cell in rest.split("|")]
    for name, rest in re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
}
"""Equation, source, parameters per unit, fused, by the name of the cell."""


def test_the_table_has_each_cell_in_the_order_of_recipes() -> None:
    assert tuple(ROWS) == get_args(CellName)


@pytest.mark.parametrize("name", get_args(CellName))
def test_a_unit_has_as_many_parameters_as_the_table_says(name: CellName) -> None:
    terms = re.fullmatch(r"(?:(\d+) )?(\(I \+ H\)|I)(?: \+ (H))?(?: \+ (\d+))?", ROWS[name][2])
    assert terms, ROWS[name][2]
    inputs, hidden = 5, 7
    products = inputs + (hidden if "H" in terms[2] or terms[3] else 0)
    expected = hidden * (int(terms[1] or 1) * products + int(terms[4] or 0))
    cell = CELLS[name](CellSettings())(input_size=inputs, hidden_size=hidden)
    assert sum(parameter.numel() for parameter in cell.parameters()) == expected


@pytest.mark.parametrize("name", get_args(CellName))
def test_the_table_names_the_fused_module(name: CellName) -> None:
    cell = CELLS[name](CellSettings())(input_size=5, hidden_size=7)
    fused = {FusedCell: "module", LSTMCell: "lstm"}
    [module] = [getattr(cell, attribute) for kind, attribute in fused.items() if isinstance(cell, kind)] or [None]
    assert ("nn." in ROWS[name][3]) == (module is not None)
    if module is not None:
        assert f"`nn.{type(module).__name__}`" in ROWS[name][3]
