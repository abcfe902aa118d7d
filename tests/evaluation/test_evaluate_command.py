"""`nmt evaluate` as a person uses it: forms of output, runs, test sets, the gate of a pipeline, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nmt.cli.every import app
from nmt.errors import NmtError

REFERENCE = ["The cat is sitting on the mat.", "It is raining, isn't it?", "Yesterday he bought three red apples."] * 4
TEXTS = {
    "ref": REFERENCE,
    "ref2": ["A cat sits on the mat.", "It rains, doesn't it?", "He bought three red apples yesterday."] * 4,
    "good": ["The cat is sitting on a mat.", "It is raining, isn't it?", "Yesterday he bought three red pears."] * 4,
    "bad": ["The cat sits on a mat.", "It rains, doesn't it?", "He bought three apples yesterday."] * 4,
    "worse": ["A cat.", "It rains on the mat.", "He sold the pears."] * 4,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("SACREBLEU", "SACREBLEU_FORMAT", "SACREBLEU_SEED"):
        monkeypatch.delenv(variable, raising=False)
    for name, lines in TEXTS.items():
        write(name, lines)
    return tmp_path


def write(name: str, lines: Sequence[str]) -> None:
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def evaluate(*arguments: object) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, done.exception
    return done.stdout


def error_of(*arguments: object) -> str:
    done = run(*arguments)
    assert isinstance(done.exception, NmtError), done.stdout
    message = str(done.exception)
    assert "\n" not in message
    return message


# --- forms -------------------------------------------------------------------------------------------------------------


def test_rows_have_a_column_for_each_fact() -> None:
    arguments = ("ref", "-i", "good", "bad", "worse", "-m", "bleu", "ter", "-pbs", "-pbsn", "300")
    rows = [json.loads(line) for line in evaluate(*arguments, "-f", "jsonl").splitlines()]
    assert [(row["system"], row["metric"]) for row in rows] == [
        (system, metric) for metric in ("BLEU", "TER") for system in ("Baseline: good", "bad", "worse")
    ]
    table = list(csv.DictReader(io.StringIO(evaluate(*arguments, "-f", "csv"))))
    assert [float(row["score"]) for row in table] == [row["score"] for row in rows]
    assert {row["rank"] for row in table} == {"1", "2", "3"}
    assert [row["people_agree"] != "" for row in table] == [False, True, True, False, False, False]
    assert json.loads(evaluate(*arguments))[1]["BLEU"]["p_holm"] == rows[1]["p_holm"]


def test_intervals_of_several_systems_are_in_json() -> None:
    arguments = ("ref", "-i", "good", "bad", "-m", "bleu", "chrf", "-ci", "-cin", "50")
    found = json.loads(evaluate(*arguments, "-f", "json"))
    rows = [json.loads(line) for line in evaluate(*arguments, "-f", "jsonl").splitlines()]
    assert len(rows) == 4
    for row in rows:
        [system] = [one for one in found if one["system"] == row["system"]]
        assert [system[row["metric"]][key] for key in ("score", "mean", "ci")] == [
            row[key] for key in ("score", "mean", "ci")
        ]
    assert json.loads(evaluate("ref", "-i", "good", "bad"))[0] == {"system": "good", "BLEU": f"{rows[0]['score']:.1f}"}


def test_markdown_is_a_table_and_latex_is_tabulars() -> None:
    text = evaluate("ref", "-i", "good", "bad", "worse", "-m", "bleu", "chrf", "--paired-bs", "-f", "markdown")
    lines = text.splitlines()
    assert lines[0].split() == ["|", "System", "|", "BLEU", "|", "chrF2", "|"]
    assert lines[3].startswith("| bad")
    assert ", p = 0.0" in lines[3]
    assert "- BLEU: `nrefs:1|bs:1000|seed:12345|" in text
    assert text.count("| Cluster") == 2
    latex = evaluate("ref", "-i", "good", "bad", "-f", "latex", "-par", "-parn", "50")
    assert latex.count("\\begin{tabular}") == latex.count("\\toprule") == 2


def test_segments_of_several_systems_and_metrics_are_rows() -> None:
    rows = evaluate("ref", "-i", "good", "bad", "-m", "bleu", "chrf", "-sl", "-f", "jsonl").splitlines()
    assert len(rows) == 24
    first = json.loads(rows[0])
    assert (first["segment"], first["system"]) == (1, "good")
    alone = evaluate("ref", "-i", "good", "-m", "chrf", "-sl", "-b", "-w", "4").splitlines()
    assert f"{first['chrF2']:.4f}" == alone[0]
    assert f"{first['BLEU']:.2f}" == evaluate("ref", "-i", "good", "-sl", "-b", "-w2").splitlines()[0]
    assert "use --format csv or jsonl" in error_of("ref", "-i", "good", "bad", "-sl")


def test_runs_of_one_system_have_a_deviation() -> None:
    scores = [float(evaluate("ref", "-i", name, "-b", "-w", "6")) for name in ("good", "bad")]
    mean, deviation = sum(scores) / 2, abs(scores[0] - scores[1]) / 2**0.5
    printed = evaluate("--reference", "ref", "--hypothesis", "good", "bad", "--seeds", "2", "--metric", "bleu")
    assert printed.startswith(f"BLEU {mean:.2f} ± {deviation:.2f}  nrefs:1|")
    single = json.loads(evaluate("ref", "-i", "good", "bad", "--seeds", "2", "-w", "3"))
    assert (single["score"], single["deviation"]) == (round(mean, 3), round(deviation, 3))
    write("base.1", TEXTS["worse"])
    write("base.2", TEXTS["bad"])
    table = json.loads(evaluate("ref", "-i", "base.1", "base.2", "good", "bad", "--seeds", "2", "-pbs", "-pbsn", "100"))
    assert [row["system"] for row in table] == ["Baseline: base", "good bad"]
    assert table[1]["BLEU"]["score"] == pytest.approx(mean)
    assert table[1]["BLEU"]["p_value"] < 0.05
    assert "--seeds 2 does not divide the 3 files" in error_of("ref", "-i", "good", "bad", "worse", "--seeds", "2")


def test_several_references_as_files_and_options() -> None:
    both = evaluate("ref", "ref2", "-i", "bad")
    assert json.loads(both)["nrefs"] == "2"
    assert evaluate("ref", "ref2", "--hypothesis", "bad") == both
    lines = evaluate("--reference", "ref", "ref2", "--hypothesis", "bad", "--metric", "bleu")
    assert lines == evaluate("--reference", "ref", "--reference", "ref2", "--hypothesis", "bad", "-m", "bleu")
    assert lines.startswith(f"BLEU {json.loads(evaluate('ref', 'ref2', '-i', 'bad', '-w2'))['score']:.2f}  nrefs:2|")


# --- test sets ---------------------------------------------------------------------------------------------------------


def test_a_test_set_is_found_where_sacrebleu_puts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = evaluate("ref", "ref2", "-i", "bad")
    home = Path(".sacrebleu", "wmt99")
    home.mkdir(parents=True)
    for name, text in (("src", "good"), ("ref", "ref"), ("ref-B", "ref2")):
        write(str(home / f"wmt99.de-en.{name}"), TEXTS[text])
    assert evaluate("-t", "wmt99", "-l", "de-en", "-i", "bad") == expected
    assert evaluate("--test-set", str(home), "-l", "de-en", "-i", "bad") == expected
    home.parent.rename("elsewhere")
    monkeypatch.setenv("SACREBLEU", "elsewhere")
    assert evaluate("-t", "wmt99", "-l", "de-en", "-i", "bad") == expected
    message = error_of("-t", "wmt98", "-l", "de-en", "-i", "bad")
    assert message.startswith("--test-set wmt98: is neither a folder nor in elsewhere; nmt downloads nothing, but")
    assert "has 0 and 0 of them" in error_of("-t", "wmt99", "-l", "en-de", "-i", "bad")
    assert "needs a language pair" in error_of("-t", "wmt99", "-i", "bad")
    assert "either --test-set or references" in error_of("ref", "-t", "wmt99", "-l", "de-en", "-i", "bad")
    assert "two languages" in error_of("ref", "-l", "german", "-i", "bad")


ORIGINALS, DOMAINS = ["de", "de", "en"] * 4, ["news", "mail", "news"] * 4


@pytest.fixture
def originals() -> None:
    """A test set of six segments in two original languages and two domains."""
    Path("set").mkdir()
    for name, lines in {"src": TEXTS["good"], "ref": TEXTS["ref"], "origlang": ORIGINALS, "domain": DOMAINS}.items():
        write(f"set/set.de-en.{name}", lines)


def part(name: str, kept: Callable[[int], bool]) -> str:
    """The file of these lines of a text."""
    write(f"{name}.part", [line for number, line in enumerate(TEXTS[name]) if kept(number)])
    return f"{name}.part"


@pytest.mark.usefixtures("originals")
def test_parts_of_a_test_set_are_scored_as_texts_of_their_own() -> None:
    command = ("-t", "set", "-l", "de-en", "-i", "bad", "-w", 4)
    for options, kept in (
        (("--origlang", "de"), lambda number: ORIGINALS[number] == "de"),
        (("-ol", "non-de"), lambda number: ORIGINALS[number] != "de"),
        (("--subset", "new|x"), lambda number: DOMAINS[number] == "news"),
        (("--subset", "mail", "-ol", "de"), lambda number: DOMAINS[number] == "mail"),
    ):
        expected = evaluate(part("ref", kept), "-i", part("bad", kept), "-w", 4, "-l", "de-en")
        assert evaluate(*command, *options) == expected
        assert evaluate("-t", "set", "-l", "de-en", "--echo", "ref", *options) == Path("ref.part").read_text(
            encoding="utf-8"
        )
    shown = evaluate(*command, "--detail", "-m", "bleu", "chrf")
    for language, domain in (("de", "news"), ("de", "mail"), ("en", "news")):
        kept = [number for number in range(12) if (ORIGINALS[number], DOMAINS[number]) == (language, domain)]
        score = json.loads(evaluate(part("ref", kept.__contains__), "-i", part("bad", kept.__contains__), "-w", 4))["score"]
        assert re.search(rf"^origlang={language} domain={domain} *: sentences=4 +BLEU  = {score:.4f}$", shown, re.MULTILINE)
    assert "origlang=en domain=ALL" in shown
    assert "origlang=en domain=mail" not in shown
    assert "contains no segment with origlang=fr" in error_of(*command, "-ol", "fr")
    assert "should be a regular expression" in error_of(*command, "--subset", "(")
    assert "goes with no --sentence-level" in error_of(*command, "--detail", "-f", "csv")


@pytest.mark.usefixtures("originals")
def test_fields_of_a_test_set_are_echoed() -> None:
    command = ("-t", "set", "-l", "de-en", "--echo")
    rows = evaluate(*command, "origlang", "src").splitlines()
    assert rows == ["\t".join(pair) for pair in zip(ORIGINALS, TEXTS["good"], strict=True)]
    assert evaluate(*command, "all").count("\t") == 36
    assert "set has no such field; it has domain, origlang, ref, src" in error_of(*command, "docid")
    for option in (("--echo", "src"), ("--origlang", "de"), ("--subset", "x")):
        assert "is for a test set on disk" in error_of("ref", "-i", "bad", *option)
    assert "--detail is for a test set on disk" in error_of("ref", "-i", "bad", "--detail")


def test_parts_are_those_of_sacrebleu_where_its_raw_files_tell_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from sacrebleu.dataset import DATASETS

    home = Path("home", "wmt18")
    raw = home / "raw" / DATASETS["wmt18"].langpairs["de-en"][0]
    raw.parent.mkdir(parents=True)
    documents = [("de", "rt.com.68098"), ("en", "bbc.310963"), ("en", "washpost.116881")]
    with raw.open("w", encoding="utf-8") as file:
        for number, (language, name) in enumerate(documents):
            file.write(f'<doc sysid="ref" docid="{name}" genre="news" origlang="{language}">\n')
            file.writelines(f'<seg id="{segment}">x</seg>\n' for segment in range(number + 3))
            file.write("</doc>\n")
    segments = [document for number, document in enumerate(documents) for _ in range(number + 3)]
    known = {"src": TEXTS["good"], "ref": TEXTS["ref"], "origlang": [language for language, _ in segments]}
    for field in DATASETS["wmt18"].fieldnames("de-en"):
        write(str(home / f"wmt18.de-en.{field}"), known.get(field, [name for _, name in segments]))
    monkeypatch.setenv("SACREBLEU", str(home.parent))
    monkeypatch.setattr("sacrebleu.utils.SACREBLEU_DIR", str(home.parent))
    command = ["-t", "wmt18", "-l", "de-en", "-i", "bad", "-m", "bleu", "chrf", "-w", "4"]
    for options in (["--origlang", "en"], ["--origlang", "non-en"], ["--subset", "sport"], ["--detail", "-f", "text"]):
        done = subprocess.run(
            [sys.executable, "-m", "sacrebleu", *command, *options], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert evaluate(*command, *options).split() == done.stdout.split()


def test_texts_may_be_in_another_encoding() -> None:
    for name in ("ref", "bad"):
        Path(f"{name}.latin").write_bytes("".join(f"ä {line}\n" for line in TEXTS[name]).encode("latin-1"))
        write(f"{name}.utf", [f"ä {line}" for line in TEXTS[name]])
    assert evaluate("ref.latin", "-i", "bad.latin", "-e", "latin-1") == evaluate("ref.utf", "-i", "bad.utf")
    assert "--encoding ebcdic: unknown" in error_of("ref", "-i", "bad", "-e", "ebcdic")
    assert "--encoding utf-16: a line feed is more than one byte" in error_of("ref", "-i", "bad", "-e", "utf-16")


def test_the_words_are_those_of_the_target_language() -> None:
    for pair, words in (("en-zh", "zh"), ("en-th", "char"), ("en-my", "char"), ("de-en", "13a")):
        assert json.loads(evaluate("ref", "-i", "bad", "-l", pair))["tok"] == words
    assert json.loads(evaluate("ref", "-i", "bad", "-l", "en-zh", "-tok", "intl"))["tok"] == "intl"


# --- a pipeline --------------------------------------------------------------------------------------------------------


def test_a_gate_lets_better_scores_through_and_stops_worse_ones() -> None:
    score = float(evaluate("ref", "-i", "good", "-b", "-w", "6", "--json", "good.json"))
    worse = float(evaluate("ref", "-i", "bad", "-b", "-w", "6"))
    assert run("ref", "-i", "good", "--against", "good.json").exit_code == 0
    done = run("ref", "-i", "bad", "--against", "good.json", "--fail-below", "0.3", "--metric", "bleu")
    assert done.exit_code == 1
    loss = f"{score - worse:.2f}"
    assert done.stderr == (
        f"nmt: worse: bad: BLEU {worse:.2f} is {loss} worse than {score:.2f} of good.json; 0.3 is allowed\n"
    )
    assert run("ref", "-i", "bad", "--against", "good.json", "--fail-below", score - worse + 0.1).exit_code == 0
    # Less is better.
    evaluate("ref", "-i", "bad", "-m", "ter", "--json", "bad.json")
    assert run("ref", "-i", "good", "-m", "ter", "--against", "bad.json").exit_code == 0
    assert run("ref", "-i", "worse", "-m", "ter", "--against", "bad.json").exit_code == 1


def test_a_gate_knows_systems_by_name_and_compares_like_with_like() -> None:
    evaluate("ref", "-i", "good", "bad", "-pbs", "-pbsn", "20", "--json", "both.json")
    assert run("ref", "-i", "Baseline", "--against", "both.json").exception is not None
    message = error_of("ref", "-i", "worse", "--against", "both.json")
    assert message == "both.json: has no BLEU of worse; it has Baseline: good BLEU, bad BLEU"
    assert run("ref", "-i", "bad", "--against", "both.json").exit_code == 0, "a test does not change a score"
    assert "computed in another way" in error_of("ref", "-i", "bad", "-lc", "--against", "both.json")
    for text in ("[]", "{", '{"format": 1}', '{"format": 1, "systems": [], "scores": [1]}'):
        Path("broken.json").write_text(text, encoding="utf-8")
        assert error_of("ref", "-i", "bad", "--against", "broken.json").startswith("broken.json: is no report that nmt")
    Path("new.json").write_text('{"format": 99}', encoding="utf-8")
    assert "is a report of format 99" in error_of("ref", "-i", "bad", "--against", "new.json")


# --- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ref", "-i"), "-i is without a value; it takes one or more"),
        (("ref", "-i", "-m", "bleu"), "-i is without a value; it takes one or more"),
        (("ref", "-i", "good", "-m"), "-m is without a value; it takes one or more"),
        (("ref", "ref", "-i", "good"), "ref: is given twice as a reference; each should be another file"),
        (("ref", "-i", "good", "good"), "good: is given twice as a system; each should be another file"),
        (("ref", "-i", "good", "bad", "bad", "-pbs"), "bad: is given twice as a system; each should be another file"),
        (("ref", "--reference", "ref2", "-i", "good"), "references are given both as arguments and by --reference; use one"),
        (("-i", "good"), "there is no reference; give one or more, as in nmt evaluate REFERENCE -i SYSTEM"),
        (("ref", "-i", "good", "-pbs"), "a paired test compares systems; give two or more, as in -i BASELINE NEW"),
        (("ref", "-i", "good", "good", "-pbs"), "a paired test compares systems; give two or more, as in -i BASELINE NEW"),
        (("ref", "-i", "good", "bad", "-pbs", "-par"), "--paired-bs and --paired-ar are two tests; choose one"),
        (("ref", "-i", "good", "-sl", "-ci"), "--sentence-level scores each sentence; a test or an interval needs many"),
        (("ref", "ref2", "-nr", "2", "-i", "good"), "--num-refs is for one file that has all references, with tabs between"),
        (("ref", "-nr", "2", "-i", "good"), "ref: line 1 has 1 columns, not the 2 of --num-refs"),
        (
            ("ref", "-i", "good", "bad", "-f", "lines"),
            "--format lines is for one system; use text, markdown, csv or another",
        ),
        (("nothing", "-i", "good"), "nothing: cannot be read: No such file or directory"),
        (("ref", "-i", "good", "-l", "en-jp"), "'jp' is a country and no language; should be a language, such as ja"),
        (("ref", "-i", "good", "--language", "cn"), "'cn' is a country and no language; should be a language, such as zh"),
        (("ref", "-i", "good", "-l", "xx-en"), "'xx' is no language; should be one such as de, pt-BR or zh-Hans"),
        (("ref", "-i", "good", "--train", "ref2"), "--train is for --explain and --html; give one of them"),
        (("ref", "-i", "good", "--domains", "ref2"), "--domains is for --explain and --html; give one of them"),
        (("ref", "-i", "good", "--fail-below", "1"), "--fail-below is for --against; give the figures of before"),
        (("ref", "-i", "good", "--beam-size", "3"), "--beam-size is for a --model, which translates; there is none"),
        (("ref", "-i", "good", "--device", "cpu"), "--device is for a --model, which translates; there is none"),
        (("ref", "-i", "good", "--plain"), "--plain is how a --model translates; there is none"),
        (("ref", "-i", "good", "-w", "2", "-w", "3"), "--width is given twice; it takes one value"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], message: str) -> None:
    assert error_of(*arguments).startswith(message)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("-m", "chrf", "-tok", "intl"), "--tokenize is for bleu, which is not among the metrics"),
        (("-m", "bleu", "-cw", "2"), "--chrf-word-order is for chrf, which is not among the metrics"),
        (("-m", "bleu", "--ter-normalized"), "--ter-normalized is for ter, which is not among the metrics"),
        (("-cin", "50"), "--confidence-n is for --confidence, which is not given"),
        (("-sv", "0.5"), "--smooth-value is for --smooth-method floor and add-k"),
        (("-m", "bleu", "chrf", "-tok", "intl", "-cw", "2", "-ci", "-cin", "50", "-s", "floor", "-sv", "0.5"), ""),
    ],
)
def test_options_that_change_nothing_are_told(arguments: tuple[str, ...], complaint: str) -> None:
    done = run("ref", "-i", "good", *arguments)
    assert (done.exit_code, done.stderr) == (0, f"nmt: warning: {complaint}\n" if complaint else "")


def test_unequal_numbers_of_lines_are_counted_file_by_file() -> None:
    write("short", REFERENCE[:5])
    message = error_of("ref", "ref2", "-i", "good", "short")
    assert message == (
        "the files have different numbers of lines: ref 12, ref2 12, good 12, short 5; each needs a line for each segment"
    )
    done = CliRunner().invoke(app, ["evaluate", "ref"], input="a\tb\nc\n")
    assert isinstance(done.exception, NmtError)


@pytest.mark.parametrize("empty", ["hypothesis", "reference"])
def test_an_empty_file_is_named(empty: str) -> None:
    Path(empty).touch()
    arguments = ("ref", "-i", empty) if empty == "hypothesis" else (empty, "-i", "good")
    assert error_of(*arguments) == f"{empty}: is empty; there is nothing to score"


def test_the_baseline_may_come_again_in_a_list_of_files() -> None:
    expected = evaluate("ref", "-i", "good", "bad", "-pbs", "-pbsn", "20")
    assert evaluate("ref", "-i", "good", "bad", "good", "-pbs", "-pbsn", "20") == expected


def test_odd_bytes_change_no_score_and_no_line() -> None:
    """Windows' line ends and a byte order mark are no text; U+2028 and NUL are text and end no line."""
    plain = evaluate("ref", "-i", "good", "-m", "bleu", "chrf", "ter")
    text = "".join(f"{line}\r\n" for line in TEXTS["good"])
    Path("windows").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert evaluate("ref", "-i", "windows", "-m", "bleu", "chrf", "ter") == plain
    for odd in ("\u2028", "\x85", "\x0b", "\x00"):
        for name in ("ref", "good"):
            write(f"odd-{name}", [line.replace(", ", f",{odd}") for line in TEXTS[name]])
        found = json.loads(evaluate("odd-ref", "-i", "odd-good", "-m", "chrf", "-sl", "-f", "jsonl").splitlines()[1])
        assert found["segment"] == 2
        assert found["chrF2"] == pytest.approx(100.0)


def test_a_line_of_100000_characters_is_scored() -> None:
    long = "The old train departs. " * 4348
    assert len(long) > 100_000
    write("long", [long, *REFERENCE[1:]])
    write("longer", [f"{long}Now.", *REFERENCE[1:]])
    found = json.loads(evaluate("long", "-i", "longer", "-m", "bleu", "chrf", "-w", "5"))
    assert all(99.0 < row["score"] < 100.0 for row in found)
