"""Settings in YAML: read, changed from the command line, checked and written, with what is wrong said in one line.

A file is YAML 1.2 in its core schema (yaml.org/spec/1.2.2, 10.3): the data of JSON and no more. `0500` is 500, `1e-3` is a
number, and `no`, `on`, `1:30`, `1_000` and `2026-01-31` are strings. Keys are strings as they are written.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from nmt.errors import ConfigurationError

T = TypeVar("T", bound=BaseModel)

MAX_DEPTH = 50  # sections within sections; a recipe has five
MAX_CHARACTERS = 200_000  # of a text
MAX_NODES = 5_000  # keys and values of a text, as written; the parser takes a second for 20,000
MAX_VALUES = 100_000  # of a file, aliases written out: nine lines of aliases of aliases would come to 10 ** 9
MAX_DIGITS = 20  # of a number; 2 ** 63 has 19
MAX_SHOWN = 60  # characters of a wrong value in a message


def _path(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path should not have a NUL character")
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} names a home folder that is not known here; write the path out") from error


SettingPath = Annotated[Path, AfterValidator(_path)]
"""A path in which `~` and `~user` are home folders, as in a shell."""


class Settings(BaseModel):
    """Frozen; an unknown key is an error, which `parse` tells with the nearest valid one."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises ConfigurationError."""
    try:
        tree = _load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    except _NotSettings as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not isinstance(tree, dict):
        raise ConfigurationError(f"{path}: should hold a mapping of keys to values")
    return tree


def to_yaml(tree: Any) -> str:
    """`tree`, of JSON's types, as YAML that `read_yaml` and readers of YAML 1.1 read alike."""
    text: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


def parse(kind: type[T], tree: Mapping[str, Any], *, where: str) -> T:
    """`tree` as a `kind`; a ConfigurationError says where, which key, and the nearest valid key.

    Types are as strict as JSON's: a boolean is no number, a number no boolean, and a string neither.
    """
    try:
        # From JSON, and only from there, a strict model takes lists for tuples and strings for paths.
        return kind.model_validate_json(to_json(tree), strict=True)
    except PydanticSerializationError as error:
        raise ConfigurationError(f"{where}: holds what is not text: {error}") from error
    except ValidationError as error:
        found = error.errors()
        # A list that would be empty without its wrong items is none that lacks items.
        problems = [one for one in found if not any(_is_within(other["loc"], one["loc"]) for other in found)]
        raise ConfigurationError(f"{where}: {'; '.join(_describe(kind, one) for one in problems)}") from error


def _is_within(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def apply_override(tree: dict[str, Any], override: str) -> None:
    """Set what `key=value` (`training.max_updates=100`) says in a mapping read from YAML.

    A mapping (`training={seed: 3}`) changes the keys that it has and leaves the rest of the section.
    Raises ConfigurationError.
    """
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigurationError(f"--set {override}: should be key=value, as in training.max_updates=100")
    *sections, name = key.split(".")
    node: Any = tree
    for section in sections:
        node = node.setdefault(section, {})
        if not isinstance(node, dict):
            raise ConfigurationError(f"--set {override}: {section} is a value, not a section")
    try:
        _merge(node, {name: _load(text)})
    except _NotSettings as error:
        raise ConfigurationError(f"--set {override}: {error}") from error


def _merge(section: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(section.get(key), dict):
            _merge(section[key], value)
        else:
            section[key] = value


# --- from text to data ---


class _NotSettings(Exception):
    """Text is not YAML, or has what settings should not have; says in which line."""


_NULL, _BOOL, _INT, _FLOAT, _STR = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
_CORE_SCHEMA = {
    tag: re.compile(rf"(?:{pattern})\Z")
    for tag, pattern in {
        _NULL: r"~|null|Null|NULL|",
        _BOOL: r"true|True|TRUE|false|False|FALSE",
        _INT: r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        _FLOAT: r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    }.items()
}


class _Composer(yaml.SafeLoader):
    """PyYAML's parser up to a tree of nodes, whose plain scalars have the types of the core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # where PyYAML looks for them
    _depth = _nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # PyYAML calls this for each level from the one above, and at each token looks at every open level.
        self._depth += 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _NotSettings(f"line {self.line + 1}: there are more than {MAX_NODES:,} keys and values")
        if self._depth > MAX_DEPTH:
            raise _NotSettings(f"line {self.line + 1}: nested more than {MAX_DEPTH} levels deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Dumper(yaml.SafeDumper):
    """Quotes a string that would be something else in YAML 1.1 or in YAML 1.2."""


for _tag, _pattern in _CORE_SCHEMA.items():
    _Composer.add_implicit_resolver(_tag, _pattern, None)
    _Dumper.add_implicit_resolver(_tag, _pattern, None)


def _load(text: str) -> Any:
    """The data of a YAML document. Raises _NotSettings."""
    if len(text) > MAX_CHARACTERS:
        raise _NotSettings(f"has more than {MAX_CHARACTERS:,} characters")
    try:
        node = _Composer(text).get_single_node()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two for characters beyond Unicode
        raise _NotSettings(f"not valid YAML: {' '.join(str(error).split())}") from error
    return None if node is None else _Builder().data(node, depth=1)


class _Builder:
    """Data from nodes, aliases written out, so that no two sections are one object."""

    def __init__(self) -> None:
        self._values = 0

    def data(self, node: yaml.Node, *, depth: int) -> Any:
        self._check_size(node, depth=depth)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode) and node.tag == yaml.resolver.Resolver.DEFAULT_SEQUENCE_TAG:
            return [self.data(item, depth=depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode) and node.tag == yaml.resolver.Resolver.DEFAULT_MAPPING_TAG:
            return self._mapping(node, depth=depth)
        raise _refusal(node, f"there are no values of the kind {node.tag} in settings")

    def _check_size(self, node: yaml.Node, *, depth: int) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _refusal(node, f"there are more than {MAX_VALUES:,} values, aliases written out")
        if depth > MAX_DEPTH:
            raise _refusal(node, f"nested more than {MAX_DEPTH} levels deep, aliases written out")

    def _mapping(self, node: yaml.MappingNode, *, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in self._entries(node, depth=depth):
            if key.value in mapping:
                raise _NotSettings(f"key {key.value} is given twice, in line {lines[key.value]} and in line {_line(key)}")
            mapping[key.value] = self.data(value, depth=depth + 1)
            lines[key.value] = _line(key)
        return mapping

    def _entries(self, node: yaml.MappingNode, *, depth: int) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values of a mapping; in place of `<<`, those of the mapping or mappings that are merged into it."""
        self._check_size(node, depth=depth)
        merges: list[int] = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal(key, "a key should be a word")
            if key.value != "<<" or key.style is not None:
                yield key, value
                continue
            if merges:
                raise _NotSettings(f"key << is given twice, in line {merges[0]} and in line {_line(key)}")
            merges.append(_line(key))
            for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(merged, yaml.MappingNode):
                    raise _refusal(key, "<< should have a mapping, or a list of mappings")
                yield from self._entries(merged, depth=depth + 1)


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text: str = node.value
    if node.tag == _STR:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise _refusal(node, "holds a lone surrogate, which is not text")
        return text
    if node.tag not in _CORE_SCHEMA or not _CORE_SCHEMA[node.tag].match(text):
        raise _refusal(node, f"{_shown(text)} is no value of the kind {node.tag}")
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text.lower() == "true"
    if node.tag == _FLOAT:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    # Python takes long to read many digits, and refuses more than 4,300.
    number = None if len(text.lstrip("+-0")) > MAX_DIGITS else int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if number is None or not -(2**63) <= number < 2**63:
        raise _refusal(node, f"{_shown(text)} is more than any setting takes")
    return number


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _refusal(node: yaml.Node, reason: str) -> _NotSettings:
    return _NotSettings(f"line {_line(node)}: {reason}")


# --- from a complaint of pydantic to a sentence ---


def _describe(kind: type[BaseModel], problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(problem["loc"][-1], sorted(_keys_at(kind, problem["loc"][:-1])), n=1, cutoff=0.0)
        return f"unknown key {key}; did you mean {near[0]}?" if near else f"unknown key {key}"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        return f"{key} is missing"
    if problem["type"] == "too_short":
        message = f"should have {problem['ctx']['min_length']} or more"
    value = problem["input"]
    given = "" if isinstance(value, dict) else f", not {_shown(value)}"
    if problem["type"] == "string_type" and isinstance(value, bool | int | float):
        given += "; a word that is also a number, true or false is written in quotes"
    if problem["type"] == "bool_type" and isinstance(value, str):
        given += "; write true or false, without quotes"
    if problem["type"] == "literal_error" and isinstance(value, str):
        choices = re.findall("'([^']*)'", problem["ctx"]["expected"])
        near = difflib.get_close_matches(value.lower(), choices, n=1)
        given += f"; did you mean {near[0]}?" if near else ""
    return f"{key}: {message}{given}" if key else message


def _shown(value: object) -> str:
    """`value` for a message: strings in quotation marks, all else as YAML has it."""
    shown = repr(value) if isinstance(value, str) else json.dumps(value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 3] + "..."


def _keys_at(kind: type[BaseModel], location: Iterable[str | int]) -> Iterable[str]:
    """The keys of the section at `location` in a `kind`; the names of a table and the numbers of a list lead no deeper."""
    for part in location:
        if part in kind.model_fields:
            kind = next(_sections(kind.model_fields[str(part)].annotation), kind)
    return kind.model_fields


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections(argument)
