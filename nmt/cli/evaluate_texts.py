"""The texts that `nmt evaluate` compares, read and checked: as many lines each, none twice, none empty."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nmt.cli.evaluate_options import Explanation, Texts
from nmt.cli.stored_test_set import StoredTestSet
from nmt.config.language import registered_tag
from nmt.errors import ConfigurationError, CorpusError, InputError
from nmt.evaluation.analysis import Evidence
from nmt.evaluation.comparison import System
from nmt.evaluation.metrics import TestSet
from nmt.files.lines import Lines
from nmt.files.places import STANDARD, TextInput, refuse_sharing

BASELINE = "Baseline"

Parts = tuple[tuple[str, list[int]], ...]
"""Name and segments of each part that --detail tells apart."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What there is to compare. Each text has as many lines."""

    references: tuple[Sequence[str], ...]
    systems: tuple[System, ...]
    source: Sequence[str] | None
    source_file: TextInput | None
    source_language: str
    language: str
    files: tuple[TextInput, ...]
    evidence: Evidence
    parts: Parts
    complaints: tuple[str, ...]

    def test_set(self, *, source_language: str, language: str) -> TestSet:
        """The languages are those of the model, where there is one."""
        return TestSet(
            references=self.references,
            language=self.language or language,
            sources=self.source,
            source_language=self.source_language or source_language,
        )


def read(texts: Texts, explanation: Explanation, *, paired: bool, translated: bool) -> Compared:
    """Read all texts. `paired`: the first system is a baseline. `translated`: a model makes translations of the source.

    Raises ConfigurationError where they are not given as they should be, CorpusError where one has another number of lines,
    InputError where one is empty.
    """
    # 1. Which files.
    language = _language(texts)
    source, references = texts.source, _references(texts)
    if (stored := _stored(texts, references)) is not None:
        source, references = source or stored.source, stored.references
    if not references:
        raise ConfigurationError("there is no reference; give one or more, as in nmt evaluate REFERENCE -i SYSTEM")
    hypotheses = _hypotheses(texts, paired=paired, translated=translated)
    names = [place.name for place in hypotheses]
    _refuse_twice(names, "system")
    _refuse_twice([place.name for place in references], "reference")
    labels = (explanation.domains, explanation.documents)
    refuse_sharing(source, *references, *hypotheses, *labels, explanation.train, explanation.glossary)
    # 2. Their lines, as many of each.
    reader = _Reader(encoding=texts.encoding)
    source_text = None if source is None else reader.text(source)
    reference_texts: list[list[str]] = []
    for place in references:
        reference_texts += reader.columns(place, texts.num_refs) if texts.num_refs > 1 else [reader.text(place)]
    if texts.hypotheses or translated:
        outputs = [reader.text(place) for place in hypotheses]
    else:
        outputs = reader.columns(hypotheses[0])
        names = [f"System {number}" for number in range(1, len(outputs) + 1)]
    domains, documents = (None if place is None else reader.text(place) for place in labels)
    reader.check()
    # 3. The segments that are scored.
    segments, parts = _segments(texts, stored, count=len(reference_texts[0]))
    reference_texts = [[text[at] for at in segments] for text in reference_texts]
    outputs = [[text[at] for at in segments] for text in outputs]
    source_text, domains, documents = (
        None if text is None else [text[at] for at in segments] for text in (source_text, domains, documents)
    )
    # 4. What is compared.
    evidence = Evidence(
        training=None if explanation.train is None else _pairs(explanation.train),
        domains=domains,
        documents=documents,
        terms=() if explanation.glossary is None else tuple(_pairs(explanation.glossary)),
    )
    systems = _grouped(names, outputs, texts.seeds)
    if paired and systems:
        systems = _with_baseline(systems, are_named=bool(texts.hypotheses))
    return Compared(
        references=tuple(reference_texts),
        systems=systems,
        source=source_text,
        source_file=source,
        source_language=(texts.language_pair or "").partition("-")[0],
        language=language,
        files=tuple(
            place
            for place in (source, *references, *hypotheses, *labels, explanation.train, explanation.glossary)
            if place is not None
        ),
        evidence=evidence,
        parts=parts,
        complaints=tuple(reader.complaints()),
    )


def _hypotheses(texts: Texts, *, paired: bool, translated: bool) -> list[TextInput]:
    """The files of the systems: standard input where there is none and no model. Raises ConfigurationError."""
    hypotheses = list(texts.hypotheses or [])
    if not hypotheses and not translated:
        if texts.reference:
            raise ConfigurationError("give either --model and --source, or --hypothesis")
        hypotheses = [TextInput(STANDARD)]
    if not paired:
        return hypotheses
    # As `sacrebleu`: *.txt may have the baseline in it.
    return hypotheses[:1] + [place for place in hypotheses[1:] if place.name != hypotheses[0].name]


def _segments(texts: Texts, stored: StoredTestSet | None, *, count: int) -> tuple[Sequence[int], Parts]:
    """The segments that are scored, of `count`, and the parts that are scored by themselves, by their places among these.

    Raises ConfigurationError where parts are asked for and the test set is none on disk.
    """
    if stored is None:
        if texts.detail:
            raise ConfigurationError("--detail is for a test set on disk; name it by --test-set and --language-pair")
        return range(count), ()
    kept = stored.part(count, origlang=texts.origlang, subset=texts.subset)
    if not texts.detail:
        return kept, ()
    places = {segment: place for place, segment in enumerate(kept)}
    parts = stored.parts(count, origlang=texts.origlang, subset=texts.subset)
    return kept, tuple((name, [places[segment] for segment in part]) for name, part in parts)


class _Reader:
    """Reads texts, each once, and remembers how many lines they have."""

    def __init__(self, *, encoding: str) -> None:
        self._lines: list[Lines] = []
        self._encoding = encoding

    def text(self, place: TextInput) -> list[str]:
        return [line.rstrip() for line in self._read(place)]

    def columns(self, place: TextInput, count: int | None = None) -> list[list[str]]:
        """The columns of a text: `count`, or as many as its first line has."""
        text = self._read(place)
        wanted = count or text[0].count("\t") + 1 if text else 1
        rows = [line.split("\t", wanted - 1 if count else -1) for line in text]
        for number, row in enumerate(rows, 1):
            if len(row) != wanted:
                reason = "of --num-refs" if count else "of the first"
                raise CorpusError(f"{place.name}: line {number} has {len(row)} columns, not the {wanted} {reason}")
        return [[cell.rstrip() for cell in column] for column in zip(*rows, strict=True)]

    def _read(self, place: TextInput) -> list[str]:
        lines = Lines(place, encoding=self._encoding)
        self._lines.append(lines)
        return list(lines.texts())

    def check(self) -> None:
        """Raises InputError where a text is empty, CorpusError where they differ in length."""
        for lines in self._lines:
            if not lines.count:
                raise InputError(f"{lines.name}: is empty; there is nothing to score")
        if len({lines.count for lines in self._lines}) > 1:
            counts = ", ".join(f"{lines.name} {lines.count:,}" for lines in self._lines)
            raise CorpusError(f"the files have different numbers of lines: {counts}; each needs a line for each segment")

    def complaints(self) -> Iterator[str]:
        return (complaint for lines in self._lines if (complaint := lines.complaint()))


def _pairs(place: TextInput) -> Iterator[tuple[str, str]]:
    """The first two columns of a table; lines without a second are passed over."""
    for line in Lines(place).texts():
        source, tab, rest = line.partition("\t")
        if tab and source.strip():
            yield source.strip(), rest.partition("\t")[0].strip()


def _references(texts: Texts) -> list[TextInput]:
    references = [*(texts.references or []), *(texts.reference or [])]
    if texts.references and texts.reference:
        raise ConfigurationError("references are given both as arguments and by --reference; use one of the two")
    if texts.num_refs > 1 and len(references) > 1:
        raise ConfigurationError("--num-refs is for one file that has all references, with tabs between them")
    return references


def _language(texts: Texts) -> str:
    if texts.language_pair is not None and texts.language_pair.count("-") < 1:
        raise ConfigurationError(f"--language-pair {texts.language_pair}: should be two languages, such as de-en")
    source, _, target = (texts.language_pair or "").partition("-")
    for code in filter(None, (source, target, texts.language)):
        registered_tag(code)
    return texts.language or target


def _stored(texts: Texts, references: Sequence[TextInput]) -> StoredTestSet | None:
    """The test set that is named. Raises ConfigurationError where options don't go with it, or want one."""
    if texts.test_set is None:
        asked = {"--echo": texts.echo, "--origlang": texts.origlang, "--subset": texts.subset}
        for option, given in asked.items():
            if given is not None:
                raise ConfigurationError(f"{option} is for a test set on disk; name it by --test-set and --language-pair")
        return None
    if references:
        raise ConfigurationError("give either --test-set or references")
    if texts.language_pair is None:
        raise ConfigurationError("--test-set needs a language pair, such as --language-pair de-en")
    return StoredTestSet.find(texts.test_set, texts.language_pair)


def echoed(texts: Texts) -> str | None:
    """The fields of the test set that --echo asks for, with tabs between; None where it asks for nothing."""
    stored = _stored(texts, _references(texts))
    if stored is None or texts.echo is None:
        return None
    columns = stored.columns(texts.echo)
    kept = stored.part(len(columns[0]), origlang=texts.origlang, subset=texts.subset)
    return "".join("\t".join(column[segment] for column in columns) + "\n" for segment in kept)


def _refuse_twice(names: Sequence[str], kind: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigurationError(f"{name}: is given twice as a {kind}; each should be another file")


def _grouped(names: Sequence[str], outputs: Sequence[Sequence[str]], seeds: int) -> tuple[System, ...]:
    """Systems of so many runs each."""
    if len(outputs) % seeds:
        raise ConfigurationError(f"--seeds {seeds} does not divide the {len(outputs)} files into systems of as many runs")
    systems = []
    for start in range(0, len(outputs), seeds):
        group = names[start : start + seeds]
        name = os.path.commonprefix(group)  # noqa: RUF071 - by characters, as in base.1 and base.2
        name = group[0] if seeds == 1 else name.rstrip("._-/") or " ".join(group)
        systems.append(System(name=name, runs=tuple(outputs[start : start + seeds])))
    return tuple(systems)


def _with_baseline(systems: Sequence[System], *, are_named: bool) -> tuple[System, ...]:
    """Systems by the names that sacreBLEU has for them in a test, numbered from the one after the baseline."""
    if are_named:
        names = [f"{BASELINE}: {systems[0].name}", *(system.name for system in systems[1:])]
    else:
        names = [BASELINE, *(system.name for system in systems[:-1])]
    return tuple(replace(system, name=name) for system, name in zip(systems, names, strict=True))
