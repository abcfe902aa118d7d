"""Settings in YAML: read, changed from the command line, and checked, with what is wrong said in one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from nmt.errors import ConfigurationError

T = TypeVar("T", bound=BaseModel)


class Settings(BaseModel):
    """Frozen; an unknown key is an error, which `parse` tells with the nearest valid one."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises ConfigurationError."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict):
        raise ConfigurationError(f"{path}: should hold a mapping of keys to values")
    return tree


def parse(kind: type[T], tree: Mapping[str, Any], *, where: str) -> T:
    """`tree` as a `kind`; a ConfigurationError says where, which key, and the nearest valid key."""
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        problems = "; ".join(_describe(kind, problem) for problem in error.errors())
        raise ConfigurationError(f"{where}: {problems}") from error


def apply_override(tree: dict[str, Any], override: str) -> None:
    """Set what `key=value` (`training.max_updates=100`) says in a mapping read from YAML. Raises ConfigurationError."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigurationError(f"--set {override}: should be key=value, as in training.max_updates=100")
    *parents, leaf = key.split(".")
    node: Any = tree
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise ConfigurationError(f"--set {override}: {parent} is a value, not a section")
    try:
        node[leaf] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"--set {override}: {text!r} is not a YAML value") from error


def _describe(kind: type[BaseModel], problem: Any) -> str:
    location = [part for part in problem["loc"] if isinstance(part, str)]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        valid = sorted(_fields_at(kind, location[:-1]))
        near = difflib.get_close_matches(location[-1], valid, n=1, cutoff=0.0)
        return f"unknown key {key}; did you mean {near[0]}?" if near else f"unknown key {key}"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        return f"{key} is missing"
    shown = repr(problem["input"])
    given = "" if isinstance(problem["input"], dict) else f", not {shown if len(shown) <= 60 else shown[:57] + '...'}"
    return f"{key}: {message}{given}" if key else message


def _fields_at(kind: type[BaseModel], location: list[str]) -> Iterable[str]:
    for name in location:
        annotation: Any = kind.model_fields[name].annotation
        arguments = getattr(annotation, "__args__", ())
        kind = next((a for a in arguments if isinstance(a, type) and issubclass(a, BaseModel)), annotation)
    return kind.model_fields
