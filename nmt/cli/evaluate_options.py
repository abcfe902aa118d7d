"""The options of `nmt evaluate`: sacreBLEU's by their names and with their defaults, and those that it does not have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.cli.file_options import input_file, output_file
from nmt.evaluation.tokenisation import TOKENIZATIONS
from nmt.files.places import TextInput, TextOutput

Smoothing = Literal["exp", "floor", "add-k", "none"]
Form = Literal["lines", "json", "text", "latex", "markdown", "csv", "jsonl"]


def _flag(*names: str, help: str, panel: str) -> object:
    return typer.Option(*names, help=help, rich_help_panel=panel)


_TEXTS = "What is compared"
_SCORES = "Scores"
_CHANCE = "Chance"
_PRINTED = "What is printed"
_EXPLAINED = "Where it comes from"
_WRITTEN = "Files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """References, systems and what belongs to them."""

    references: Annotated[
        list[TextInput] | None,
        typer.Argument(parser=TextInput.parse, metavar="REFERENCE", help="Translations by people.", show_default=False),
    ] = None
    reference: Annotated[
        list[TextInput] | None,
        typer.Option(
            "--reference", parser=TextInput.parse, metavar="FILE...", help="The same, as an option.", rich_help_panel=_TEXTS
        ),
    ] = None
    hypotheses: Annotated[
        list[TextInput] | None,
        typer.Option(
            "--input",
            "-i",
            "--hypothesis",
            parser=TextInput.parse,
            metavar="FILE...",
            help="Translations by systems, the first of which is the baseline. (default: standard input, a column for each)",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    source: Annotated[
        TextInput | None,
        input_file(help="The text that is translated.", rich_help_panel=_TEXTS),
    ] = None
    num_refs: Annotated[
        int,
        typer.Option("--num-refs", "-nr", min=1, help="References in each line, with tabs between.", rich_help_panel=_TEXTS),
    ] = 1
    seeds: Annotated[
        int, typer.Option(min=1, help="So many files after each other are runs of one system.", rich_help_panel=_TEXTS)
    ] = 1
    test_set: Annotated[
        str | None,
        typer.Option(
            "--test-set",
            "-t",
            metavar="NAME",
            help="Source and references that sacreBLEU has on this disk, such as wmt19, or a folder of them.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    origlang: Annotated[
        str | None,
        typer.Option(
            "--origlang",
            "-ol",
            metavar="CODE",
            help="Only segments of --test-set that were written in this language; non-de: in another.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    subset: Annotated[
        str | None,
        typer.Option(
            "--subset",
            metavar="REGEX",
            help="Only segments of --test-set whose domain matches.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    detail: Annotated[
        bool,
        _flag("--detail", "-d", help="Scores by original language and domain of --test-set, too.", panel=_TEXTS),
    ] = False
    echo: Annotated[
        list[str] | None,
        typer.Option(
            "--echo",
            metavar="FIELD...",
            help="Print these fields of --test-set, such as src ref docid, or all, and score nothing.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    encoding: Annotated[
        str,
        typer.Option("--encoding", "-e", metavar="NAME", help="Of the texts, such as latin-1.", rich_help_panel=_TEXTS),
    ] = "utf-8"
    language_pair: Annotated[
        str | None,
        typer.Option("--language-pair", "-l", metavar="PAIR", help="Such as de-en.", rich_help_panel=_TEXTS),
    ] = None
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="CODE",
            help="Target language, such as zh. (default: the pair's, or the model's)",
            rich_help_panel=_TEXTS,
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Metrics and their options."""

    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metrics",
            "-m",
            "--metric",
            metavar="NAME...",
            help="Such as bleu chrf ter. (default: bleu; bleu and chrf after --reference)",
            rich_help_panel=_SCORES,
        ),
    ] = None
    comet: Annotated[
        Path | None,
        typer.Option(
            "--comet",
            metavar="DIR",
            help="Score by this COMET model, too; it is on this disk, and the package unbabel-comet is installed.",
            rich_help_panel=_SCORES,
        ),
    ] = None
    sentence_level: Annotated[bool, _flag("--sentence-level", "-sl", help="Score each sentence.", panel=_SCORES)] = False
    smooth_method: Annotated[
        Smoothing, typer.Option("--smooth-method", "-s", help="Smoothing of BLEU.", rich_help_panel=_SCORES)
    ] = "exp"
    smooth_value: Annotated[
        float | None, typer.Option("--smooth-value", "-sv", help="For floor and add-k.", rich_help_panel=_SCORES)
    ] = None
    tokenize: Annotated[
        str | None,
        typer.Option(
            "--tokenize",
            "-tok",
            metavar="NAME",
            help=f"Words of BLEU: {', '.join(TOKENIZATIONS)}. (default: what suits the target language)",
            rich_help_panel=_SCORES,
        ),
    ] = None
    lowercase: Annotated[bool, _flag("--lowercase", "-lc", help="BLEU ignores case.", panel=_SCORES)] = False
    force: Annotated[bool, _flag("--force", help="Text only looks tokenised.", panel=_SCORES)] = False
    chrf_char_order: Annotated[
        int, typer.Option("--chrf-char-order", "-cc", min=1, help="Longest n-gram of characters.", rich_help_panel=_SCORES)
    ] = 6
    chrf_word_order: Annotated[
        int,
        typer.Option(
            "--chrf-word-order", "-cw", min=0, help="Longest n-gram of words; 2 is chrF++.", rich_help_panel=_SCORES
        ),
    ] = 0
    chrf_beta: Annotated[int, typer.Option(min=1, help="Weight of recall.", rich_help_panel=_SCORES)] = 2
    chrf_whitespace: Annotated[bool, _flag("--chrf-whitespace", help="Spaces are characters, too.", panel=_SCORES)] = False
    chrf_lowercase: Annotated[bool, _flag("--chrf-lowercase", help="chrF ignores case.", panel=_SCORES)] = False
    chrf_eps_smoothing: Annotated[
        bool, _flag("--chrf-eps-smoothing", help="Smoothing of chrF++.py, NLTK and Moses.", panel=_SCORES)
    ] = False
    ter_case_sensitive: Annotated[bool, _flag("--ter-case-sensitive", help="TER heeds case.", panel=_SCORES)] = False
    ter_asian_support: Annotated[
        bool, _flag("--ter-asian-support", help="Chinese and Japanese characters are words.", panel=_SCORES)
    ] = False
    ter_no_punct: Annotated[bool, _flag("--ter-no-punct", help="TER without punctuation.", panel=_SCORES)] = False
    ter_normalized: Annotated[bool, _flag("--ter-normalized", help="TER tokenises first.", panel=_SCORES)] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Intervals and tests."""

    confidence: Annotated[bool, _flag("--confidence", "-ci", help="Intervals of 95 %, by bootstrap.", panel=_CHANCE)] = False
    confidence_n: Annotated[
        int, typer.Option("--confidence-n", "-cin", min=1, help="Their resamples.", rich_help_panel=_CHANCE)
    ] = 1000
    paired_ar: Annotated[
        bool, _flag("--paired-ar", "-par", help="Test against the first: approximate randomisation.", panel=_CHANCE)
    ] = False
    paired_bs: Annotated[
        bool, _flag("--paired-bs", "-pbs", help="Test against the first: paired bootstrap.", panel=_CHANCE)
    ] = False
    paired_ar_n: Annotated[int, typer.Option("--paired-ar-n", "-parn", min=1, help="Trials.", rich_help_panel=_CHANCE)] = (
        10000
    )
    paired_bs_n: Annotated[
        int, typer.Option("--paired-bs-n", "-pbsn", min=1, help="Resamples.", rich_help_panel=_CHANCE)
    ] = 1000
    paired_jobs: Annotated[
        int,
        typer.Option("--paired-jobs", "-j", min=0, help="Processes; 0 is one for each core.", rich_help_panel=_CHANCE),
    ] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """The form of the output."""

    quiet: Annotated[bool, _flag("--quiet", "-q", help="No warnings.", panel=_PRINTED)] = False
    short: Annotated[bool, _flag("--short", "-sh", help="Short signatures.", panel=_PRINTED)] = False
    score_only: Annotated[bool, _flag("--score-only", "-b", help="Only the number.", panel=_PRINTED)] = False
    width: Annotated[
        int | None,
        typer.Option(
            "--width",
            "-w",
            min=0,
            help="Digits after the point. (default: 1; 2 after --reference)",
            rich_help_panel=_PRINTED,
        ),
    ] = None
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            "-f",
            help="(default: SACREBLEU_FORMAT, or json; after --reference lines, or text for several systems)",
            rich_help_panel=_PRINTED,
        ),
    ] = None
    no_color: Annotated[bool, _flag("--no-color", "-nc", help="No colours.", panel=_PRINTED)] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where differences come from."""

    explain: Annotated[bool, _flag("--explain", help="Show where scores and differences come from.", panel=_EXPLAINED)] = (
        False
    )
    train: Annotated[
        TextInput | None,
        input_file(
            help="The training text, source and target with a tab between: frequencies, nearness, a translation memory.",
            rich_help_panel=_EXPLAINED,
        ),
    ] = None
    domains: Annotated[
        TextInput | None,
        input_file(help="The domain of each segment.", rich_help_panel=_EXPLAINED),
    ] = None
    documents: Annotated[
        TextInput | None,
        input_file(help="The name of each segment's document.", rich_help_panel=_EXPLAINED),
    ] = None
    glossary: Annotated[
        TextInput | None,
        input_file(
            help="Terms and their translations, with a tab between, that should be used.", rich_help_panel=_EXPLAINED
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Files that are written, and the gate of a pipeline."""

    json_report: Annotated[
        TextOutput | None,
        output_file("--json", help="Write all figures there; - is standard output.", rich_help_panel=_WRITTEN),
    ] = None
    output: Annotated[
        TextOutput | None,
        output_file("--output", help="Keep the translations of --model.", rich_help_panel=_WRITTEN),
    ] = None
    html: Annotated[
        TextOutput | None,
        output_file("--html", help="Write a page with all of it, which needs no other file.", rich_help_panel=_WRITTEN),
    ] = None
    against: Annotated[
        TextInput | None,
        input_file(
            "--against",
            help="Figures of before, as --json wrote them: end with 1 where a score is worse.",
            rich_help_panel=_WRITTEN,
        ),
    ] = None
    fail_below: Annotated[
        float,
        typer.Option(min=0.0, help="A score may be so many points worse than --against.", rich_help_panel=_WRITTEN),
    ] = 0.0
