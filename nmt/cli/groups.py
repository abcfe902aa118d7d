"""Options of a command that belong together: a dataclass, each of whose fields is an option."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

Command = Callable[..., None]


def takes_groups(**groups: type) -> Callable[[Command], Command]:
    """A decorator: in place of each argument that is named here, a command takes the fields of its dataclass.

    The fields are annotated as arguments of a command are (`nmt.cli.options`).
    """
    hints = {name: get_type_hints(group, include_extras=True) for name, group in groups.items()}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> None:
            made = {
                name: group(**{field: given.pop(field) for field in hints[name] if field in given})
                for name, group in groups.items()
            }
            command(**made, **given)

        shown: list[inspect.Parameter] = []
        signature = inspect.signature(command, eval_str=True)
        for parameter in signature.parameters.values():
            if parameter.name not in groups:
                shown.append(parameter)
                continue
            shown += [
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
                    annotation=hints[parameter.name][field.name],
                )
                for field in dataclasses.fields(groups[parameter.name])
            ]
        run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
        return run

    return decorate
