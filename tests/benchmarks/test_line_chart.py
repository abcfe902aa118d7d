"""Lines of a chart are where their numbers say, and a legend names each."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from benchmarks.line_chart import Line, chart

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> tuple[list[list[tuple[float, float]]], dict[str, float]]:
    """The points of each line, and the height of each label left of the chart."""
    root = ElementTree.fromstring(svg)
    lines = [
        [tuple(map(float, at.split(","))) for at in line.attrib["points"].split()] for line in root.iter(f"{SVG}polyline")
    ]
    heights = {
        text.text or "": float(text.attrib["y"]) - 4 for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"
    }
    return lines, heights  # type: ignore[return-value]


def test_a_logarithmic_chart_has_powers_of_ten_and_leaves_out_what_is_nothing() -> None:
    names = [Line("a", [(0, 1.0), (1, 0.1), (2, 1e-20)]), Line("b", [(0, 1.0), (1, 10.0), (2, 100.0)], dashed=True)]
    svg = chart(names, title="t", x_label="x", y_label="y", logarithmic=True)
    lines, heights = drawn(svg)
    assert [len(line) for line in lines] == [2, 3]
    assert [y for _, y in lines[0]] == pytest.approx([heights["1e0"], heights["1e-1"]])
    assert [y for _, y in lines[1]] == pytest.approx([heights["1e0"], heights["1e1"], heights["1e2"]])
    assert svg.count("stroke-dasharray") == 2  # the line and its row of the legend


def test_a_linear_chart_begins_at_nought_and_has_round_numbers() -> None:
    lines, heights = drawn(chart([Line("a", [(5, 40.0), (10, 10.0), (20, 0.0)])], title="t", x_label="x", y_label="y"))
    assert list(heights) == ["0", "10", "20", "30", "40"]
    assert [y for _, y in lines[0]] == pytest.approx([heights["40"], heights["10"], heights["0"]])
    (x, _), (middle, _), (end, _) = lines[0]
    assert (middle - x) * 2 == pytest.approx(end - middle)


def test_each_line_has_its_colour_and_a_row_of_the_legend() -> None:
    svg = chart(
        [Line("a", [(0, 1.0), (1, 1.0)]), Line("b", [(0, 2.0), (1, 1.0)], dots=True)], title="t", x_label="x", y_label="y"
    )
    root = ElementTree.fromstring(svg)
    first, second = (line.attrib["stroke"] for line in root.iter(f"{SVG}polyline"))
    assert first != second
    assert [dot.attrib["fill"] for dot in root.iter(f"{SVG}circle")] == [second, second]
    assert [text.text for text in root.iter(f"{SVG}text")][-2:] == ["a", "b"]
