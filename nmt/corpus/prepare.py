"""From raw parallel text to what training reads: cleaned text, a joint subword vocabulary, arrays of ids.

Text for a language model becomes pairs whose source is empty, in the vocabulary of a translation model.

Text is streamed: memory grows with the number of pairs only by the hashes that find duplicates, and by the at most
`TOKENIZER_SENTENCES` sentences that the vocabulary is learned from. The same input gives the same output, to the byte.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from nmt.config.recipe import AnyRecipe, PreparationConfig, Recipe, TextConfig, TextPreparationConfig
from nmt.corpus import auto
from nmt.corpus.arrays import ArrayWriter, token_dtype
from nmt.corpus.clean import Filter, PairHashes, clean, training_filters, validation_filters
from nmt.corpus.parallel import Corpus, ReadingReport, SentencePair, corpus_files, read_pairs
from nmt.corpus.prepared import recipe_name
from nmt.errors import ConfigurationError, CorpusError, ModelDirectoryError, VocabularySizeError
from nmt.files.atomic import current
from nmt.files.digest import sha256
from nmt.text.tokenizer import Tokenizer, train_tokenizer

TOKENIZER_SENTENCES = 1_000_000
SIDES = ("source", "target")


@dataclass(frozen=True)
class CorpusReport:
    """What became of the pairs of one corpus of the recipe."""

    name: str
    read: int
    kept: int
    dropped: dict[str, int]
    """Per filter, those that dropped nothing included."""
    other_domain: int
    invalid_utf8: int
    blank: int
    """Lines of a table with nothing in them, which were left out."""
    malformed: int
    """Lines of a table that are no row of it, which were left out."""


@dataclass(frozen=True)
class PreparationReport:
    """What a preparation did; `str` of it is a table for people."""

    corpora: tuple[CorpusReport, ...]
    vocabulary_size: int
    train_pairs: int
    valid_pairs: int
    source_tokens: int
    target_tokens: int
    picked: tuple[str, ...] = ()
    """What `recipe: auto` decided, and why."""

    def rows(self) -> list[tuple[str, str]]:
        """(what, how many), in the order in which it happened."""
        rows: list[tuple[str, str]] = []
        for corpus in self.corpora:
            rows.append((corpus.name, ""))
            left_out = (
                ("  blank lines, left out", corpus.blank),
                ("  lines with too few columns, left out", corpus.malformed),
                ("  of other domains", corpus.other_domain),
            )
            rows.extend((label, f"{count:,}") for label, count in left_out if count)
            rows.append(("  read", f"{corpus.read:,}"))
            rows.extend((f"  dropped: {name}", f"{count:,}") for name, count in corpus.dropped.items() if count)
            if corpus.invalid_utf8:
                rows.append(("  lines with invalid UTF-8, replaced", f"{corpus.invalid_utf8:,}"))
            rows.append(("  kept", f"{corpus.kept:,}"))
        what = "pairs" if self.source_tokens else "sentences"
        rows.append((f"{what} to train on", f"{self.train_pairs:,}"))
        rows.append((f"{what} to validate on", f"{self.valid_pairs:,}"))
        rows.append(("vocabulary", f"{self.vocabulary_size:,}"))
        if self.source_tokens:
            rows.append(("source tokens to train on", f"{self.source_tokens:,}"))
        rows.append(("target tokens to train on", f"{self.target_tokens:,}"))
        return rows

    def __str__(self) -> str:
        rows = self.rows()
        label_width = max(len(label) for label, _ in rows)
        number_width = max(len(number) for _, number in rows)
        table = (f"{label:{label_width}}  {number:>{number_width}}".rstrip() for label, number in rows)
        return "\n".join((*table, *(f"picked {line}" for line in self.picked)))


def prepare(recipe: AnyRecipe, *, corpora: Path, output: Path, name: str | None = None) -> PreparationReport:
    """Write the folder `output` from the corpora that `recipe`, called `name`, names, relative to the folder `corpora`.

    An earlier preparation there, of a recipe of the same name, is replaced once the new one is complete. Raises CorpusError
    and InputError naming file and line, and ConfigurationError for a vocabulary that is not there or does not fit the text,
    or an `output` that holds something else or another recipe's text.
    """
    _check_replaceable(output, name)
    work = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        work.mkdir(parents=True)
        try:
            report = _prepare_into(work, recipe, corpora, name)
            _put_in_place(work, output)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise CorpusError(f"{output}: cannot be written: {error.strerror or error}") from error
    return report


def _check_replaceable(output: Path, name: str | None) -> None:
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    if not (output / "report.json").is_file():
        raise ConfigurationError(f"{output}: holds something else than prepared text; name a new or empty folder")
    other = recipe_name(output)
    if name is not None and other not in (None, name):
        raise ConfigurationError(
            f"{output}: holds the text of another recipe, {other}, which would be lost; name another --output for {name}"
        )


def _prepare_into(work: Path, recipe: AnyRecipe, corpora: Path, name: str | None) -> PreparationReport:
    config = recipe.preparation
    validation = PairHashes()
    valid_reports = _write_text(work, "valid", config.valid, corpora, validation_filters(), remember=validation)
    languages = (recipe.source_language, recipe.target_language) if isinstance(recipe, Recipe) else (recipe.language,) * 2
    filters = training_filters(config, source_language=languages[0], target_language=languages[1], validation=validation)
    train_reports = _write_text(work, "train", config.train, corpora, filters, remember=None)
    test_reports = [
        report
        for name, test in config.test.items()
        for report in _write_text(work, f"test.{name}", test, corpora, [], remember=None)
    ]
    train_pairs = sum(report.kept for report in train_reports)

    settled = _settle(recipe, work, train_pairs)
    (work / "tokenizer.model").write_bytes(settled.tokenizer.model_bytes)
    tokens = [_tokenise(work, side, settled.tokenizer) for side in SIDES]

    report = PreparationReport(
        corpora=(*valid_reports, *train_reports, *test_reports),
        vocabulary_size=settled.tokenizer.vocabulary_size,
        train_pairs=train_pairs,
        valid_pairs=sum(report.kept for report in valid_reports),
        source_tokens=tokens[0],
        target_tokens=tokens[1],
        picked=tuple(map(str, auto.without(settled.picks, auto.given(recipe)))) if isinstance(recipe, Recipe) else (),
    )
    _write_report(work, report, settled, corpora, name)
    return report


@dataclass(frozen=True)
class _Settled:
    recipe: AnyRecipe
    """With nothing left open."""
    tokenizer: Tokenizer
    picks: tuple[auto.Pick, ...] = ()
    picked_for: dict[str, int] | None = None
    """What `auto.as_prepared` picks anew from, where training has other batches."""


def _settle(recipe: AnyRecipe, work: Path, train_pairs: int) -> _Settled:
    """What `recipe` leaves open is picked; its vocabulary is never picked too large."""
    if not isinstance(recipe, Recipe):
        return _Settled(recipe, _vocabulary_of(recipe.preparation))
    if recipe.recipe != "auto":
        return _Settled(recipe, _learn_vocabulary(recipe.preparation, work, train_pairs))
    with (work / "train.target").open(encoding="utf-8", newline="\n") as text:
        words = auto.count_words(text)
    training = recipe.training
    batch_tokens = training.batch_tokens if "batch_tokens" in training.model_fields_set else None
    picks = auto.pick(pairs=train_pairs, target_words=words, batch_tokens=batch_tokens, accumulate=training.accumulate)
    settled = auto.settle(recipe, picks)
    if auto.VOCABULARY in auto.given(recipe):
        tokenizer = _learn_vocabulary(settled.preparation, work, train_pairs)
        picks = auto.without(picks, {auto.VOCABULARY})
    else:
        tokenizer = _fit_vocabulary(settled.preparation, work, train_pairs)
        picks = auto.fitted(picks, tokenizer.vocabulary_size)
    picked_for = {"target_words": words, "update_tokens": auto.update_tokens(settled)}
    return _Settled(auto.settle(recipe, picks), tokenizer, picks, picked_for)


def _vocabulary_of(config: TextPreparationConfig) -> Tokenizer:
    try:
        return Tokenizer.load(current(config.vocabulary_of, "tokenizer.model"))
    except ModelDirectoryError as error:
        raise ConfigurationError(
            f"preparation.vocabulary_of: should be the directory of a translation model, to have its vocabulary: {error}"
        ) from error


def _learn_vocabulary(config: PreparationConfig, work: Path, train_pairs: int) -> Tokenizer:
    return train_tokenizer(
        _tokenizer_sentences(work, train_pairs),
        vocabulary_size=config.vocabulary_size,
        kind=config.tokenizer,
        character_coverage=config.character_coverage,
        words=sorted({corpus.tag for corpus in config.train if corpus.tag}),
    )


def _fit_vocabulary(config: PreparationConfig, work: Path, train_pairs: int) -> Tokenizer:
    """The same in the size that the text has room for."""
    try:
        return _learn_vocabulary(config, work, train_pairs)
    except VocabularySizeError as error:
        wanted, possible = config.vocabulary_size, error.possible
        # Where the characters alone are more than was wanted, so many merges come on top of them, if there are so many.
        size = possible if possible < wanted else possible + wanted
        return _fit_vocabulary(config.model_copy(update={"vocabulary_size": size}), work, train_pairs)


def _write_text(
    work: Path,
    split: str,
    corpora: Sequence[Corpus],
    folder: Path,
    filters: list[Filter],
    *,
    remember: PairHashes | None,
) -> list[CorpusReport]:
    reports = []
    with (
        (work / f"{split}.source").open("w", encoding="utf-8", newline="\n") as source,
        (work / f"{split}.target").open("w", encoding="utf-8", newline="\n") as target,
    ):
        for corpus in corpora:
            reading, dropped = ReadingReport(), Counter({name: 0 for name, _ in filters})
            for pair in clean(read_pairs(corpus, folder, reading), filters, dropped):
                source.write(_source(pair, corpus) + "\n")
                target.write(pair.target + "\n")
                if remember is not None:
                    remember.add(pair)
            reports.append(_corpus_report(split, corpus, reading, dropped))
    if not any(report.kept for report in reports):
        reasons = ", ".join(f"{name} {count}" for report in reports for name, count in report.dropped.items() if count)
        raise CorpusError(f"preparation.{split}: the filters left no pair; dropped: {reasons}")
    return reports


def _source(pair: SentencePair, corpus: Corpus) -> str:
    """What a model reads: nothing where it is a language model."""
    if isinstance(corpus, TextConfig):
        return ""
    return f"{corpus.tag} {pair.source}" if corpus.tag else pair.source


def _corpus_report(split: str, corpus: Corpus, reading: ReadingReport, dropped: Counter[str]) -> CorpusReport:
    return CorpusReport(
        name=f"{split}: {' + '.join(path.as_posix() for path in corpus_files(corpus))}",
        read=reading.pairs,
        kept=reading.pairs - dropped.total(),
        dropped=dict(dropped),
        other_domain=reading.other_domain,
        invalid_utf8=reading.invalid_utf8,
        blank=reading.blank,
        malformed=reading.malformed,
    )


def _tokenizer_sentences(work: Path, pairs: int) -> Iterator[str]:
    """Both sides of pairs evenly spread over the training text."""
    every = -(-2 * pairs // TOKENIZER_SENTENCES)
    for pair in islice(_read_prepared(work), 0, None, every):
        yield from pair


def _read_prepared(work: Path) -> Iterator[SentencePair]:
    with (
        (work / "train.source").open(encoding="utf-8", newline="\n") as source,
        (work / "train.target").open(encoding="utf-8", newline="\n") as target,
    ):
        for pair in zip(source, target, strict=True):
            yield SentencePair(*(side.removesuffix("\n") for side in pair))


def _tokenise(work: Path, side: str, tokenizer: Tokenizer) -> int:
    """Write the ids of one side, all sentences end to end, and where each begins; the number of ids."""
    total = 0
    with (
        (work / f"train.{side}").open(encoding="utf-8", newline="\n") as text,
        ArrayWriter(work / f"train.{side}.tokens.npy", token_dtype(tokenizer.vocabulary_size)) as tokens,
        ArrayWriter(work / f"train.{side}.offsets.npy", np.dtype("<i8")) as offsets,
    ):
        offsets.append([0])
        for line in text:
            ids = tokenizer.encode(line.removesuffix("\n"))
            tokens.append(ids)
            total += len(ids)
            offsets.append([total])
    return total


def _write_report(work: Path, report: PreparationReport, settled: _Settled, corpora: Path, name: str | None) -> None:
    config = settled.recipe.preparation
    read = (*config.train, *config.valid, *(corpus for test in config.test.values() for corpus in test))
    inputs = sorted({path for corpus in read for path in corpus_files(corpus)})
    tree = {
        "recipe": name,
        "preparation": config.model_dump(mode="json"),
        "picks": [asdict(pick) for pick in settled.picks],
        "picked_for": settled.picked_for,
        "inputs": {path.as_posix(): sha256(corpora / path) for path in inputs},
        "corpora": [vars(corpus) for corpus in report.corpora],
        "vocabulary_size": report.vocabulary_size,
        "train_pairs": report.train_pairs,
        "valid_pairs": report.valid_pairs,
        "source_tokens": report.source_tokens,
        "target_tokens": report.target_tokens,
        "outputs": {path.name: sha256(path) for path in sorted(work.iterdir())},
    }
    text = json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    (work / "report.json").write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(work: Path, output: Path) -> None:
    if not output.exists():
        work.rename(output)
        return
    old = output.with_name(f".{output.name}.{os.getpid()}.old")
    output.rename(old)
    work.rename(output)
    shutil.rmtree(old)
