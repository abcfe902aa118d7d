"""The figures of the house that we promise, and the map of it in the README."""

from __future__ import annotations

import re

import pytest
from architecture.rooms import ROOT, House, read_house, table

FLOORS, ARROWS = 7, 76


@pytest.fixture(scope="module")
def house() -> House:
    return read_house()


def test_rooms_floors_and_arrows_are_few(house: House) -> None:
    assert 16 <= len(house.rooms) <= 19, table(house)
    assert max(house.floors().values()) <= FLOORS, table(house)
    assert len(house.imports) <= ARROWS, table(house, arrows=True)


def test_no_circle_and_no_arrow_up(house: House) -> None:
    assert house.circle() == []
    assert house.up() == []
    assert house.without_floor() == []
    assert len(house.layers) == FLOORS


@pytest.mark.parametrize("room", ["nmt.model", "nmt.search", "nmt.runtime", "nmt.training", "nmt.translate", "service"])
def test_no_circle_inside_a_room(room: str) -> None:
    assert read_house(inside=room).circle() == []


def a_house(*arrows: tuple[str, str]) -> House:
    rooms = {room for arrow in arrows for room in arrow}
    return House(
        {room: frozenset({room}) for room in rooms},
        {arrow: ((arrow[0], arrow[1]),) for arrow in arrows},
        (frozenset({"nmt.top"}), frozenset({"nmt.left", "nmt.right"}), frozenset({"nmt.low"})),
    )


def test_what_the_plan_says_of_a_house_drawn_by_hand() -> None:
    """Four rooms: the floor of one is that of its longest way down, not of its shortest."""
    good = a_house(("nmt.top", "nmt.left"), ("nmt.left", "nmt.low"), ("nmt.top", "nmt.low"), ("nmt.right", "nmt.low"))
    assert good.floors() == {"nmt.low": 1, "nmt.left": 2, "nmt.right": 2, "nmt.top": 3}
    assert (good.circle(), good.up(), good.without_floor()) == ([], [], [])
    assert a_house(("nmt.low", "nmt.left")).up() == [("nmt.low", "nmt.left")]
    assert a_house(("nmt.left", "nmt.right")).up() == [("nmt.left", "nmt.right")], "neighbours do not know each other"
    assert set(a_house(("nmt.top", "nmt.low"), ("nmt.low", "nmt.top")).circle()) == {"nmt.top", "nmt.low"}
    assert a_house(("nmt.top", "nmt.cellar")).without_floor() == ["nmt.cellar"]


def test_the_readme_names_every_room_and_no_other(house: House) -> None:
    """In the block of its section "Where things are", where each room stands as a path."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Where things are\n")[2].partition("\n## ")[0]
    [block] = re.findall(r"^```\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"\b((?:nmt/\w+|service)(?:/|\.py))", block))
    rooms = [room.replace(".", "/") for room in house.rooms if room != "nmt"]
    assert named == {f"{room}/" if (ROOT / room).is_dir() else f"{room}.py" for room in rooms}
