"""The files of a folder, or of a pattern of names: each folder once, whatever links lead to it.

The `glob` of Python follows a link to a folder that it is in as often as the system lets it, and passes over what it may
not read without a word.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from nmt.errors import InputError

_MAGIC = re.compile(r"[*?\[]")
_Places = dict[Path, bool]
"""Paths, and whether they are hidden: a name in them that a wildcard stands for begins with a dot."""


def is_pattern(name: str) -> bool:
    """Whether a name has wildcards."""
    return bool(_MAGIC.search(name))


@dataclass(slots=True)
class Tree:
    """Files below `base`, in order. They may be links that lead nowhere, pipes and devices."""

    base: Path
    files: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)
    again: list[Path] = field(default_factory=list)
    """Links to folders that are there under another name."""

    @classmethod
    def of(cls, source: Path) -> Tree:
        """All of a folder, or what a pattern such as docs/**/*.md stands for. Raises InputError where it may not be read."""
        parts = source.parts
        first = next((number for number, part in enumerate(parts) if is_pattern(part)), len(parts))
        if source.is_dir():
            first, parts = len(parts), (*parts, "**", "*")
        tree = cls(Path(*parts[:first]))
        for path, is_hidden in sorted(tree._found(parts[first:]).items()):
            (tree.hidden if is_hidden else tree.files).append(path)
        return tree

    def _found(self, pattern: Sequence[str]) -> _Places:
        folders: _Places = {self.base: False}
        *leading, last = (*pattern, "*") if pattern[-1] == "**" else pattern
        for part in leading:
            inner = self._below(folders) if part == "**" else _matching(folders, part)
            folders = {path: is_hidden for path, is_hidden in inner if os.path.isdir(path)}
        return {path: is_hidden for path, is_hidden in _matching(folders, last) if not os.path.isdir(path)}

    def _below(self, folders: _Places) -> Iterator[tuple[Path, bool]]:
        """`folders`, and all within them. One to which links lead as well has the name that it has without them."""
        waiting, links = deque(folders.items()), deque[tuple[Path, bool]]()
        seen: set[tuple[int, int]] = set()
        while waiting or links:
            folder, is_hidden = (waiting or links).popleft()
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                self.again.append(folder)
                continue
            seen.add((status.st_dev, status.st_ino))
            yield folder, is_hidden
            for path, hides in _matching({folder: is_hidden}, "*"):
                if os.path.isdir(path):
                    (links if path.is_symlink() else waiting).append((path, hides))


def _matching(folders: _Places, part: str) -> Iterator[tuple[Path, bool]]:
    """What is in `folders` under a name, or names that a part of a pattern stands for."""
    for folder, is_hidden in folders.items():
        if not is_pattern(part):
            if os.path.lexists(folder / part):
                yield folder / part, is_hidden
            continue
        for name in _names(folder, is_hidden=is_hidden):
            if fnmatchcase(name, part):
                yield folder / name, is_hidden or (name.startswith(".") and not part.startswith("."))


def _names(folder: Path, *, is_hidden: bool) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        if is_hidden:
            return []
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from error
