"""Word alignments: error rate by hand, the sentences of this program, attention of a model that is known, Pharaoh's form."""

from __future__ import annotations

import random
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from architecture.rooms import ROOT
from hypothesis import given
from hypothesis import strategies as st
from support.untrained import small, write_model
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.errors import InputError, NmtError
from nmt.evaluation.links import agreement, grown, parse_links, strongest, written_links
from nmt.text.tokenizer import train_tokenizer
from nmt.translate.links import joined, word_links
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation

OWN = files("nmt.evaluation").joinpath("data", "alignment.tsv").read_text(encoding="utf-8").splitlines()
links = st.frozensets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["evaluate", "aer", *map(str, arguments)])
    assert done.exit_code == 0, done.exception
    return done.stdout


def error_of(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["evaluate", "aer", *map(str, arguments)])
    assert isinstance(done.exception, NmtError), (done.exception, done.output)
    return str(done.exception)


# --- by hand -----------------------------------------------------------------------------------------------------------


def test_error_rate_by_hand() -> None:
    gold = [parse_links("0-0 1-1 2p2", name="g", number=1), parse_links("0-0", name="g", number=2)]
    found = [frozenset({(0, 0), (2, 2), (1, 2)}), frozenset({(0, 0)})]
    result = agreement(found, gold)
    # A 4 links, S 3 of which 2 are found, P 4 of which 3 are found.
    assert result.error_rate == pytest.approx(100 * (1 - (2 + 3) / (4 + 3)))
    assert result.precision == pytest.approx(75.0)
    assert result.recall == pytest.approx(100 * 2 / 3)
    assert result.pairs == 2


@given(links)
def test_what_people_say_themselves_has_no_error(own: frozenset[tuple[int, int]]) -> None:
    gold = parse_links(written_links(own), name="g", number=1)
    assert gold.sure == gold.possible == own
    if own:
        assert agreement([own], [gold], samples=5).error_rate == 0.0
        assert agreement([frozenset()], [gold], samples=5).error_rate == 100.0


def test_links_are_numbered_from_0_or_1_and_wrong_ones_are_named() -> None:
    assert parse_links("1-1 2?3", name="g", number=1, first=1).possible == {(0, 0), (1, 2)}
    with pytest.raises(InputError, match="g: line 7: '1:1' is no link; should be such as 0-0"):
        parse_links("0-0 1:1", name="g", number=7)
    with pytest.raises(InputError, match="'0-1' is no link"):
        parse_links("0-1", name="g", number=1, first=1)


def test_growing_by_hand() -> None:
    """From the common link the diagonal neighbour is taken, for its words have none; the far one is not."""
    forward, backward = frozenset({(0, 0), (1, 1), (5, 5)}), frozenset({(0, 0), (0, 1)})
    assert grown(forward, backward) == {(0, 0), (0, 1), (1, 1)}
    assert grown(frozenset({(3, 3)}), frozenset({(5, 5)})) == frozenset()


@given(links, links)
def test_growing_stays_between_intersection_and_union(
    forward: frozenset[tuple[int, int]], backward: frozenset[tuple[int, int]]
) -> None:
    found = grown(forward, backward)
    assert forward & backward <= found <= forward | backward


def test_the_strongest_source_word_is_linked() -> None:
    weights = np.array([[0.1, 0.9], [0.6, 0.4], [0.0, 0.0]])
    assert strongest(weights) == {(1, 0), (0, 1)}


# --- the sentences of this program -------------------------------------------------------------------------------------


def test_there_are_200_sentences_and_each_word_has_a_link() -> None:
    assert len(OWN) == len({line.split("\t")[0] for line in OWN}) == 200
    for number, line in enumerate(OWN, 1):
        german, english, text = line.split("\t")
        gold = parse_links(text, name="alignment.tsv", number=number)
        assert {source for source, _ in gold.possible} == set(range(len(german.split()))), line
        assert {target for _, target in gold.possible} == set(range(len(english.split()))), line
        assert gold.sure


def test_signs_and_digits_are_linked_to_themselves() -> None:
    for line in OWN:
        german, english, text = line.split("\t")
        for source, target in parse_links(text, name="", number=1).sure:
            pair = german.split()[source], english.split()[target]
            assert (pair[0] in ".,?") == (pair[1] in ".,?"), line


# --- models ------------------------------------------------------------------------------------------------------------


def test_words_become_a_sentence_as_people_write_it() -> None:
    text, ranges = joined(["„", "Ja", "“", ",", "sagte", "(", "er", ")", "."])
    assert text == "„Ja“, sagte (er)."
    assert [text[start:end] for start, end in ranges] == ["„", "Ja", "“", ",", "sagte", "(", "er", ")", "."]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("models") / "m"
    texts = [cell for line in OWN for cell in line.split("\t")[:2]]
    tokenizer = train_tokenizer(texts, vocabulary_size=200, kind="bpe", character_coverage=1.0)
    write_model(directory, tokenizer=tokenizer, shape=small(8), seed=1, scale=3.0)
    return directory


@pytest.mark.slow
def test_a_model_that_knows_nothing_has_a_high_error_rate_and_writes_links(model: Path, tmp_path: Path) -> None:
    printed = run("--model", model, "--output", tmp_path / "links", "--runtime", "reference")
    rate = float(re.findall(r"^AER ([\d.]+) ± [\d.]+  precision [\d.]+  recall [\d.]+  200 sentences$", printed.strip())[0])
    assert rate > 50
    assert run("--links", tmp_path / "links") == printed
    # Each word of the translation has one link.
    for line, own in zip((tmp_path / "links").read_text(encoding="utf-8").splitlines(), OWN, strict=True):
        assert sorted(int(link.split("-")[1]) for link in line.split()) == list(range(len(own.split("\t")[1].split())))
    both = run("--model", model, "--reverse", model, "--runtime", "reference")
    assert both.startswith("AER ")


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / "checkpoints/broad-de-en/manifest.json").is_file(), reason="the model is not here")
def test_the_shipped_models_align_these_sentences() -> None:
    """Their attention was never told what an alignment is."""
    for direction in ("de-en", "en-de"):
        printed = run("--model", ROOT / "checkpoints" / f"broad-{direction}")
        assert float(printed.split()[1]) < 15.0
    turned = run("--model", ROOT / "checkpoints/broad-de-en", "--reverse", ROOT / "checkpoints/broad-en-de")
    assert float(turned.split()[1]) < 12.0


def test_files_of_ones_own_and_mistakes(tmp_path: Path) -> None:
    def write(name: str, *lines: str) -> Path:
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return tmp_path / name

    source, target = write("s", "a b", "c"), write("t", "A B", "C")
    gold, found = write("g", "1-1 2p2", "1-1"), write("l", "0-0 1-1", "0-0")
    given_files = ("--source", source, "--target", target, "--gold", gold, "--first", 1)
    assert run(*given_files, "--links", found).startswith("AER 0.0 ")
    assert "give either --model or --links" in error_of(*given_files)
    assert "belong together" in error_of("--source", source, "--links", found)
    assert "different numbers of lines: source 2, target 2, gold 1" in error_of(
        "--source", source, "--target", target, "--gold", write("one", "0-0"), "--links", found
    )
    assert "has 1 lines, but there are 2 sentences" in error_of(*given_files, "--links", write("few", "0-0"))
    assert "line 2 has a link to a word after" in error_of(
        "--source", source, "--target", target, "--gold", write("far", "0-0", "1-0"), "--links", found
    )
    assert "--reverse helps a --model" in error_of("--links", found, "--reverse", tmp_path)


# --- Pharaoh's form ----------------------------------------------------------------------------------------------------


def translation(source: str, source_tokens: list[str], text: str, tokens: list[str], rows: list[list[float]]) -> Translation:
    hypothesis = Hypothesis(
        text=text, score=0.0, log_probability=0.0, tokens=tuple(tokens), attention=tuple(map(tuple, rows))
    )
    sentence = SentenceTranslation(source=source, source_tokens=tuple(source_tokens), hypotheses=(hypothesis,))
    return Translation(source=source, sentences=(sentence,), texts=(text,))


def test_words_are_linked_by_the_votes_of_their_tokens() -> None:
    eye = np.eye(4).tolist()
    found = word_links(
        translation(
            "Das Haus da.",
            ["▁Das", "▁Ha", "us", "▁da."],
            "The ho use",
            ["▁The", "▁ho", "▁u", "se"],
            [eye[0], eye[2], eye[3], eye[3]],
        )
    )
    assert found == [(0, 0), (1, 1), (2, 2)]


def test_the_command_writes_text_and_links(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("Der Hund schläft.\n\nWo ist der Bahnhof?\r\n", encoding="utf-8", newline="")
    given_files = ["translate", "--model", str(model), "--input", str(tmp_path / "in"), "--max-length-offset", "4"]
    for name, options in (("text", []), ("links", ["--alignment"]), ("same", ["--format", "pharaoh"])):
        done = CliRunner().invoke(app, [*given_files, *options, "--output", str(tmp_path / name)])
        assert done.exit_code == 0, done.exception
    assert (tmp_path / "links").read_bytes() == (tmp_path / "same").read_bytes()
    lines = (tmp_path / "links").read_bytes().decode().split("\n")[:-1]
    texts = (tmp_path / "text").read_bytes().decode().split("\n")[:-1]
    for line, text, words in zip(lines, texts, (3, 0, 4), strict=True):
        assert line.removesuffix("\r").partition(" ||| ")[0] == text.removesuffix("\r")
        assert line.endswith("\r") == text.endswith("\r")
        numbers = [tuple(map(int, link.split("-"))) for link in line.partition(" ||| ")[2].split()]
        assert all(source < words and target < len(text.split()) for source, target in numbers)
    done = CliRunner().invoke(app, [*given_files, "--alignment", "--format", "tsv"])
    assert "not --format tsv" in str(done.exception)
    done = CliRunner().invoke(app, [*given_files, "--alignment", "--n-best", "2"])
    assert "does not fit --format pharaoh" in str(done.exception)


def test_shuffled_links_are_much_worse_than_the_right_ones() -> None:
    chance = random.Random(1)
    gold = [parse_links(line.split("\t")[2], name="", number=1) for line in OWN]
    right = [own.sure for own in gold]
    shuffled = right[:]
    chance.shuffle(shuffled)
    assert agreement(right, gold).error_rate == 0.0
    assert agreement(shuffled, gold).error_rate > 30.0
