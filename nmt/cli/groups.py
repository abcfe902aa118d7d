"""Options that several commands have, declared once and handed to a command as one argument."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from nmt.cli import options as args
from nmt.config.search import SearchOptions
from nmt.config.yaml import parse

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Group:
    """Options by name, each with its declaration and its default, and what is made of those that are given."""

    options: Mapping[str, tuple[Any, object]]
    build: Callable[[dict[str, Any]], object]

    def parameters(self) -> list[inspect.Parameter]:
        """What a command that takes the options one by one would have."""
        return [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=declaration)
            for name, (declaration, default) in self.options.items()
        ]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a translator runs on, as Translator.load takes it."""

    device: str = "auto"
    threads: int | None = None
    runtime: str = "auto"

    def arguments(self) -> dict[str, Any]:
        return asdict(self)


def search_options(given: Mapping[str, object]) -> SearchOptions:
    """Raises ConfigurationError where a value, or two together, will not do. None is not given."""
    there = {name: value for name, value in given.items() if value is not None}
    return parse(SearchOptions, there, where="search options")


def search(*names: str) -> Group:
    """Those options of a search; all without names."""
    defaults = {name: SearchOptions.model_fields[name].default for name in names or args.SEARCH}
    options = {name: (args.SEARCH[name], None if default == () else default) for name, default in defaults.items()}
    return Group(options, search_options)


def _machine(given: dict[str, Any]) -> Machine:
    return Machine(**{name: value.value if isinstance(value, Enum) else value for name, value in given.items()})


MACHINE = Group(
    {
        "device": (args.Device, args.DeviceName.auto),
        "threads": (args.Threads, None),
        "runtime": (args.Runtime, args.RuntimeName.auto),
    },
    _machine,
)


def takes(**groups: Group) -> Callable[[Command], Command]:
    """The command takes, in place of each argument named here, the options of its group."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> None:
            for name, group in groups.items():
                given[name] = group.build({option: given.pop(option) for option in group.options if option in given})
            command(**given)

        signature = inspect.signature(command, eval_str=True)
        shown: list[inspect.Parameter] = []
        for parameter in signature.parameters.values():
            shown += groups[parameter.name].parameters() if parameter.name in groups else [parameter]
        run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
        return run

    return decorate
