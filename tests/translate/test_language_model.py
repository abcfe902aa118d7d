"""Reading and writing with language models of words, characters and subwords, against sums and draws made step by step."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
import yaml
from support.command import output_of
from support.sample import RECIPE
from typer.testing import CliRunner

from nmt.checkpoint.directory import save_model
from nmt.checkpoint.info import LanguageModelInfo, Training
from nmt.cli.every import app
from nmt.config.network import LanguageModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID, NEVER_PRODUCED, UNKNOWN_ID
from nmt.errors import ConfigurationError, InputError, ModelDirectoryError
from nmt.model.build import build_language_model
from nmt.text.tokenizer import Kind, Tokenizer, train_tokenizer
from nmt.translate.language_model import LanguageReader

TEXT = ["a cat sat on a mat", "the cat  ate", "a hat, a bat", "that cat sat"]
LINES = ["a cat sat", "", "  the  mat", "a bat sat on a hat on a mat"]


def write(directory: Path, *, kind: Kind, running: bool, scale: float = 4.0) -> Path:
    """A language model with random weights."""
    tokenizer = train_tokenizer(TEXT, vocabulary_size=30 if kind == "bpe" else 100, kind=kind, character_coverage=1.0)
    shape = LanguageModelConfig(embedding_size=6, layers=2, hidden_size=6)
    torch.manual_seed(5)
    model = build_language_model(shape, vocabulary_size=tokenizer.vocabulary_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    info = LanguageModelInfo(
        name=directory.name,
        language="en",
        running_text=running,
        description="Untrained, for tests",
        licence="Apache-2.0",
        model=shape,
        training=Training(command="none", updates=0, minutes=0.0, machine="any", corpora={}, sentence_pairs=1),
        scores=(),
    )
    save_model(directory, model=model, tokenizer=tokenizer, info=info, card="# For tests\n", storage="float32")
    return directory


def step_by_step(reader: LanguageReader, lines: list[list[int]]) -> list[float]:
    """Natural log-probability of each line, one token at a time."""
    found, state = [], reader.network.start(1)
    for line in lines:
        if not reader.info.running_text:
            state = reader.network.start(1)
        total, token = 0.0, BEGIN_ID
        for following in (*line, END_ID):
            logits, state = reader.network.step(torch.tensor([token]), state)
            total += logits[0].double().log_softmax(dim=0)[following].item()
            token = following
        found.append(total)
    return found


KINDS: list[Kind] = ["bpe", "word", "character"]


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_probability_of_a_line_is_the_product_of_its_steps(
    kind: Kind, running: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nmt.translate.language_model.WINDOW", 5)
    monkeypatch.setattr("nmt.translate.language_model.LINES_AT_ONCE", 3)
    reader = LanguageReader.load(write(tmp_path / "lm", kind=kind, running=running), device="cpu")
    expected = step_by_step(reader, [reader.tokenizer.encode(line) for line in LINES])
    assert list(reader.log_probabilities(LINES)) == pytest.approx(expected, abs=1e-4)


def test_probabilities_of_all_lines_of_a_few_tokens_add_up_to_nearly_one(tmp_path: Path) -> None:
    """All sentences of at most one word, and the probability that there are more: the whole of what can follow."""
    reader = LanguageReader.load(write(tmp_path / "lm", kind="word", running=False), device="cpu")
    logits, state = reader.network.step(torch.tensor([BEGIN_ID]), reader.network.start(1))
    words = [reader.tokenizer.decode([token]) for token in range(4, reader.tokenizer.vocabulary_size)]
    known = sum(math.exp(value) for value in reader.log_probabilities(["", *words]))
    first = logits[0].double().softmax(dim=0)
    others = first[[0, 1, 2]].sum().item()  # padding, unknown words and beginnings
    longer = 0.0
    for token in range(4, reader.tokenizer.vocabulary_size):
        after, _ = reader.network.step(torch.tensor([token]), state)
        longer += (first[token] * (1.0 - after[0].double().softmax(dim=0)[END_ID])).item()
    assert known + others + longer == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("kind", "unit"), [("bpe", "subword"), ("word", "word"), ("character", "character")])
def test_the_command_prints_figures_by_their_definitions(
    kind: Kind, unit: Literal["subword", "word", "character"], tmp_path: Path
) -> None:
    directory, text = write(tmp_path / "lm", kind=kind, running=True), tmp_path / "text"
    text.write_text("".join(f"{line}\n" for line in [*LINES, "a xylophone"]), encoding="utf-8")
    reader = LanguageReader.load(directory, device="cpu")
    lines = [reader.tokenizer.encode(line) for line in [*LINES, "a xylophone"]]
    expected = step_by_step(reader, lines)
    nats = -sum(expected)
    assert reader.tokenizer.unit == unit
    shown = output_of("lm", "score", "--model", directory, text, "--output", tmp_path / "scores", "--json", tmp_path / "f")
    scores = [float(line) for line in (tmp_path / "scores").read_text(encoding="utf-8").splitlines()]
    assert scores == pytest.approx(expected, abs=1e-4)
    figures = json.loads((tmp_path / "f").read_text(encoding="utf-8"))
    assert figures["lines"] == 5
    assert figures["words"] == 3 + 0 + 2 + 9 + 2 + 5
    assert figures["characters"] == sum(map(len, LINES)) + len("a xylophone") + 5
    assert figures["tokens"] == sum(map(len, lines)) + 5
    assert figures["unknown"] == sum(line.count(UNKNOWN_ID) for line in lines)
    assert figures["perplexity"] == pytest.approx(math.exp(nats / figures["tokens"]), rel=1e-4)
    assert figures["perplexity_per_word"] == pytest.approx(math.exp(nats / 21), rel=1e-4)
    assert figures["nats_per_character"] == pytest.approx(nats / figures["characters"], rel=1e-4)
    assert figures["bits_per_character"] == pytest.approx(nats / math.log(2) / figures["characters"], rel=1e-4)
    assert f"{figures['bits_per_character']:.4f}" in shown


# --- vocabularies of words and characters -------------------------------------------------------------------------------


def test_words_and_characters_are_counted_one_by_one() -> None:
    words = train_tokenizer(TEXT, vocabulary_size=100, kind="word", character_coverage=1.0)
    assert words.decode(words.encode("the cat  ate")) == "the cat ate"
    # SentencePiece itself makes one unknown piece of two.
    assert words.encode("a zebra <unk> sat").count(UNKNOWN_ID) == 2
    assert len(words.encode("a zebra zoo sat")) == 4
    few = train_tokenizer(TEXT, vocabulary_size=6, kind="word", character_coverage=1.0)
    assert few.pieces([4, 5]) == ["\u2581a", "\u2581cat"]  # the most frequent
    characters = train_tokenizer(TEXT, vocabulary_size=6, kind="character", character_coverage=1.0)
    assert characters.vocabulary_size == 4 + len(set("".join(TEXT)))
    for line in ("  the  cat ", "a", "", " "):
        assert characters.decode(characters.encode(line)) == line
        assert len(characters.encode(line)) == len(line)
    assert characters.encode("xyz") == [UNKNOWN_ID] * 3
    assert Tokenizer.from_bytes(characters.model_bytes).unit == "character"
    long = train_tokenizer(["a" * 9000, "b"], vocabulary_size=9, kind="character", character_coverage=1.0, long_lines=True)
    assert UNKNOWN_ID not in long.encode("ab")


# --- sampling -----------------------------------------------------------------------------------------------------------


def filtered(logits: torch.Tensor, *, temperature: float, top_k: int, top_p: float) -> dict[int, float]:
    """Holtzman et al. 2020, written without tensors."""
    kept = [
        (math.exp(value / temperature), token)
        for token, value in enumerate(logits.double().tolist())
        if token not in NEVER_PRODUCED
    ]
    kept.sort(reverse=True)
    kept = kept[: top_k or None]
    total, nucleus, mass = sum(value for value, _ in kept), [], 0.0
    for value, token in kept:
        if mass / total >= top_p:
            break
        nucleus.append((value, token))
        mass += value
    return {token: value / mass for value, token in nucleus}


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(1.0, 0, 1.0), (0.5, 0, 1.0), (2.0, 4, 1.0), (1.0, 0, 0.6), (0.8, 5, 0.7)]
)
def test_draws_follow_the_distribution(temperature: float, top_k: int, top_p: float, tmp_path: Path) -> None:
    reader = LanguageReader.load(write(tmp_path / "lm", kind="character", running=True, scale=2.0), device="cpu")
    options = SearchOptions(sampling=True, temperature=temperature, top_k=top_k, top_p=top_p, seed=3)
    count = 4000
    texts = reader.sample("a ca", count=count, length=1, options=options)
    found = Counter(text.removeprefix("a ca") for text in texts)
    state = reader.network.start(1)
    for token in (BEGIN_ID, *reader.tokenizer.encode("a ca")):
        logits, state = reader.network.step(torch.tensor([token]), state)
    expected = filtered(logits[0], temperature=temperature, top_k=top_k, top_p=top_p)
    named = {"\n" if token == END_ID else reader.tokenizer.decode([token]): share for token, share in expected.items()}
    assert set(found) <= set(named)
    for text, share in named.items():
        assert found[text] / count == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / count) + 1e-9)


@pytest.mark.parametrize("running", [False, True])
def test_with_top_k_one_the_most_probable_token_follows_each_time(running: bool, tmp_path: Path) -> None:
    reader = LanguageReader.load(write(tmp_path / "lm", kind="character", running=running, scale=2.5), device="cpu")
    options = SearchOptions(sampling=True, top_k=1)
    (text,) = reader.sample("the", count=1, length=30, options=options)
    tokens = reader.tokenizer.encode("the")
    for _ in range(30):
        prefix = torch.tensor([[BEGIN_ID, *(BEGIN_ID if token == END_ID else token for token in tokens)]])
        logits = reader.network(prefix)[0, -1]
        logits[list(NEVER_PRODUCED)] = -math.inf
        tokens.append(int(logits.argmax()))
        if tokens[-1] == END_ID and not running:
            break
    parts = [""]
    for token in tokens:
        if token == END_ID:
            parts.append("")
        else:
            parts[-1] += reader.tokenizer.decode([token])
    assert text == "\n".join(parts if running or parts[-1] else parts[:-1])


def test_a_seed_stands_for_its_texts(tmp_path: Path) -> None:
    directory = write(tmp_path / "lm", kind="bpe", running=False)
    command = ("lm", "sample", "--model", directory, "--beginning", "a cat", "--count", 3, "--length", 8, "--seed")
    one = output_of(*command, 7)
    assert one == output_of(*command, 7) != output_of(*command, 8)
    assert all(line.startswith("a cat") for line in one.splitlines())
    assert len(one.splitlines()) == 3


def test_a_beginning_of_several_lines_is_read_as_running_text(tmp_path: Path) -> None:
    directory = write(tmp_path / "lm", kind="word", running=True)
    reader = LanguageReader.load(directory, device="cpu")
    options = SearchOptions(sampling=True, top_k=1)
    (one,), (other,) = (reader.sample(text, count=1, length=6, options=options) for text in ("a mat\nthe cat", "the cat"))
    assert one.startswith("a mat\nthe cat")
    assert other.startswith("the cat")
    lines = one.split("\n")
    given = step_by_step(reader, [reader.tokenizer.encode(line) for line in lines])
    assert list(reader.log_probabilities(lines)) == pytest.approx(given, abs=1e-4)


# --- mistakes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "beginning", "message"),
    [
        ("word", "a zebra sat on zoos", r"cannot write 'zebra', 'zoos' of the beginning; give words that"),
        ("character", "a zoo", r"cannot write 'z' of the beginning; give characters that"),
        ("bpe", "a größ", r"cannot write 'g', 'r', 'ö', 'ß' of the beginning; give characters that"),
    ],
)
def test_a_beginning_that_the_vocabulary_cannot_write_is_refused(
    kind: Kind, beginning: str, message: str, tmp_path: Path
) -> None:
    directory = write(tmp_path / "lm", kind=kind, running=False)
    with pytest.raises(InputError, match=message):
        output_of("lm", "sample", "--model", directory, "--beginning", beginning)
    with pytest.raises(InputError, match="several lines, and this model knows sentences alone"):
        output_of("lm", "sample", "--model", directory, "--beginning", "a\ncat")


def test_other_mistakes_are_named(tmp_path: Path) -> None:
    directory, empty = write(tmp_path / "lm", kind="word", running=True), tmp_path / "empty"
    empty.touch()
    with pytest.raises(ConfigurationError, match="empty: has no line"):
        output_of("lm", "score", "--model", directory, empty)
    with pytest.raises(ModelDirectoryError, match="nowhere: no such model directory"):
        output_of("lm", "sample", "--model", tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="is the recipe of a translation model; give it to nmt prepare"):
        output_of("lm", "train", RECIPE)
    with pytest.raises(ConfigurationError, match=r"temperature: .* greater than 0"):
        output_of("lm", "sample", "--model", directory, "--temperature", "0")
    result = CliRunner().invoke(app, ["lm"])
    assert result.exit_code == 2
    assert "lm is the first word of 3 commands: lm train, lm score, lm sample." in result.output


def test_commands_of_one_first_word_have_a_help() -> None:
    result = CliRunner().invoke(app, ["lm", "-h"], prog_name="nmt")
    assert result.exit_code == 0
    assert "Usage: nmt lm [OPTIONS] COMMAND [ARGS]..." in result.output
    assert re.findall(r"^│ (\w+)  ", result.output, flags=re.MULTILINE) == ["train", "score", "sample"]


def test_one_command_prepares_and_trains(tmp_path: Path) -> None:
    tree: dict[str, Any] = {
        "kind": "language-model",
        "language": "en",
        "description": "characters",
        "licence": "Apache-2.0",
        "preparation": {
            "running_text": True,
            "tokenizer": "character",
            "train": [{"path": "text"}],
            "valid": [{"path": "text"}],
        },
        "model": {"embedding_size": 8, "layers": 1, "hidden_size": 16},
        "training": {"bptt": 16, "batch_tokens": 16, "max_updates": 100, "learning_rate": 0.02, "label_smoothing": 0.0},
    }
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(tree), encoding="utf-8")
    (tmp_path / "text").write_text("".join(f"{line}\n" for line in TEXT), encoding="utf-8")
    directory = tmp_path / "model"
    output_of("lm", "train", recipe, "--output", directory, "--device", "cpu", "--set", "training.warmup_updates=5")
    assert "characters" in output_of("info", directory)
    figures = output_of("lm", "score", "--model", directory, tmp_path / "text")
    perplexity = float(next(line.split()[-1] for line in figures.splitlines() if line.startswith("perplexity ")))
    assert perplexity < 8.0  # of 16 characters
    card = (directory / "README.md").read_text(encoding="utf-8")
    assert "Knows how probable a text of `en` is" in card
