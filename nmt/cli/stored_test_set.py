"""Test sets on this disk, as sacreBLEU lays them out: a folder with files NAME.PAIR.FIELD, of a line for each segment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sacrebleu.utils import filter_subset, get_available_origlangs, get_available_subsets

from nmt.errors import ConfigurationError
from nmt.files.lines import Lines
from nmt.files.places import TextInput


@dataclass(frozen=True, slots=True)
class StoredTestSet:
    """A test set for one pair of languages."""

    name: str
    pair: str
    fields: dict[str, TextInput]
    """The file of each field: src, ref or several ref:X, and what more there is, such as docid, origlang and domain."""

    @classmethod
    def find(cls, name: str, pair: str) -> StoredTestSet:
        """A folder, or what sacreBLEU has downloaded by this name. Raises ConfigurationError where there is neither."""
        home = Path(os.environ.get("SACREBLEU", Path.home() / ".sacrebleu"))
        folder = next((path for path in (Path(name), home / name) if path.is_dir()), None)
        if folder is None:
            raise ConfigurationError(
                f"--test-set {name}: is neither a folder nor in {home}; nmt downloads nothing, but "
                f"`sacrebleu --download {name} -l {pair}` does"
            )
        files = sorted(folder.glob(f"*.{pair}.*"))
        fields = {path.name.rpartition(f".{pair}.")[2].replace("-", ":"): TextInput(str(path)) for path in files}
        references, sources = [path for path in files if f".{pair}.ref" in path.name], folder.glob(f"*.{pair}.src")
        count = len(list(sources))
        if not references or count != 1:
            raise ConfigurationError(
                f"--test-set {folder}: should have the files NAME.{pair}.src and NAME.{pair}.ref; "
                f"has {count} and {len(references)} of them"
            )
        return cls(name=name, pair=pair, fields=fields)

    @property
    def source(self) -> TextInput:
        return self.fields["src"]

    @property
    def references(self) -> list[TextInput]:
        return [place for field, place in self.fields.items() if field.startswith("ref")]

    def columns(self, names: Sequence[str]) -> list[list[str]]:
        """The lines of these fields; `all` is every field. Raises ConfigurationError for one that there is not."""
        wanted = list(self.fields) if list(names) == ["all"] else list(names)
        if "ref" in wanted and "ref" not in self.fields:  # the first, as sacreBLEU has it
            wanted[wanted.index("ref")] = min(field for field in self.fields if field.startswith("ref"))
        for field in wanted:
            if field not in self.fields:
                raise ConfigurationError(f"--echo {field}: {self.name} has no such field; it has {', '.join(self.fields)}")
        return [[line.rstrip() for line in Lines(self.fields[field]).texts()] for field in wanted]

    def part(self, segments: int, *, origlang: str | None, subset: str | None) -> list[int]:
        """Segments of an original language (non-XX: of any other), whose domain matches a regular expression.

        Of sets whose fields don't say it, the raw files of sacreBLEU may. Raises ConfigurationError where nothing does.
        """
        kept = self._kept(segments, origlang, subset)
        if not kept:
            asked = [f"{key}={value}" for key, value in (("origlang", origlang), ("subset", subset)) if value is not None]
            raise ConfigurationError(f"--test-set {self.name}: contains no segment with {' and '.join(asked)}")
        return kept

    def parts(self, segments: int, *, origlang: str | None, subset: str | None) -> list[tuple[str, list[int]]]:
        """The parts that --detail tells apart, by sacreBLEU's names for them: each original language and its domains."""
        languages = [origlang] if origlang is not None else self._values("origlang", get_available_origlangs)
        domains = [subset] if subset is not None else self._values("domain", get_available_subsets)
        if not languages:
            raise ConfigurationError(f"--detail: nothing tells the original languages of {self.name}")
        found = []
        for language in languages:
            for domain in (None, *domains):
                if kept := self._kept(segments, language, domain):
                    country = domain is not None and domain.startswith("country:")
                    part = domain.removeprefix("country:") if domain is not None else "ALL"
                    found.append((f"origlang={language} {'country' if country else 'domain'}={part}", kept))
        return found

    def _values(self, field: str, available: Callable[[str, str], list[str]]) -> list[str]:
        """The values of a field, or those that sacreBLEU finds in its raw files."""
        if field in self.fields:
            return sorted(set(self.columns([field])[0]))
        try:
            return available(self.name, self.pair)
        except Exception:  # it has no classes for what is missing
            return []

    def _kept(self, segments: int, origlang: str | None, subset: str | None) -> list[int]:
        known = {"origlang": origlang, "domain": subset}
        if all(field in self.fields for field, value in known.items() if value is not None):
            return self._matching(segments, origlang, subset)
        try:
            [kept] = filter_subset([range(segments)], self.name, self.pair, origlang, subset)  # type: ignore[no-untyped-call]
        except Exception as error:  # as above
            raise ConfigurationError(
                f"--test-set {self.name}: neither fields origlang and domain nor sacreBLEU's raw file tell parts: {error}"
            ) from error
        return list(kept)

    def _matching(self, segments: int, origlang: str | None, subset: str | None) -> list[int]:
        kept = list(range(segments))
        if origlang is not None:
            (languages,) = self.columns(["origlang"])
            wanted, negated = origlang.removeprefix("non-"), origlang.startswith("non-")
            kept = [segment for segment in kept if (languages[segment] == wanted) is not negated]
        if subset is not None:
            (domains,) = self.columns(["domain"])
            try:
                kept = [segment for segment in kept if re.search(subset, domains[segment])]
            except re.error as error:
                raise ConfigurationError(f"--subset {subset}: should be a regular expression: {error}") from error
        return kept
