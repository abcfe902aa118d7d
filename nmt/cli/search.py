"""Options of a search, made from the fields of SearchOptions: a field that is added there is an option here."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Optional

import typer
from pydantic.fields import FieldInfo

from nmt.config.search import ModelSearch, SearchOptions
from nmt.config.yaml import parse

Command = Callable[..., None]

_PHRASES = {"forbidden": "--forbid", "required": "--require"}


def search_options(given: Mapping[str, object]) -> SearchOptions:
    """Raises ConfigurationError where a value, or two together, will not do. None is not given."""
    there = {name: value for name, value in given.items() if value is not None}
    return parse(SearchOptions, there, where="search options")


def flags_of(options: SearchOptions) -> list[str]:
    """The options of a command that are not at their defaults."""
    changed = (name for name, field in SearchOptions.model_fields.items() if getattr(options, name) != field.default)
    return [_PHRASES.get(name, _flag(name)) for name in changed]


def takes_search_options(*names: str, **fixed: object) -> Callable[[Command], Command]:
    """A decorator: in place of its argument `options`, a command takes the fields of SearchOptions, or those of `names`.

    `fixed` are values of others that the command does not ask for.
    """
    fields = {name: SearchOptions.model_fields[name] for name in names or SearchOptions.model_fields}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> None:
            options = search_options({**fixed, **{name: given.pop(name) for name in fields if name in given}})
            command(options=options, **given)

        signature = inspect.signature(command, eval_str=True)
        shown: list[inspect.Parameter] = []
        for parameter in signature.parameters.values():
            shown += [_parameter(*field) for field in fields.items()] if parameter.name == "options" else [parameter]
        run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
        return run

    return decorate


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    text = re.sub(r"\b[a-z]+(_[a-z]+)+\b", lambda other: _flag(other[0]), field.description or "")
    text = f"{text[:1].upper()}{text[1:]}"
    if name in _PHRASES:
        option = typer.Option(_PHRASES[name], metavar="PHRASE", help=f"{text}; may be repeated.")
        annotation: Any = Annotated[list[str] | None, option]
        default = None
    else:
        own = name in ModelSearch.model_fields  # None where it is not given, and the model's own takes its place
        text, default = text if text.endswith(".") else f"{text}.", None if own else field.default
        shown = f"{field.default}, or the model's own" if own else True
        option = typer.Option(_flag(name), help=text, show_default=shown)
        annotation = Annotated[Optional[field.annotation] if own else field.annotation, option]  # noqa: UP045
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
