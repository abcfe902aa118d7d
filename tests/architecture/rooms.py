"""The ground plan of the house: its rooms, the floors they are on, and the arrows between them.

    python tests/architecture/rooms.py [--arrows] [--inside ROOM] [ROOT]

A room is a folder of `nmt` or a module beside them; `nmt/__init__.py` is one, and `service` with all its folders. An arrow
says that some module of a room imports some module of another room. The floor of a room is one above the highest of the
rooms that it imports, the lowest being 1. `layers` in pyproject.toml says which floors we promise: an arrow up is an import
against them. The table has for each room its files, its lines and its arrows out and in; `--arrows` names them, and the
imports that make each. `--inside` draws the same plan of one room, whose rooms are its modules and folders. ROOT is the
checkout to look at; without it, the one that this program lies in.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("nmt", "service")


@dataclass(frozen=True, slots=True)
class House:
    modules: Mapping[str, frozenset[str]]
    """Of each room."""
    imports: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    """Of each arrow, from a room to a room: the imports, from a module of the one to a module of the other."""
    layers: tuple[frozenset[str], ...]
    """The rooms of each floor that pyproject.toml promises, the highest floor first."""

    @property
    def rooms(self) -> list[str]:
        return sorted(self.modules)

    def below(self, room: str) -> list[str]:
        """The rooms that it imports."""
        return [target for source, target in self.imports if source == room]

    def above(self, room: str) -> list[str]:
        """The rooms that import it."""
        return [source for source, target in self.imports if target == room]

    def circle(self) -> list[str]:
        """Rooms each of which imports the one before, the first and the last being the same; empty where there are none."""
        try:
            list(TopologicalSorter({room: self.below(room) for room in self.modules}).static_order())
        except CycleError as error:
            return list(error.args[1])
        return []

    def floors(self) -> dict[str, int]:
        """Of each room, if there is no circle."""
        floors: dict[str, int] = {}
        for room in TopologicalSorter({room: self.below(room) for room in self.modules}).static_order():
            floors[room] = 1 + max((floors[below] for below in self.below(room)), default=0)
        return floors

    def up(self) -> list[tuple[str, str]]:
        """The arrows that lead to a higher floor of `layers`, or to another room on the same."""
        depth = {room: number for number, layer in enumerate(self.layers) for room in layer}
        return [arrow for arrow in self.imports if arrow[0] in depth and depth[arrow[0]] >= depth.get(arrow[1], 99)]

    def without_floor(self) -> list[str]:
        """The rooms that `layers` does not name. The package itself is on the floor that its imports give it."""
        named = {room for layer in self.layers for room in layer}
        return [room for room in self.rooms if room not in named and room != "nmt"]


def read_house(root: Path = ROOT, *, inside: str | None = None) -> House:
    """The plan of the house, or of one of its rooms. `root` must be where Python looks for packages first."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    depth = 2 if inside is None else inside.count(".") + 2

    def room_of(module: str) -> str:
        # `python -m nmt` is another name of the command.
        parts = module.replace("nmt.__main__", "nmt.cli").split(".")
        return parts[0] if inside is None and parts[0] == "service" else ".".join(parts[:depth])

    modules: dict[str, set[str]] = defaultdict(set)
    imports: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    members = {module for module in graph.modules if inside is None or module == inside or module.startswith(f"{inside}.")}
    for module in sorted(members):
        modules[room_of(module)].add(module)
        for imported in sorted(graph.find_modules_directly_imported_by(module) & members):
            arrow = (room_of(module), room_of(imported))
            if arrow[0] != arrow[1]:
                imports[arrow].append((module, imported))
    return House(
        {room: frozenset(members) for room, members in modules.items()},
        {arrow: tuple(found) for arrow, found in sorted(imports.items())},
        read_layers(root) if inside is None else (),
    )


def read_layers(root: Path) -> tuple[frozenset[str], ...]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = [one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return tuple(frozenset(room.strip() for room in layer.split("|")) for layer in contract["layers"])


def lines_of(root: Path, modules: Iterable[str]) -> int:
    paths = [root.joinpath(*module.split(".")) for module in modules]
    files = [path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths]
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files if file.exists())


def table(house: House, root: Path = ROOT, *, arrows: bool = False) -> str:
    circle = house.circle()
    floors = {} if circle else house.floors()
    rows = [f"{'floor':>5}  {'room':<16} {'files':>5} {'lines':>6} {'out':>4} {'in':>4}"]
    for room in sorted(house.rooms, key=lambda room: (-floors.get(room, 0), room)):
        members = house.modules[room]
        cells = f"{len(members):>5} {lines_of(root, members):>6} {len(house.below(room)):>4} {len(house.above(room)):>4}"
        rows.append(f"{floors.get(room, '?'):>5}  {room:<16} {cells}")
        for below in house.below(room) if arrows else ():
            found = house.imports[room, below]
            some = "; ".join(f"{source} imports {target}" for source, target in found[:3])
            rows.append(f"{'':>9}to {below} ({len(found)}): {some}{' ...' if found[3:] else ''}")
    rows += [
        f"{len(house.rooms)} rooms, {max(floors.values(), default=0)} floors, {len(house.imports)} arrows",
        f"circle: {' from '.join(circle) or 'none'}",
    ]
    if house.layers:
        rows += [
            f"up: {', '.join(f'{source} to {target}' for source, target in house.up()) or 'none'}",
            f"on no floor of pyproject.toml: {', '.join(house.without_floor()) or 'none'}",
        ]
    return "\n".join(rows)


def main() -> None:
    description, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("root", metavar="ROOT", type=Path, nargs="?", default=ROOT)
    parser.add_argument("--arrows", action="store_true", help="name them, and the imports that make them")
    parser.add_argument("--inside", metavar="ROOM", help="such as nmt.search: the plan of this room")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.root.resolve()))
    house = read_house(arguments.root, inside=arguments.inside)
    print(table(house, arguments.root, arrows=arguments.arrows))


if __name__ == "__main__":
    main()
