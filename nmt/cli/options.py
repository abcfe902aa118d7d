"""Every argument of the commands, declared once; `nmt COMMAND --help` is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from nmt.check.apis import ApiName
from nmt.checkpoint.names import find_model
from nmt.cli.file_options import input_file, output_file
from nmt.config.formality import Formality as FormalityName
from nmt.config.machine import DeviceName, EngineName, RuntimeName
from nmt.config.sentences import Split
from nmt.files.places import STANDARD, TextInput, TextOutput
from nmt.offline.formats import Format
from nmt.translate.markup.options import Format as MarkupName

STANDARD_INPUT, STANDARD_OUTPUT = TextInput(STANDARD), TextOutput(STANDARD)
_PACKED = "plain, or packed by gzip, bzip2, xz or zstd"
_MODEL = "A model directory, or a name that `nmt models` lists."
_SEVERAL = "A model directory, or a name that `nmt models` lists; several make an ensemble."


def model_option(*names: str, help: str) -> Any:
    """An option with the directory of a model, or its name."""
    return typer.Option(*names, parser=find_model, metavar="MODEL", help=help)


def _runtime_name(given: str) -> str:
    # Typer knows no list of literals.
    if given not in get_args(RuntimeName):
        raise typer.BadParameter(f"{given!r} is not one of {', '.join(get_args(RuntimeName))}.")
    return given


def _key_name(given: str) -> str:
    # Names stand in a table of lines and tabs.
    if not given.strip() or not given.isprintable() or len(given) > 200:
        raise typer.BadParameter("should have 1 to 200 printable characters.")
    return given


# --- files and folders ---
Recipe = Annotated[Path, typer.Argument(metavar="RECIPE", help="data/<name>/recipe.yaml")]
Corpora = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of raw text. (default: the recipe's)")]
OutputDirectory = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The model directory. (default: checkpoints/<name>)")
]
ModelDirectory = Annotated[
    Path, typer.Argument(parser=find_model, metavar="MODEL", help="A model directory, or a name that `nmt models` lists.")
]
Model = Annotated[Path, model_option("--model", "-m", help=_MODEL)]
Models = Annotated[list[Path], model_option("--model", "-m", help=_SEVERAL)]
LanguageModel = Annotated[
    Path | None, model_option("--language-model", help="A language model that helps; of the same vocabulary.")
]
LanguageModelWeight = Annotated[float, typer.Option(help="Its weight beside the translation model; 0 is none.")]
Beginning = Annotated[str, typer.Option(metavar="TEXT", help="The beginning of each text.")]
SampleCount = Annotated[int, typer.Option(min=1, max=10_000, help="Texts.")]
SampleLength = Annotated[int, typer.Option(min=1, max=1_000_000, help="Tokens that a text gets at the most.")]
ReadText = Annotated[
    TextInput,
    typer.Argument(parser=TextInput.parse, metavar="FILE", help=f"Text, {_PACKED}; - is standard input."),
]
LineScores = Annotated[
    TextOutput | None,
    output_file("--output", "-o", help="Write the natural log-probability of each line there; - is standard output."),
]
Text = Annotated[
    TextInput | None,
    typer.Argument(
        parser=TextInput.parse,
        metavar="FILE",
        help=f"Text, {_PACKED}; - is standard input. Or a document, a folder of documents, or 'docs/**/*.md'.",
    ),
]
Input = Annotated[TextInput | None, input_file("--input", "-i", help="The same as FILE, as an option.")]
Output = Annotated[
    TextOutput,
    output_file("--output", "-o", help="- is standard output; NAME.gz (.bz2, .xz, .zst) is packed."),
]
Teachers = Annotated[list[Path], model_option("--teacher", help=_SEVERAL)]
ReverseModels = Annotated[
    list[Path], model_option("--model", "-m", help="Of the other direction; several make an ensemble.")
]
Prepared = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The recipe's prepared text. (default: checkpoints/<name>/prepared)")
]
TargetText = Annotated[
    TextInput,
    input_file("--input", help=f"In the recipe's target language; {_PACKED}."),
]
Synthesised = Annotated[Path, typer.Option(metavar="DIR", help="Folder for train.source and train.target.")]
Prefixes = Annotated[
    TextInput | None,
    input_file(help="Beginnings of the translations; a line for each line."),
]
Glossary = Annotated[
    Path | None,
    typer.Option(
        "--glossary",
        "-g",
        metavar="TERMS",
        help="A file of terms and their translations, two columns: CSV if it ends in .csv, otherwise TSV.",
    ),
]
Inflect = Annotated[bool, typer.Option("--inflect", help="Terms may have endings: Haus is found in Hauses, too.")]
Formality = Annotated[
    FormalityName,
    typer.Option(help="How people are addressed, in German as Sie (more) or du (less); prefer_ is for any target language."),
]
MarkupFormat = Annotated[
    MarkupName, typer.Option("--markup", help="Lines have tags, which stay and go to the words that they belonged to.")
]
SplitSentences = Annotated[
    Split,
    typer.Option(
        "--split-sentences",
        help="Where sentences end: none: at line ends only; sentences: at ends of sentence, too; nonewlines: at ends of "
        "sentence and of paragraph, where a document has wrapped lines.",
    ),
]
LocaliseNumbers = Annotated[
    bool,
    typer.Option(
        "--localise-numbers",
        help="Numbers get the form of the target language where their reading is sure: 1.234,56 becomes 1,234.56.",
    ),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Translate this column of a table: its number, from 1, or its name in the first line; may be repeated.",
    ),
]
Table = Annotated[
    Literal["tsv", "csv"] | None,
    typer.Option(
        "--table",
        help="The kind of a table: values between tabs, or CSV. Without it, CSV where the name of the file ends in .csv.",
    ),
]
Field = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Translate this field of JSON lines, such as title or page.title; may be repeated."),
]
Alignment = Annotated[bool, typer.Option("--alignment", help="The same as --format pharaoh.")]
OutputForm = Annotated[Format, typer.Option("--format", help="See above.")]
ScoredSource = Annotated[TextInput, input_file(help=f"Text, {_PACKED}; - is standard input.")]
ScoredTarget = Annotated[TextInput, input_file(help="A translation of each line of the source.")]
JudgedModels = Annotated[
    list[Path] | None,
    model_option("--model", help="Translate --source with this model; several make an ensemble."),
]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        help="What the search of --model finds, as training judges it: no rules for names, numbers and the like.",
    ),
]
SuiteFile = Annotated[
    TextInput | None,
    typer.Argument(parser=TextInput.parse, metavar="FILE", help="Items, an object of JSON on each line."),
]
SuiteOutput = Annotated[
    TextOutput | None,
    output_file("--output", help="Write all items there with their scores."),
]
AligningModel = Annotated[
    Path | None, model_option("--model", "-m", help="The alignment is that of this model's attention.")
]
ReverseModel = Annotated[Path | None, model_option("--reverse", help="A model of the other direction, to have both in one.")]
GivenLinks = Annotated[TextInput | None, input_file("--links", help="Or: alignments, as 0-0 1-2.")]
AlignedSource = Annotated[
    TextInput | None,
    input_file(help="Sentences. (default: 200 of this program's)"),
]
AlignedTarget = Annotated[TextInput | None, input_file(help="Their translations.")]
GoldLinks = Annotated[TextInput | None, input_file(help="Links by people, as 0-0 1p2.")]
FirstWord = Annotated[int, typer.Option("--first", min=0, max=1, help="The number of the first word in --gold.")]
LinksOutput = Annotated[
    TextOutput | None,
    output_file("--output", help="Write the alignments there."),
]
ScoreReport = Annotated[
    TextOutput | None,
    output_file("--json", help="Write the sums there; - is standard output."),
]
BenchedText = Annotated[
    TextInput | None,
    input_file("--input", help="Text, a sentence on each line. (default: a sample of a few hundred)"),
]
SpeedReport = Annotated[
    TextOutput | None,
    output_file("--json", help="Write all figures there; - is standard output."),
]

CheckReport = Annotated[
    TextOutput | None,
    output_file("--json", help="Write all figures and failures there; - is standard output."),
]

# --- ratings by people ---
RatedSystems = Annotated[
    list[TextInput],
    typer.Option(
        "--input",
        "-i",
        "--hypothesis",
        parser=TextInput.parse,
        metavar="FILE...",
        help="Translations, a file for each system.",
    ),
]
RatedSource = Annotated[TextInput | None, input_file("--source", help="The text that was translated; raters see it.")]
RatedReference = Annotated[TextInput | None, input_file("--reference", help="A translation by people; raters see it.")]
Sheet = Annotated[TextOutput, output_file("--output", "-o", help="The sheet, a table with tabs between its columns.")]
WrittenKey = Annotated[TextOutput, output_file("--key", help="Write there which row is of which system; not for raters.")]
RatedSegments = Annotated[
    int | None, typer.Option("--segments", min=1, help="Draw so many segments at random. (default: all)")
]
SheetSeed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the drawing and the order.")]
RatedSheets = Annotated[
    list[TextInput],
    typer.Argument(
        parser=TextInput.parse, metavar="SHEET", help="Sheets with scores, a file for each rater.", show_default=False
    ),
]
ReadKey = Annotated[TextInput, input_file("--key", help="The key that was written with the sheet.")]
RatingTest = Annotated[bool, typer.Option("--test/--no-test", help="Test the other systems against the first.")]
RatingForm = Annotated[
    Literal["text", "latex", "markdown", "json", "csv", "jsonl"], typer.Option("--format", "-f", help="As in nmt evaluate.")
]

# --- estimates without a reference ---
EstimatedSource = Annotated[TextInput, input_file("--source", help="The text that was translated.")]
EstimatedPair = Annotated[
    str, typer.Option("--language-pair", "-l", metavar="PAIR", help="Such as de-en. (default: the model's)")
]
EstimatingModels = Annotated[list[Path] | None, model_option("--model", "-m", help=_SEVERAL)]
ShownCandidates = Annotated[int, typer.Option("--show", min=0, help="Candidates of each system that are shown.")]
TableForm = Annotated[Literal["text", "markdown"], typer.Option("--format", "-f", help="Form of the table.")]

# --- searches that are measured ---
BeamSizes = Annotated[
    list[int] | None, typer.Option("--beam-size", help="1 is greedy search; may be repeated. (default: 5 and 1)")
]

# --- the machine ---
Device = Annotated[DeviceName, typer.Option(help="auto is a GPU where there is one.")]
CheckedModel = Annotated[Path | None, model_option("--model", "-m", help=_MODEL)]
CheckedService = Annotated[str | None, typer.Option("--url", help="A running service, such as http://localhost:8000.")]
CheckedSource = Annotated[str, typer.Option("--source", help="Language of the texts, for --url.")]
CheckedTarget = Annotated[str, typer.Option("--target", help="Language to translate to, for --url.")]
CheckedApi = Annotated[ApiName, typer.Option("--api", help="Wire format of the service of --url.")]
CheckedKey = Annotated[
    str | None, typer.Option("--api-key", envvar="CHECK_API_KEY", metavar="KEY", help="For a service that wants one.")
]
EveryCase = Annotated[int, typer.Option("--every", min=1, help="Only every N-th case.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads. (default: OMP_NUM_THREADS, or all)")]
Runtime = Annotated[RuntimeName, typer.Option(help="reference is float32 in PyTorch; auto is the fastest for the model.")]
Runtimes = Annotated[
    list[str] | None,
    typer.Option(
        "--runtime",
        parser=_runtime_name,
        metavar=f"[{'|'.join(get_args(RuntimeName))}]",
        help="As in nmt translate; may be repeated. (default: auto)",
    ),
]
BatchTokens = Annotated[int, typer.Option(min=1, help="Padded source tokens translated at once.")]
BatchSizes = Annotated[
    list[int] | None, typer.Option("--batch-size", min=1, help="Sentences; may be repeated. (default: 64 and 1)")
]
Workers = Annotated[int, typer.Option("--workers", "-j", min=1, help="Processes that translate, each with --threads.")]
Engine = Annotated[EngineName, typer.Option(help="local: processes of this machine. ray: a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="The Ray cluster's head. (default: RAY_ADDRESS, this machine's, or a new one)"),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
ServiceWorkers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes that serve one port and share the memory of models."),
]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")]
StateFolder = Annotated[
    Path | None, typer.Option("--state", metavar="DIR", help="The state of the service. (default: NMT_STATE)")
]
KeyName = Annotated[str, typer.Argument(metavar="NAME", parser=_key_name, help="Whose key it is, for `nmt keys list`.")]
KeyPrefix = Annotated[str, typer.Argument(metavar="PREFIX", help="The part of the key after nmt_.")]
KeyPerMinute = Annotated[int | None, typer.Option(min=1, help="(default: NMT_CHARACTERS_PER_MINUTE)")]
KeyDocuments = Annotated[int | None, typer.Option(min=1, help="(default: NMT_DOCUMENTS_PER_DAY)")]
KeyPerDay = Annotated[int | None, typer.Option(min=1, help="(default: NMT_CHARACTERS_PER_DAY)")]
RootPath = Annotated[str | None, typer.Option(help="Path that the service has at a proxy, such as /nmt.")]
ServedModels = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of models. (default: checkpoints, or else installed models)")
]

# --- how a run goes ---
ResumeTraining = Annotated[bool, typer.Option("--resume", help="Go on from the last saved state, to the bit.")]
InitFrom = Annotated[
    Path | None,
    model_option(
        "--init-from",
        help="Begin with the weights of this model, which has the same vocabulary and shape; "
        "learning rate, text and all else may be others.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress; warnings and errors only.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the same command was stopped.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in training.max_updates=100; may be repeated.")
]
PreparationOverrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="As in preparation.vocabulary_size=4000; may be repeated."),
]
Repeat = Annotated[int, typer.Option(min=1, help="Runs of each setting; what is shown is their median.")]
