"""Every argument of the commands, declared once; `nmt COMMAND --help` is made from it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from nmt.offline.formats import Format


class DeviceName(StrEnum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class RuntimeName(StrEnum):
    auto = "auto"
    reference = "reference"
    int8 = "int8"


class EngineName(StrEnum):
    local = "local"
    ray = "ray"


class Normalisation(StrEnum):
    wu = "wu"
    average = "average"


# --- files and folders ---
Recipe = Annotated[Path, typer.Argument(metavar="RECIPE", help="data/<name>/recipe.yaml")]
Corpora = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of raw text. (default: the recipe's)")]
OutputDirectory = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The model directory. (default: checkpoints/<name>)")
]
ModelDirectory = Annotated[Path, typer.Argument(metavar="DIR", help="A model directory.")]
Model = Annotated[Path, typer.Option("--model", metavar="DIR", help="A model directory.")]
Models = Annotated[list[Path], typer.Option("--model", metavar="DIR", help="A model directory; several make an ensemble.")]
LanguageModel = Annotated[
    Path | None, typer.Option(metavar="DIR", help="A language model that helps; of the same vocabulary.")
]
LanguageModelWeight = Annotated[float, typer.Option(help="How much it helps; 0 is not at all.")]
Input = Annotated[str, typer.Option(metavar="FILE", help="Plain, .gz or .xz; - is standard input.")]
Output = Annotated[str, typer.Option(metavar="FILE", help="- is standard output.")]
Teachers = Annotated[
    list[Path], typer.Option("--teacher", metavar="DIR", help="A model directory; several make an ensemble.")
]
ReverseModels = Annotated[
    list[Path], typer.Option("--model", metavar="DIR", help="Of the other direction; several make an ensemble.")
]
Prepared = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The recipe's prepared text. (default: checkpoints/<name>/prepared)")
]
TargetText = Annotated[str, typer.Option(metavar="FILE", help="In the recipe's target language; plain, .gz or .xz.")]
Synthesised = Annotated[Path, typer.Option(metavar="DIR", help="Folder for train.source and train.target.")]
Prefixes = Annotated[
    str | None, typer.Option(metavar="FILE", help="What each line's translation begins with; a line for each line.")
]
OutputForm = Annotated[Format, typer.Option("--format", help="See above.")]
ScoredSource = Annotated[str, typer.Option(metavar="FILE", help="Plain, .gz or .xz; - is standard input.")]
ScoredTarget = Annotated[str, typer.Option(metavar="FILE", help="A translation of each line of the source.")]
Reference = Annotated[str, typer.Option(metavar="FILE", help="What a person wrote. Plain, .gz or .xz.")]
JudgedModel = Annotated[Path | None, typer.Option("--model", metavar="DIR", help="Translate --source with this model.")]
JudgedSource = Annotated[str | None, typer.Option(metavar="FILE", help="What to translate.")]
Hypothesis = Annotated[str | None, typer.Option(metavar="FILE", help="Or: translations there already.")]
BenchedText = Annotated[
    str | None,
    typer.Option("--input", metavar="FILE", help="A sentence on each line. (default: a sample of a few hundred)"),
]
SpeedReport = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write all figures there, too.")]

# --- search: the fields of SearchOptions, which has their defaults ---
SEARCH: dict[str, Any] = {
    "beam_size": Annotated[int, typer.Option(help="Hypotheses kept at each step; 1 is greedy search.")],
    "n_best": Annotated[int, typer.Option(help="Translations for each line; at most the beam size.")],
    "length_penalty": Annotated[float, typer.Option(help="0 prefers short translations; 1 is neutral.")],
    "length_normalisation": Annotated[Normalisation, typer.Option(help="average: scores are divided by length alone.")],
    "coverage_penalty": Annotated[float, typer.Option(help="Cost of source tokens not attended to; 0.2 is usual.")],
    "max_length_ratio": Annotated[float, typer.Option(help="Target tokens per source token at the most, ...")],
    "max_length_offset": Annotated[int, typer.Option(help="... plus this many.")],
    "min_length": Annotated[int, typer.Option(help="Target tokens of a sentence at the least.")],
    "min_length_ratio": Annotated[float, typer.Option(help="The same, per source token.")],
    "no_repeat_ngram": Annotated[
        int, typer.Option(help="No n-gram of so many tokens comes twice in a sentence; 0 allows all.")
    ],
    "max_repeats": Annotated[
        int, typer.Option(help="A phrase comes at most so often in a row; 4 stops loops and little else, 0 allows all.")
    ],
    "diversity_groups": Annotated[
        int, typer.Option(help="Parts of the beam that avoid each other's tokens; divides the beam size.")
    ],
    "diversity_strength": Annotated[float, typer.Option(help="How much they avoid them.")],
    "forbidden": Annotated[
        list[str] | None,
        typer.Option("--forbid", metavar="PHRASE", help="No word begins with it, case counting; may be repeated."),
    ],
    "required": Annotated[
        list[str] | None,
        typer.Option(
            "--require", metavar="PHRASE", help="Each translation has it, at the beginning of a word; may be repeated."
        ),
    ],
    "sampling": Annotated[bool, typer.Option("--sampling", help="Draw --n-best translations at random.")],
    "temperature": Annotated[float, typer.Option(help="Of sampling; below 1 keeps to the probable.")],
    "top_k": Annotated[int, typer.Option(help="Sample from so many tokens; 0 takes all.")],
    "top_p": Annotated[float, typer.Option(help="Sample from tokens of this probability in all.")],
    "seed": Annotated[int, typer.Option(help="Of sampling.")],
}
BeamSizes = Annotated[
    list[int] | None, typer.Option("--beam-size", help="1 is greedy search; may be repeated. (default: 5 and 1)")
]

# --- the machine ---
Device = Annotated[DeviceName, typer.Option(help="auto is a GPU where there is one.")]
CheckedService = Annotated[str | None, typer.Option("--url", help="A running service, such as http://localhost:8000.")]
CheckedSource = Annotated[str, typer.Option("--source", help="Language of the texts, for --url.")]
CheckedTarget = Annotated[str, typer.Option("--target", help="Language to translate to, for --url.")]
EveryCase = Annotated[int, typer.Option("--every", min=1, help="Only every so many-th case.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads. (default: PyTorch's choice)")]
Runtime = Annotated[RuntimeName, typer.Option(help="reference is float32 in PyTorch; auto is the fastest for the model.")]
Runtimes = Annotated[
    list[RuntimeName] | None,
    typer.Option("--runtime", help="reference, int8, or auto, the fastest for the model; may be repeated. (default: auto)"),
]
BatchTokens = Annotated[int, typer.Option(min=1, help="Padded source tokens translated at once.")]
BatchSizes = Annotated[
    list[int] | None, typer.Option("--batch-size", min=1, help="Sentences; may be repeated. (default: 64 and 1)")
]
Workers = Annotated[int, typer.Option(min=1, help="Processes that translate, each with --threads.")]
Engine = Annotated[EngineName, typer.Option(help="local: processes of this machine. ray: a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="The Ray cluster's head. (default: RAY_ADDRESS, this machine's, or a new one)"),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")]
ServedModels = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of model directories.")]

# --- how a run goes ---
ResumeTraining = Annotated[bool, typer.Option("--resume", help="Go on from the last saved state, to the bit.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the same command was stopped.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in training.max_updates=100; may be repeated.")
]
PreparationOverrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="As in preparation.vocabulary_size=4000; may be repeated."),
]
Repeat = Annotated[int, typer.Option(min=1, help="Runs of each setting; what is shown is their median.")]
