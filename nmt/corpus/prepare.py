"""From raw parallel text to what training reads: cleaned text, a joint subword vocabulary, arrays of ids.

Text for a language model becomes pairs whose source is empty.

Text to train on is streamed: memory grows with the number of its pairs only by the hashes that find duplicates, and by the
at most `TOKENIZER_SENTENCES` sentences that the vocabulary is learned from. Validation and test text is remembered. The same
input gives the same output, to the byte.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from nmt.config.preparation import AnyPreparation, PreparationConfig, TextConfig, TextPreparationConfig
from nmt.config.recipe import AnyRecipe, Recipe
from nmt.corpus import auto
from nmt.corpus.arrays import ArrayWriter, token_dtype
from nmt.corpus.clean import (
    Filter,
    HeldOutPairs,
    KnownWords,
    clean,
    corpus_filters,
    training_filters,
    validation_filters,
)
from nmt.corpus.domain import Domain
from nmt.corpus.lexicon import Lexicon
from nmt.corpus.parallel import Corpus, ReadingReport, SentencePair, read_pairs
from nmt.corpus.prepared import NAME, CorpusReport, PickedFor, PreparationReport, inputs_of, recipe_name, write_report
from nmt.errors import ConfigurationError, CorpusError, InputError, ModelDirectoryError, VocabularySizeError
from nmt.files.atomic import current
from nmt.files.lines import version
from nmt.files.places import TextInput
from nmt.text.symbols import SYMBOLS, with_symbols
from nmt.text.tokenizer import BYTE_FALLBACK_FROM, Tokenizer, normalise, train_tokenizer

TOKENIZER_SENTENCES = 1_000_000
SIDES = ("source", "target")


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
    if not (output / NAME).is_file():
        raise ConfigurationError(f"{output}: holds something else than prepared text; name a new or empty folder")
    other = recipe_name(output)
    if name is not None and other not in (None, name):
        raise ConfigurationError(
            f"{output}: holds the text of another recipe, {other}, which would be lost; name another --output for {name}"
        )


def _prepare_into(work: Path, recipe: AnyRecipe, corpora: Path, name: str | None) -> PreparationReport:
    config = recipe.preparation
    versions = {path: version(TextInput(str(corpora / path))) for path in inputs_of(recipe)}
    if isinstance(config, TextPreparationConfig) and config.running_text:
        valid_reports = _write_running_text(work, "valid", config.valid, corpora)
        train_reports = _write_running_text(work, "train", config.train, corpora)
        test_reports = [
            report
            for name, test in config.test.items()
            for report in _write_running_text(work, f"test.{name}", test, corpora)
        ]
    else:
        held_out = {"validation": HeldOutPairs(), **({"a test set": HeldOutPairs()} if config.test else {})}
        valid_reports = _write_text(
            work, "valid", config.valid, corpora, validation_filters(), remember=held_out["validation"]
        )
        test_reports = [
            report
            for name, test in config.test.items()
            for report in _write_text(work, f"test.{name}", test, corpora, [], remember=held_out["a test set"])
        ]
        source_language, target_language = recipe.languages
        filters = training_filters(
            config,
            source_language=source_language,
            target_language=target_language,
            held_out=held_out,
            lexicon=_lexicon(config, corpora),
        )
        domain = _domain(config, corpora)
        train_reports = _write_text(
            work, "train", config.train, corpora, filters, beside=tuple(held_out.values()), domain=domain
        )
    train_pairs = sum(report.pairs for report in train_reports)

    settled = _settle(recipe, work, train_pairs)
    (work / "tokenizer.model").write_bytes(settled.tokenizer.model_bytes)
    tokens = _tokenise(work, settled.tokenizer)

    report = PreparationReport(
        corpora=(*valid_reports, *train_reports, *test_reports),
        vocabulary_size=settled.tokenizer.vocabulary_size,
        train_pairs=train_pairs,
        valid_pairs=sum(report.pairs for report in valid_reports),
        source_tokens=tokens[0],
        target_tokens=tokens[1],
        picked=tuple(map(str, auto.without(settled.picks, auto.given(recipe)))),
    )
    write_report(
        work,
        report,
        name=name,
        recipe=settled.recipe,
        picks=settled.picks,
        picked_for=settled.picked_for,
        corpora=corpora,
    )
    for path, before in versions.items():
        if version(TextInput(str(corpora / path))) != before:
            raise InputError(f"{path}: was changed or replaced while it was prepared; run it again")
    return report


@dataclass(frozen=True)
class _Settled:
    recipe: AnyRecipe
    """With nothing left open."""
    tokenizer: Tokenizer
    picks: tuple[auto.Pick, ...] = ()
    picked_for: PickedFor | None = None


def _settle(recipe: AnyRecipe, work: Path, train_pairs: int) -> _Settled:
    """Pick all that `recipe` leaves open to the size of its text, and take or learn its vocabulary."""
    if recipe.recipe == "auto":
        return _pick(recipe, work, train_pairs)
    return _Settled(recipe, _vocabulary(recipe.preparation, work, train_pairs))


def _pick(recipe: Recipe, work: Path, train_pairs: int) -> _Settled:
    """Pick all that `recipe` leaves open, but never a larger vocabulary than the text has room for."""
    with (work / "train.target").open(encoding="utf-8", newline="\n") as text:
        words = auto.count_words(text)
    training = recipe.training
    batch_tokens = training.batch_tokens if "batch_tokens" in training.model_fields_set else None
    picks = auto.pick(pairs=train_pairs, target_words=words, batch_tokens=batch_tokens, accumulate=training.accumulate)
    settled = auto.settle(recipe, picks)
    if auto.VOCABULARY in auto.given(recipe):
        tokenizer = _vocabulary(settled.preparation, work, train_pairs)
        picks = auto.without(picks, {auto.VOCABULARY})
    else:
        tokenizer = _fit_vocabulary(settled.preparation, work, train_pairs)
        picks = auto.fitted(picks, tokenizer.vocabulary_size)
    picked_for = PickedFor(target_words=words, update_tokens=auto.update_tokens(settled))
    return _Settled(auto.settle(recipe, picks), tokenizer, picks, picked_for)


def _vocabulary(config: AnyPreparation, work: Path, train_pairs: int) -> Tokenizer:
    if config.vocabulary_of is None:
        return _learn_vocabulary(config, work, train_pairs)
    try:
        return Tokenizer.load(current(config.vocabulary_of, "tokenizer.model"))
    except ModelDirectoryError as error:
        raise ConfigurationError(
            f"preparation.vocabulary_of: should be the directory of a model, to have its vocabulary: {error}"
        ) from error


def _learn_vocabulary(config: AnyPreparation, work: Path, train_pairs: int) -> Tokenizer:
    is_large = config.vocabulary_size >= BYTE_FALLBACK_FROM
    symbols = SYMBOLS[: config.span_symbols] if is_large else ()
    return train_tokenizer(
        _tokenizer_sentences(work, train_pairs, symbols),
        vocabulary_size=config.vocabulary_size,
        kind=config.tokenizer,
        character_coverage=config.character_coverage,
        words=sorted({corpus.tag for corpus in config.train if corpus.tag}),
        symbols=symbols,
        split_digits=config.split_digits and is_large,
        long_lines=isinstance(config, TextPreparationConfig) and config.running_text,
    )


def _fit_vocabulary(config: PreparationConfig, work: Path, train_pairs: int) -> Tokenizer:
    """Learn a vocabulary of the size that the text has room for."""
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
    remember: HeldOutPairs | None = None,
    beside: Sequence[HeldOutPairs] = (),
    domain: Domain | None = None,
) -> list[CorpusReport]:
    reports, words = [], KnownWords()
    needs_words = any(corpus.known_words for corpus in corpora)
    with (
        (work / f"{split}.source").open("w", encoding="utf-8", newline="\n") as source,
        (work / f"{split}.target").open("w", encoding="utf-8", newline="\n") as target,
    ):
        for corpus in corpora:
            # A pair that this corpus leaves out is no duplicate in the next.
            own = [*corpus_filters(corpus, words, _like_domain(domain, corpus, folder)), *filters]
            reading = ReadingReport()
            dropped, halves = Counter({name: 0 for name, _ in own}), 0
            for pair in clean(_without(corpus.remove, read_pairs(corpus, folder, reading)), own, dropped):
                source.write(corpus.repeat * (corpus.read_as(pair.source) + "\n"))
                target.write(corpus.repeat * (pair.target + "\n"))
                if needs_words:
                    words.add(pair)
                if remember is not None:
                    remember.add(pair)
                halves += any(text.has_side(pair) for text in beside)
            reports.append(replace(_corpus_report(split, corpus, reading, dropped), half_held_out=halves))
    if not any(report.kept for report in reports):
        reasons = ", ".join(f"{name} {count}" for report in reports for name, count in report.dropped.items() if count)
        raise CorpusError(f"preparation.{split}: the filters left no pair; dropped: {reasons}")
    return reports


def _lexicon(config: AnyPreparation, folder: Path) -> Lexicon | None:
    if not config.min_translated_words:
        return None
    return Lexicon(pair for corpus in config.train for pair in _raw_pairs(corpus, folder))


def _domain(config: AnyPreparation, folder: Path) -> Domain | None:
    if not config.domain:
        return None
    sides = range(len(SIDES)) if isinstance(config, PreparationConfig) else [1]  # a sentence is a pair of itself
    return Domain((pair for corpus in config.domain for pair in _raw_pairs(corpus, folder)), sides=sides)


def _like_domain(domain: Domain | None, corpus: Corpus, folder: Path) -> Iterator[bool] | None:
    """Whether each pair of `corpus` is like `domain`; None where that is not asked."""
    if domain is None or corpus.domain_share == 1.0:
        return None
    return map(bool, domain.most_like(lambda: _raw_pairs(corpus, folder), corpus.domain_share))


def _raw_pairs(corpus: Corpus, folder: Path) -> Iterator[SentencePair]:
    """The pairs that the filters are asked about."""
    return _without(corpus.remove, read_pairs(corpus, folder, ReadingReport()))


def _write_running_text(work: Path, split: str, texts: Sequence[TextConfig], folder: Path) -> list[CorpusReport]:
    """Write all lines of `texts` in their order, with an empty source beside each."""
    reports = []
    with (
        (work / f"{split}.source").open("w", encoding="utf-8", newline="\n") as source,
        (work / f"{split}.target").open("w", encoding="utf-8", newline="\n") as target,
    ):
        for text in texts:
            reading = ReadingReport()
            for pair in read_pairs(text, folder, reading):
                source.write("\n")
                target.write(f"{normalise(pair.target)}\n")
            reports.append(_corpus_report(split, text, reading, Counter()))
    return reports


def _without(pattern: str, pairs: Iterator[SentencePair]) -> Iterator[SentencePair]:
    return (SentencePair(*(re.sub(pattern, "", side) for side in pair)) for pair in pairs) if pattern else pairs


def _corpus_report(split: str, corpus: Corpus, reading: ReadingReport, dropped: Counter[str]) -> CorpusReport:
    return CorpusReport(
        name=f"{split}: {' + '.join(path.as_posix() for path in corpus.files)}",
        read=reading.pairs,
        kept=reading.pairs - dropped.total(),
        repeat=corpus.repeat,
        dropped=dict(dropped),
        other_domain=reading.other_domain,
        invalid_utf8=reading.invalid_utf8,
        blank=reading.blank,
        malformed=reading.malformed,
    )


def _tokenizer_sentences(work: Path, pairs: int, symbols: Sequence[str]) -> Iterator[str]:
    """Both sides of pairs evenly spread over the training text."""
    every = -(-2 * pairs // TOKENIZER_SENTENCES)
    for pair in islice(_read_prepared(work), 0, None, every):
        yield from filter(None, with_symbols(*pair, symbols))


def _read_prepared(work: Path) -> Iterator[SentencePair]:
    with (
        (work / "train.source").open(encoding="utf-8", newline="\n") as source,
        (work / "train.target").open(encoding="utf-8", newline="\n") as target,
    ):
        for pair in zip(source, target, strict=True):
            yield SentencePair(*(side.removesuffix("\n") for side in pair))


def _tokenise(work: Path, tokenizer: Tokenizer) -> list[int]:
    """Write the ids of each side, all sentences end to end, and where each begins; the number of ids of each side."""
    totals = [0 for _ in SIDES]
    with ExitStack() as stack:
        dtype = token_dtype(tokenizer.vocabulary_size)
        tokens = [stack.enter_context(ArrayWriter(work / f"train.{side}.tokens.npy", dtype)) for side in SIDES]
        offsets = [stack.enter_context(ArrayWriter(work / f"train.{side}.offsets.npy", np.dtype("<i8"))) for side in SIDES]
        for writer in offsets:
            writer.append([0])
        for pair in _read_prepared(work):
            for side, text in enumerate(with_symbols(*pair, tokenizer.symbols)):
                ids = tokenizer.encode(text)
                tokens[side].append(ids)
                totals[side] += len(ids)
                offsets[side].append([totals[side]])
    return totals


def _put_in_place(work: Path, output: Path) -> None:
    if not output.exists():
        work.rename(output)
        return
    old = output.with_name(f".{output.name}.{os.getpid()}.old")
    output.rename(old)
    work.rename(output)
    shutil.rmtree(old)
