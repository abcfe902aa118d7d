"""The command line, run as the executable that a person runs, on a real if untrained model."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from support.command import NMT, error_of, nmt
from support.untrained import small, write_model

from nmt.checkpoint.directory import load_model
from nmt.checkpoint.info import ReportedScore, Training
from nmt.cli.translate import translate
from nmt.errors import CorpusError, InputError
from nmt.files.lines import Lines, paired
from nmt.files.output import open_output
from nmt.files.places import TextInput, TextOutput
from nmt.model.build import build_seq2seq
from nmt.offline.formats import Format
from nmt.text.tokenizer import train_tokenizer

SENTENCES = (
    "The old bridge was closed in the spring.",
    "Somebody left a red umbrella on the train.",
    "Wir haben gestern lange auf den Bus gewartet.",
    "Die Katze schläft am liebsten auf dem Ofen.",
    "Her brother repairs clocks, radios and toys.",
)
SHAPE = small(8, decoder_layers=2)


@pytest.fixture(scope="session")
def model_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("models") / "tiny-de-en"
    tokenizer = train_tokenizer(SENTENCES, vocabulary_size=60, kind="bpe", character_coverage=1.0)
    write_model(
        directory,
        tokenizer=tokenizer,
        shape=SHAPE,
        seed=1,
        training=Training(
            command="nmt train", updates=1234, minutes=2.0, machine="2 cores", corpora={"a.tsv": "0" * 64}, sentence_pairs=5
        ),
        scores=(ReportedScore(test_set="valid", metric="BLEU", value=12.34, signature="nrefs:1|case:mixed", beam_size=5),),
    )
    return directory


HOSTILE = [
    b"",
    b"Wir haben gestern lange auf den Bus gewartet.",
    b"a\x00b",
    b"\xff\xfe not UTF-8 \xc3",
    "\u202bשלום\u202c \u200f!".encode(),
    "👩‍👩‍👧‍👦 🇩🇪".encode(),
    b"ends with a carriage return\r",
    "line\u2028separator, next\u0085line, form\x0cfeed, tab\tand lone \r return".encode(),
    b"   ",
    b"the old bridge " * 3400,  # 51,000 characters
    b"no newline at the end",
]


def test_tags_of_lines_stay(model_directory: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    source.write_text('<p id="a">the <b>old</b> bridge</p>\n<br>\n', encoding="utf-8")
    nmt("translate", "--model", model_directory, "--input", source, "--output", output, "--markup", "html")
    first, second = output.read_text(encoding="utf-8").splitlines()
    assert all(first.count(tag) == 1 for tag in ('<p id="a">', "<b>", "</b>", "</p>"))
    assert second == "<br>"


@pytest.mark.slow
def test_numbers_and_ends_of_sentences_are_as_a_user_says(model_directory: Path) -> None:
    text = "die alte brücke. Der alte see.\n2,5 %\n1.234,56\n1.234\n".encode()
    usual, localised, whole = (
        nmt("translate", "--model", model_directory, *options, given=text).stdout.decode().splitlines()
        for options in ([], ["--localise-numbers"], ["--split-sentences", "none"])
    )
    assert usual[1:] == ["2,5 %", "1.234,56", "1.234"]
    assert localised == [usual[0], "2.5 %", "1,234.56", "1.234"]
    assert whole[0] != usual[0]


@pytest.mark.slow
def test_hostile_lines_come_back_one_for_one(model_directory: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    source.write_bytes(b"\n".join(HOSTILE))
    done = nmt("translate", "--model", model_directory, "--input", source, "--output", output, "--beam-size", 1)
    translated = output.read_bytes()
    assert translated.endswith(b"\n")
    lines = translated.removesuffix(b"\n").split(b"\n")
    assert len(lines) == len(HOSTILE)
    assert lines[0] == b""
    assert lines[8] == b"   "
    assert [line.endswith(b"\r") for line in lines] == [line.endswith(b"\r") for line in HOSTILE]
    assert "1 line was not valid UTF-8 (the first: line 4)" in done.stderr.decode()
    translated.decode()


def run_translate(model_directory: Path, text: bytes, **options: object) -> bytes:
    """The command as a function, on files."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder, "source"), Path(folder, "output")
        source.write_bytes(text)
        translate(model=[model_directory], input=TextInput(str(source)), output=TextOutput(str(output)), **options)  # type: ignore[call-arg]
        return output.read_bytes()


def test_json_lines_hold_everything(model_directory: Path) -> None:
    text = (SENTENCES[2] + "\n\n" + SENTENCES[3] + " " + SENTENCES[2] + "\n").encode()
    output = run_translate(model_directory, text, n_best=3, beam_size=4, form=Format.jsonl)
    first, empty, two = [json.loads(line) for line in output.decode().split("\n")[:-1]]
    assert [record["line"] for record in (first, empty, two)] == [1, 2, 3]
    assert first["source"] == SENTENCES[2]
    assert len(first["translations"]) == 3
    scores = [translation["score"] for translation in first["translations"]]
    assert scores == sorted(scores, reverse=True)
    assert [target for _, target in first["alignment"]] == list(range(len(first["tokens"])))
    assert all(0 <= source < len(first["source_tokens"]) for source, _ in first["alignment"])
    assert empty["translations"] == [{"text": "", "score": 0}]
    assert len(two["source_tokens"]) > len(first["source_tokens"])


def test_tables_have_a_row_for_each_hypothesis(model_directory: Path) -> None:
    output = run_translate(model_directory, b"ein\tBus\n\nzwei\n", n_best=2, form=Format.tsv)
    rows = [row.split("\t") for row in output.decode().split("\n")[:-1]]
    assert [(row[0], row[1]) for row in rows] == [("1", "1"), ("1", "2"), ("2", "1"), ("3", "1"), ("3", "2")]
    assert all(len(row) == 4 for row in rows)
    assert float(rows[0][2]) >= float(rows[1][2])


def test_an_empty_file_gives_an_empty_file(model_directory: Path) -> None:
    assert run_translate(model_directory, b"") == b""
    assert run_translate(model_directory, b"\n") == b"\n"


@pytest.mark.slow
def test_translations_come_before_the_input_ends_and_a_closed_pipe_ends_quietly(model_directory: Path) -> None:
    command = [str(NMT), "translate", "--model", str(model_directory), "--beam-size", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"Bus\n" * 2000)
        process.stdin.flush()
        assert process.stdout.readline().endswith(b"\n")
        process.stdout.close()
        process.stdin.write(b"Bus\n" * 2000)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 128 + signal.SIGPIPE


@pytest.mark.slow
def test_an_interrupt_is_not_a_traceback(model_directory: Path, tmp_path: Path) -> None:
    command = [
        str(NMT),
        "translate",
        "--model",
        str(model_directory),
        "--output",
        str(tmp_path / "output"),
        "--beam-size",
        "1",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not list(tmp_path.iterdir()):  # until it has opened its output it may still be starting
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == b"nmt: interrupted\n"
        assert process.wait() == 130
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_the_old_output(model_directory: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.write_text("old\n", encoding="utf-8")
    damaged = tmp_path / "source.gz"
    damaged.write_bytes(gzip.compress(b"Bus\n" * 9)[:-9])
    with pytest.raises(InputError, match=r"source\.gz: cannot be read after line"):
        translate(model=[model_directory], input=TextInput(str(damaged)), output=TextOutput(str(output)))  # type: ignore[call-arg]
    assert output.read_text(encoding="utf-8") == "old\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["output", "source.gz"]


def test_score(model_directory: Path, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "source.gz", "wb") as source:
        source.write("\n".join([*SENTENCES, ""]).encode())
    (tmp_path / "target").write_text("\n".join([*SENTENCES, ""]), encoding="utf-8")
    files = ("--source", tmp_path / "source.gz", "--target", tmp_path / "target")
    values = [float(line) for line in nmt("score", "--model", model_directory, *files).stdout.split()]
    assert len(values) == len(SENTENCES)
    assert all(value < 0 for value in values)


def test_a_model_is_given_a_shortlist(model_directory: Path, tmp_path: Path) -> None:
    model = shutil.copytree(model_directory, tmp_path / "model")
    source, target = tmp_path / "source.gz", tmp_path / "target"
    source.write_bytes(gzip.compress(b"Die Katze \xff\n\nDie Katze\n"))
    target.write_text("The old cat\nNothing\nThe cat\n")
    done = nmt("shortlist", "--model", model, "--source", source, "--target", target)
    assert b"1 line was not valid UTF-8" in done.stderr
    loaded = load_model(model, device=torch.device("cpu"))
    assert loaded.shortlist is not None
    ids = np.array([loaded.tokenizer.encode("Katze")])
    found = set(loaded.shortlist.tokens(ids, np.array([ids.shape[1]]))[0].tolist())
    assert set(loaded.tokenizer.encode("The cat")) <= found

    target.write_text("The old cat\n")
    assert "target ends after line 1" in error_of("shortlist", "--model", model, "--source", source, "--target", target)
    source.write_bytes(gzip.compress(b"\n"))
    said = error_of("shortlist", "--model", model, "--source", source, "--target", target)
    assert "no pair of sentences has 1 to 200 tokens on both sides" in said


@pytest.mark.parametrize("swap", [False, True])
def test_unequal_files_say_where_one_ended(tmp_path: Path, swap: bool) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(b"one\ntwo\n")
    long.write_bytes(b"one\ntwo\n\n")
    first, second = [Lines(TextInput(str(path))) for path in ((long, short) if swap else (short, long))]
    with pytest.raises(CorpusError, match=f"{short} ends after line 2, but {long} goes on"):
        list(paired(first, second))


def test_evaluate_given_translations(tmp_path: Path) -> None:
    with lzma.open(tmp_path / "hypothesis.xz", "wb") as hypothesis:
        hypothesis.write("\r\n".join([*SENTENCES, ""]).encode())
    (tmp_path / "reference").write_text("\n".join([*SENTENCES, ""]), encoding="utf-8")
    done = nmt("evaluate", "--hypothesis", tmp_path / "hypothesis.xz", "--reference", tmp_path / "reference")
    first, second = done.stdout.decode().splitlines()
    assert first.startswith("BLEU 100.00  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert second.startswith("chrF2 100.00  nrefs:1|case:mixed|")


@pytest.mark.slow
def test_evaluate_a_model(model_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("\n".join([*SENTENCES, ""]), encoding="utf-8")
    (tmp_path / "short").write_text("one\n", encoding="utf-8")
    files = ("--source", tmp_path / "text", "--reference", tmp_path / "text")
    printed = nmt("evaluate", "--model", model_directory, *files, "--beam-size", 2).stdout.decode()
    assert [line.split()[0] for line in printed.splitlines()] == ["BLEU", "chrF2"]
    files = ("--source", tmp_path / "text", "--reference", tmp_path / "short")
    counts = f"{tmp_path / 'text'} {len(SENTENCES)}, {tmp_path / 'short'} 1;"
    assert counts in error_of("evaluate", "--model", model_directory, *files)


def test_info_shows_what_a_model_is(model_directory: Path) -> None:
    facts = dict(line.split("  ", 1) for line in nmt("info", model_directory).stdout.decode().splitlines())
    facts = {label: value.strip() for label, value in facts.items()}
    assert facts["name"] == "tiny-de-en"
    assert facts["translates"] == "de to en"
    assert facts["scored"] == "BLEU 12.34 on valid, beam 5  nrefs:1|case:mixed"
    assert facts["trained"] == "1,234 updates in 2 minutes on 2 cores, float32"
    parameters = sum(parameter.numel() for parameter in build_seq2seq(SHAPE, vocabulary_size=60).parameters())
    assert facts["parameters"] == f"{parameters:,}"
    assert facts["decoder"].startswith(f"LSTM, {SHAPE.decoder_layers} × {SHAPE.decoder_hidden_size} units")
    assert facts["on this CPU"].startswith("runtime ")


def test_a_damaged_model_file_is_named(model_directory: Path, tmp_path: Path) -> None:
    for path in model_directory.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert "model.safetensors" in error_of("translate", "--model", tmp_path)


@pytest.mark.slow
def test_mistakes_are_one_line(tmp_path: Path, model_directory: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("source_language: de\ntarget_langage: en\n", encoding="utf-8")
    message = error_of("prepare", recipe)
    assert str(recipe) in message
    assert "unknown key target_langage; did you mean target_language?" in message
    assert "--set nonsense: should be key=value" in error_of("train", recipe, "--set", "nonsense")
    here = ("translate", "--model", model_directory)
    assert "less than or equal to 64, not 10000" in error_of(*here, "--beam-size", 10000)
    assert "n_best 9 is more than beam_size 5" in error_of(*here, "--n-best", 9, "--format", "tsv")
    assert "use tsv or jsonl" in error_of(*here, "--n-best", 2)
    assert "nowhere" in error_of("translate", "--model", tmp_path / "nowhere")
    with pytest.raises(InputError, match="nothing: cannot be read: No such file"):
        list(Lines(TextInput(str(tmp_path / "nothing"))))
    nowhere = TextOutput(f"{tmp_path}/no/output")
    with pytest.raises(InputError, match="output: cannot be written: No such file"), open_output(nowhere, inputs=[]):
        pass
    assert "either" in error_of("evaluate", "--reference", recipe)
    assert "there is no model" in error_of("serve", "--models", tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_line(model_directory: Path, tmp_path: Path) -> None:
    message = error_of("translate", "--model", model_directory, "--output", "/dev/full", given=b"Bus\n", status=74)
    assert message == "/dev/full: cannot be written: No space left on device"
    text = tmp_path / "text"
    text.write_text("one two three four\n", encoding="utf-8")
    command = [str(NMT), "evaluate", "--hypothesis", str(text), "--reference", str(text)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (74, b"nmt: error: No space left on device\n")


def test_help_does_not_load_torch() -> None:
    code = "import sys, nmt.cli.every; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert b"prepare" in nmt("--help").stdout


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=6), st.booleans())
def test_lines_out_are_lines_in(model_directory: Path, lines: list[bytes], ended: bool) -> None:
    text = b"\n".join(lines) + (b"\n" if lines and ended else b"")
    expected = len(io.BytesIO(text).readlines())
    try:
        output = run_translate(model_directory, text, beam_size=2)
    except InputError:  # as for bytes that begin like a zip archive
        reject()
    assert output.count(b"\n") == expected


@pytest.mark.slow
def test_formality_is_for_targets_that_have_it(model_directory: Path) -> None:
    model = Path(__file__).parents[2] / "checkpoints" / "broad-en-de"
    texts = {
        formality: nmt("translate", "--model", model, "--formality", formality, given=b"How old are you?\n").stdout.decode()
        for formality in ("more", "less")
    }
    assert texts == {"more": "Wie alt sind Sie?\n", "less": "Wie alt bist du?\n"}
    assert "formality 'more' is for translations into de, not into en; 'prefer_more' has it where there is one" in error_of(
        "translate", "--model", model_directory, "--formality", "more", given=b"x\n"
    )
    assert nmt("translate", "--model", model_directory, "--formality", "prefer_more", given=b"x\n").stdout


@pytest.mark.slow
def test_a_glossary_is_kept_to(model_directory: Path, tmp_path: Path) -> None:
    model = Path(__file__).parents[2] / "checkpoints" / "broad-de-en"
    (terms := tmp_path / "terms.csv").write_text('de,en\nBahnhof,"depot"\n', encoding="utf-8")
    text = b"Wo ist der Bahnhof?\nDie Farbe des Bahnhofs ist neu.\nGuten Morgen!\n"
    plain = nmt("translate", "--model", model, given=text).stdout.decode().splitlines()
    kept = nmt("translate", "--model", model, "--glossary", terms, given=text).stdout.decode().splitlines()
    assert "depot" in kept[0]
    assert kept[1:] == plain[1:]
    inflected = nmt("translate", "--model", model, "--glossary", terms, "--inflect", given=text).stdout.decode().splitlines()
    assert "depot" in inflected[1]
    (twice := tmp_path / "twice.tsv").write_text("Haus\thouse\nHaus\tbuilding\n", encoding="utf-8")
    assert "twice.tsv: lines 1 and 2 have two translations of 'Haus'" in error_of(
        "translate", "--model", model_directory, "--glossary", twice
    )
    assert "terms.csv" in error_of("translate", "--model", model_directory, "--glossary", tmp_path / "no" / "terms.csv")
    assert "the output would overwrite the input" in error_of(
        "translate", "--model", model_directory, "--glossary", twice.with_name("terms.csv"), "--output", terms, given=text
    )
    assert "give --glossary, too" in error_of("translate", "--model", model_directory, "--inflect")
    (other := tmp_path / "other.tsv").write_text("fr\ten\nchat\tcat\n", encoding="utf-8")
    assert "the glossary is for fr-en; should be for de-en" in error_of(
        "translate", "--model", model_directory, "--glossary", other, given=text
    )


@pytest.mark.slow
def test_the_options_of_the_search_reach_it(model_directory: Path, tmp_path: Path) -> None:
    line = f"{SENTENCES[2]}\n".encode()

    def tokens(*arguments: object) -> list[str]:
        done = nmt("translate", "--model", model_directory, "--format", "jsonl", *arguments, given=line)
        found: list[str] = json.loads(done.stdout)["tokens"]
        return found

    assert len(tokens("--min-length", 9, "--max-length-ratio", 0.1, "--max-length-offset", 10)) >= 9
    assert len(set(once := tokens("--no-repeat-ngram", 1, "--max-repeats", 1))) == len(once)
    drawn = [tokens("--sampling", "--seed", seed, "--temperature", 2, "--top-k", 40, "--top-p", 0.99) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    plain = tokens("--beam-size", 4)
    assert plain == tokens("--beam-size", 4, "--model", model_directory), "a model with itself is the model"
    tokens("--beam-size", 4, "--diversity-groups", 2, "--length-normalisation", "average", "--coverage-penalty", 0.2)
    word = SENTENCES[0].split()[0]
    (begins := tmp_path / "begins.txt").write_text(f"{word} old\n", encoding="utf-8")
    begun = tokens("--prefixes", begins)
    assert "".join(begun).replace("▁", " ").strip().startswith(f"{word} old")
    assert "forbidden phrase 'The'" in error_of(
        "translate", "--model", model_directory, "--prefixes", begins, "--forbid", word, given=line
    )
    assert "begins.txt ends after line 1" in error_of(
        "translate", "--model", model_directory, "--prefixes", begins, given=line * 2
    )
    assert "must divide" in error_of("translate", "--model", model_directory, "--diversity-groups", 3)
    assert "ask for sampling" in error_of("translate", "--model", model_directory, "--top-k", 3)
