"""What is given to the library: checked, so that a mistake is an error in one line, and each read once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from nmt.config.search import SearchOptions
from nmt.errors import ConfigurationError, InputError
from nmt.translate.plan import checked

T = TypeVar("T")


def pairs_of(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A source and a target each. Raises InputError."""
    pairs = each_of(given, "pairs", of="pairs of a source and a target")
    for number, pair in enumerate(pairs, 1):
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise InputError(f"pair {number} should be two texts, a source and a target, not {pair!r:.80}")
        for text in pair:
            checked(text)
    return [(source, target) for source, target in pairs]


def each_of(given: Iterable[T], name: str, *, of: str) -> list[T]:
    """All of them, which are `of` a kind; one that can be read once is read. Raises InputError."""
    return list(iterated(given, name, of=of))


def iterated(given: Iterable[T], name: str, *, of: str) -> Iterator[T]:
    """The same, one after the other. Raises InputError."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{name} should be a list or another iterable of {of}, not {type(given).__name__}")
    return iter(given)


def check_names(given: Iterable[str], function: Callable[..., Any]) -> None:
    """Raises ConfigurationError for what is no option of the search, with the nearest that is, or that `function` takes."""
    for name in given:
        if name not in SearchOptions.model_fields:
            known = [*SearchOptions.model_fields, *(getattr(function, "__kwdefaults__", None) or ())]
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise ConfigurationError(f"unknown option {name}; did you mean {nearest}?")
