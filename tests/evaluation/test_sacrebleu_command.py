"""What is typed for `sacrebleu` is typed for `nmt evaluate`, and the numbers and signatures are the same, digit by digit."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from support.streams import stream

from nmt.cli.every import app

# Its import has a broken pipe end the process, and so a later test of whatever writes to one.
_on_broken_pipe = signal.getsignal(signal.SIGPIPE)
from sacrebleu.sacrebleu import main as sacrebleu_main  # noqa: E402

signal.signal(signal.SIGPIPE, _on_broken_pipe)

VECTORS = 120
SENTENCES = [
    "Der alte Zug fährt um 17:45 Uhr nach Köln ab.",
    "She didn't come, because it was raining all day long!",
    "我们昨天在公园里看到了三只猫。",
    "“Wer wagt,” sagte er, “gewinnt” – aber nicht immer.",
    "Prices rose by 3.5% in 2019, i.e. more than ever.",
    "Das ist &quot;gut&quot; genug\u2028für uns beide",
    "今天天气很好, 我们去 Berlin 吧。",
    "A well-known U.S. company bought its rival for $2,300,000 .",
    "Ein Satz   mit   vielen Leerzeichen  ",
    "",
    "Kurz",
    "The quick brown fox jumps over the lazy dog near the bank of the river.",
]


def changed(sentence: str, chance: random.Random) -> str:
    """A sentence with words left out, doubled, swapped and changed."""
    words = sentence.split(" ")
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(words))
        match chance.randrange(4):
            case 0:
                words[place] = words[place].swapcase()
            case 1:
                words.insert(place, chance.choice(words))
            case 2 if len(words) > 1:
                del words[place]
            case _:
                other = chance.randrange(len(words))
                words[place], words[other] = words[other], words[place]
    return " ".join(words) + chance.choice(["", "", " ", "."])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(1)
    folder = tmp_path_factory.mktemp("texts")
    text = [chance.choice(SENTENCES) for _ in range(18)]
    files = {name: [changed(line, chance) for line in text] for name in ("r1", "r2", "r3", "a", "b", "c", "d")}
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    tables = {"two": ("r1", "r2"), "piped": ("a", "b"), "alone": ("a",)}
    for name, columns in tables.items():
        # A table whose last cell is empty is no table for sacreBLEU, which takes the tab for a space at the end.
        rows = zip(*([line.rstrip() or "." for line in files[column]] for column in columns), strict=True)
        (folder / name).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def vector(chance: random.Random) -> tuple[list[str], str]:
    """Arguments that `sacrebleu` understands, and the file that is its standard input."""

    def maybe(*options: Sequence[str], share: float = 0.2) -> list[str]:
        return list(chance.choice(options)) if chance.random() < share else []

    several = chance.random() < 0.5
    single_metric = chance.random() < 0.3
    metrics = chance.sample(["bleu", "chrf", "ter"], 1 if single_metric else chance.randint(1, 3))
    piped = chance.random() < 0.2
    systems = chance.sample(["a", "b", "c", "d"], chance.randint(2, 3)) if several else [chance.choice("abcd")]
    references = chance.choice(
        [["r1"], ["r1"], ["r2", "r3"], ["r1", "r2", "r3"], ["two", "-nr", "2"], ["two", "--num-refs", "2"]]
    )
    options = [
        *([] if chance.random() < 0.2 else [chance.choice(["-m", "--metrics"]), *metrics]),
        *maybe(["-lc"], ["--lowercase"]),
        *maybe(
            *([name, tokenizer] for name in ("-tok", "--tokenize") for tokenizer in ("13a", "intl", "zh", "char", "none"))
        ),
        *maybe(["-s", "floor"], ["-s", "add-k"], ["-s", "none"], ["--smooth-method", "exp"], ["-s", "floor", "-sv", "0.3"]),
        *maybe(["-cw", "2"], ["--chrf-word-order", "1"], ["-cc", "4"], ["--chrf-char-order", "5"]),
        *maybe(["--chrf-beta", "1"], ["--chrf-beta", "3"]),
        *maybe(["--chrf-whitespace"], share=0.15),
        *maybe(["--chrf-lowercase"], share=0.15),
        *maybe(["--chrf-eps-smoothing"], share=0.1),
        *maybe(["--ter-case-sensitive"], share=0.15),
        *maybe(["--ter-asian-support", "--ter-normalized"], ["--ter-normalized"], share=0.15),
        *maybe(["--ter-no-punct"], share=0.15),
        *maybe(["-w", "2"], ["-w", "4"], ["--width", "6"], ["-w6"], ["--width=3"], share=0.6),
        *maybe(["-f", "text"], ["-f", "json"], ["--format", "latex"], ["-f", "text"], share=0.7),
        *maybe(["-l", "en-de"], ["-l", "de-zh"], ["--language-pair", "en-fr"]),
        *maybe(["-sh"], ["--short"]),
        *maybe(["-b"], ["--score-only"], share=0.15),
        *maybe(["-q"], ["--quiet"]),
        *maybe(["--force"], share=0.05),
        "-nc",
    ]
    if several:
        options += maybe(
            *(["-pbs"], ["--paired-bs", "--paired-bs-n", "200"], ["--paired-bs", "-pbsn", "57"], ["-par", "-parn", "300"]),
            *(["--paired-ar", "--paired-ar-n", "150"], ["-par", "-parn", "80"]),
            share=0.75,
        )
    else:
        options += maybe(["-ci"], ["--confidence", "--confidence-n", "200"], ["-ci", "-cin", "77"], share=0.4)
        if "-ci" not in options and "--confidence" not in options and len(set(metrics)) == 1 and "-f" not in options:
            options += maybe(["-sl"], ["--sentence-level"], share=0.4)
    if piped:
        return [*references, *options], "piped" if several else "alone"
    return [*references, *chance.choice([["-i"], ["--input"]]), *systems, *options], ""


class Descriptor:
    """A stream that is known by a number of its own, which whoever asks for it closes."""

    def __init__(self, path: Path, flags: int) -> None:
        self._arguments = path, flags

    def fileno(self) -> int:
        return os.open(*self._arguments)


def sacrebleu(arguments: Sequence[str], given: Path) -> str:
    """What the program `sacrebleu` writes to standard output, run in this process."""
    Path("written").touch()
    streams = {"stdin": Descriptor(given, os.O_RDONLY), "stdout": Descriptor(Path("written"), os.O_WRONLY | os.O_TRUNC)}
    before = sys.stdin, sys.stdout, sys.argv
    try:
        sys.stdin, sys.stdout, sys.argv = streams["stdin"], streams["stdout"], ["sacrebleu", *arguments]  # type: ignore[assignment]
        # SacreBLEU 2.6 breaks off where it should write the float32 of a bootstrap as JSON.
        dumps = partial(json.dumps, default=float)
        with suppress(SystemExit), redirect_stderr(io.StringIO()), mock.patch("sacrebleu.utils.json.dumps", dumps):
            sacrebleu_main()
        sys.stdout.close()
        sys.stdin.close()
    finally:
        sys.stdin, sys.stdout, sys.argv = before
    return Path("written").read_text(encoding="utf-8")


def evaluate(arguments: Sequence[str], given: Path) -> str:
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(io.StringIO()), stream(0, given, os.O_RDONLY):
        app(["evaluate", *arguments], standalone_mode=False)
    return output.getvalue()


def contained(expected: Any, found: Any) -> bool:
    """Whether all that is in one object of JSON is in the other, where there may be more."""
    if isinstance(expected, dict):
        return all(key in found and contained(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(contained, expected, found))
    return bool(expected == found)


@pytest.mark.slow
def test_the_same_arguments_give_the_same_numbers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SACREBLEU_FORMAT", raising=False)
    monkeypatch.delenv("SACREBLEU_SEED", raising=False)
    chance = random.Random(20240229)
    seen: dict[str, int] = {}
    for _ in range(VECTORS):
        arguments, piped = vector(chance)
        given = folder / (piped or "alone")
        expected, found = sacrebleu(arguments, given), evaluate(arguments, given)
        assert expected, arguments
        if found == expected:
            kind = "the same"
        elif expected.startswith("["):
            assert contained(json.loads(expected), json.loads(found)), arguments
            kind = "JSON"
        else:
            assert found.startswith(expected), arguments
            assert "People agree" in found.removeprefix(expected)
            kind = "text"
        seen[kind] = seen.get(kind, 0) + 1
    assert sum(seen.values()) == VECTORS
    assert min(seen.values()) > VECTORS / 8, seen


@pytest.mark.parametrize("variable", [{"SACREBLEU_SEED": "7"}, {"SACREBLEU_FORMAT": "text"}, {"SACREBLEU_FORMAT": "LaTeX"}])
def test_the_environment_means_the_same(variable: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for systems in (["a", "b", "-pbs", "-pbsn", "50"], ["a", "-ci"]):
        arguments = ["r1", "-nc", "-m", "bleu", "ter", "-w", "5", "-i", *systems]
        with mock.patch.dict(os.environ, variable):
            expected, found = sacrebleu(arguments, folder / "a"), evaluate(arguments, folder / "a")
        if expected.startswith("["):
            assert contained(json.loads(expected), json.loads(found))
        else:
            assert found.startswith(expected)
        assert expected != sacrebleu(arguments, folder / "a")


def test_several_processes_find_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for test in (["-pbs", "-pbsn", "60"], ["-par", "-parn", "60"]):
        arguments = ["r1", "-m", "bleu", "ter", "-i", "a", "b", "c", *test]
        assert evaluate([*arguments, "-j", "2"], folder / "a") == evaluate(arguments, folder / "a")
