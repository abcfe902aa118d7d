"""`recipe: auto`: what is picked for texts of all sizes, that it is what is trained, and that whatever is given wins."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command import error_of, nmt

from nmt.checkpoint.directory import load_info
from nmt.config.recipe import Recipe, load_recipe
from nmt.config.yaml import parse
from nmt.corpus import auto
from nmt.corpus.prepare import prepare
from nmt.corpus.prepared import as_prepared
from nmt.errors import ConfigurationError, CorpusError, TrainingError, VocabularySizeError
from nmt.text.tokenizer import Tokenizer
from nmt.training.run import train

SAMPLE = Path(__file__).parents[2] / "data" / "sample-de-en"
SHORT = ["training.max_updates=3", "training.validate_every=2", "training.validation_sentences=3"]


def tree(**sections: dict[str, Any]) -> dict[str, Any]:
    text = {"train": [{"path": "train.tsv"}], "valid": [{"path": "valid.tsv"}]}
    top = {"recipe": "auto", "source_language": "de", "target_language": "en", "description": "d", "licence": "l"}
    return {**top, **sections, "preparation": text | sections.get("preparation", {})}


def recipe(**sections: dict[str, Any]) -> Recipe:
    return parse(Recipe, tree(**sections), where="test")


def settled(pairs: int, target_words: int, **sections: dict[str, Any]) -> Recipe:
    return auto.settle(recipe(**sections), auto.pick(pairs=pairs, target_words=target_words))


# --- the table -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_whatever_the_size_the_recipe_is_whole_and_its_values_are_valid(pairs: int, words: int) -> None:
    picks = auto.pick(pairs=pairs, target_words=words)
    keys = [key for p in picks for key in p.values]
    assert len(keys) == len(set(keys))
    result = auto.settle(recipe(), picks)
    assert set(keys) <= auto.given(result)
    assert 0 < result.training.validate_every <= result.training.max_updates
    assert result.training.warmup_updates < result.training.max_updates
    for p in picks:
        assert "\n" not in str(p)
        assert all(f"{key.split('.')[1]} {value}" in str(p) for key, value in p.values.items())
    assert auto.settle(result, auto.pick(pairs=1, target_words=1)) == result


LIMITS = [limit for rule in auto.RULES for limit, _ in rule if limit < auto.ANY]
SIZES = st.integers(1, 10**9) | st.sampled_from([int(limit) + more for limit in LIMITS for more in (0, 1)])


@given(SIZES, SIZES)
def test_more_text_never_has_a_smaller_network_more_dropout_or_a_shorter_training(one: int, other: int) -> None:
    less, more = (settled(max(1, words // 12), words) for words in sorted((one, other)))
    assert less.preparation.vocabulary_size <= more.preparation.vocabulary_size
    sizes = ("embedding_size", "encoder_layers", "encoder_hidden_size", "decoder_layers", "decoder_hidden_size")
    assert all(getattr(less.model, key) <= getattr(more.model, key) for key in sizes)
    assert all(getattr(less.model, key) >= getattr(more.model, key) for key in ("dropout", "output_dropout"))
    assert less.training.batch_tokens <= more.training.batch_tokens
    assert less.training.learning_rate >= more.training.learning_rate
    seen = [r.training.max_updates * r.training.batch_tokens for r in (less, more)]
    assert seen[0] <= 1.02 * seen[1]  # updates are rounded


def test_the_size_of_multi30k_has_the_shape_that_won_there() -> None:
    result = settled(28_997, 344_993)
    assert result.preparation.vocabulary_size == 8000
    assert (result.model.encoder_layers, result.model.encoder_hidden_size) == (1, 384)
    assert (result.model.decoder_layers, result.model.decoder_feed_forward_layers) == (1, 1)
    # One pass is about 874,500 tokens, as nmt prepare counts them, and about twelve are due.
    assert 11.5 < result.training.max_updates * result.training.batch_tokens / 874_500 < 12.5


def test_larger_batches_of_the_same_text_are_fewer_updates() -> None:
    usual, larger, added = (
        dict(pair for p in auto.pick(pairs=10**6, target_words=10**7, **mine) for pair in p.values.items())
        for mine in ({}, {"batch_tokens": 4 * 8192}, {"accumulate": 4})
    )
    assert usual["training.batch_tokens"] == 8192
    assert larger["training.max_updates"] == pytest.approx(usual["training.max_updates"] / 4, abs=50)
    assert larger["training.max_updates"] == added["training.max_updates"]


def test_words_are_counted_where_nothing_stands_between_them() -> None:
    assert auto.count_words(["One two  three.\n", "\n", "Four\n"]) == 4
    assert 3 <= auto.count_words(["我今天在家学习。\n"]) <= 6  # 我 今天 在家 学习


# --- what is given wins --------------------------------------------------------------------------------------------------


def test_what_a_recipe_gives_wins_key_by_key() -> None:
    picks = auto.pick(pairs=1000, target_words=10_000)
    mine = recipe(model={"dropout": 0.45, "residual": False}, training={"max_updates": 7})
    result = auto.settle(mine, picks)
    assert (result.model.dropout, result.model.residual, result.training.max_updates) == (0.45, False, 7)
    assert (result.model.output_dropout, result.training.validate_every) == (0.3, 250)
    shown = " ".join(map(str, auto.without(picks, auto.given(mine))))
    assert "output_dropout 0.3" in shown
    assert " dropout " not in f" {shown}"
    assert "max_updates" not in shown


def test_what_is_given_must_fit_what_is_picked() -> None:
    for words in (100, 10**6, 10**8):
        assert settled(10, words, model={"attention": "dot"}).model.attention == "dot"  # which needs sizes that are equal
    with pytest.raises(ConfigurationError, match=r"test: recipe: Input should be 'auto', not 'automatic'"):
        parse(Recipe, tree() | {"recipe": "automatic"}, where="test")


# --- vocabularies --------------------------------------------------------------------------------------------------------

FEW = [("Guten Abend!", "Good evening!"), ("Bis bald.", "See you soon."), ("Wo bist du?", "Where are you?")]
# More characters than any vocabulary picked for so little text has pieces.
HAN = [("".join(chr(0x4E00 + 7 * i + j) for j in range(7)), f"line {i} of the text") for i in range(200)]


def write(folder: Path, pairs: list[tuple[str, str]], **sections: dict[str, Any]) -> Path:
    (folder / "train.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in pairs), encoding="utf-8")
    (folder / "valid.tsv").write_text("Bis morgen!\tSee you tomorrow!\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text(yaml.safe_dump(tree(**sections)), encoding="utf-8")
    return folder / "recipe.yaml"


@pytest.mark.parametrize("tokenizer", ["bpe", "unigram"])
@pytest.mark.parametrize("pairs", [[("a", "b")], FEW[:1], FEW, HAN], ids=["letters", "one", "three", "many characters"])
def test_the_vocabulary_is_one_that_the_text_has_room_for(
    pairs: list[tuple[str, str]], tokenizer: str, tmp_path: Path
) -> None:
    more = {"tokenizer": tokenizer, "drop_wrong_script": False}
    path = write(tmp_path, pairs, preparation=more)
    report = prepare(load_recipe(path), corpora=tmp_path, output=tmp_path / "prepared")
    size = Tokenizer.load(tmp_path / "prepared" / "tokenizer.model").vocabulary_size
    assert f"picked vocabulary_size {size}: what the text has room for, in place of 500" in str(report).splitlines()
    again = as_prepared(load_recipe(path), tmp_path / "prepared").recipe
    assert isinstance(again, Recipe)
    assert again.preparation.vocabulary_size == size


def test_the_number_of_updates_is_for_the_batches_of_the_file(tmp_path: Path) -> None:
    lines = prepare(recipe(training={"batch_tokens": 16}), corpora=SAMPLE, output=tmp_path / "prepared").picked
    expected, usual = (auto.pick(pairs=427, target_words=2165, batch_tokens=size)[-1] for size in (16, None))
    assert str(expected) == lines[-1] != str(usual)


def test_the_number_of_updates_follows_the_batches_that_are_trained(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared"
    prepare(recipe(training={"batch_tokens": 32}), corpora=SAMPLE, output=prepared)

    def trained(**training: int) -> tuple[int, int, str]:
        found = as_prepared(recipe(training=training), prepared)
        assert isinstance(found.recipe, Recipe)
        return found.recipe.training.max_updates, found.recipe.training.validate_every, str(found.picks[-1])

    for mine in ({"batch_tokens": 16}, {"batch_tokens": 16, "accumulate": 3}, {}):
        (expected,) = auto.pick(pairs=427, target_words=2165, **mine)[-1:]
        updates, every, said = trained(**mine)
        assert expected.values == {"training.max_updates": updates, "training.validate_every": every}
        assert re.fullmatch(rf"{re.escape(str(expected))}; prepared for [\d,]+ updates of 32", said)
    as_before = trained(batch_tokens=32)
    assert as_before == trained(batch_tokens=16, accumulate=2)
    assert trained(batch_tokens=16)[0] == pytest.approx(2 * as_before[0], abs=100)  # updates are rounded
    assert "prepared for" not in as_before[2]
    assert trained(batch_tokens=16, max_updates=7)[:2] == (7, trained(batch_tokens=16)[1])


@settings(max_examples=20)
@given(st.lists(st.tuples(st.text("abcdeäöü ", min_size=1), st.text("abcxyz ", min_size=1)), min_size=1, max_size=8))
def test_any_text_that_cleaning_leaves_can_be_prepared(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = write(folder, [("x", "y"), *((f"x{a}", f"y{b}") for a, b in pairs)])  # one that cleaning surely leaves
    assert prepare(load_recipe(path), corpora=folder, output=folder / "prepared").vocabulary_size > 4


def test_a_vocabulary_given_by_hand_is_not_made_smaller(tmp_path: Path) -> None:
    path = write(tmp_path, FEW)
    with pytest.raises(VocabularySizeError) as caught:
        prepare(load_recipe(path, ["preparation.vocabulary_size=900"]), corpora=tmp_path, output=tmp_path / "prepared")
    largest = caught.value.possible
    assert str(caught.value).endswith(f"900 is more than this text can fill; at most {largest}")
    mine = load_recipe(path, [f"preparation.vocabulary_size={largest}"])
    report = prepare(mine, corpora=tmp_path, output=tmp_path / "prepared")
    assert report.vocabulary_size == largest
    assert not any("vocabulary" in line for line in report.picked)
    left_open = as_prepared(load_recipe(path), tmp_path / "prepared").recipe
    assert isinstance(left_open, Recipe)
    assert left_open.preparation.vocabulary_size == largest


# --- prepare, then train -------------------------------------------------------------------------------------------------


def changes(*overrides: str) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]


@pytest.mark.slow
def test_the_sample_by_recipe_auto(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "recipe.yaml"
    path.write_text(yaml.safe_dump(tree(model={"embedding_size": 32}, training={"seed": 4})))
    model = tmp_path / "model"
    printed = nmt("prepare", path, "--corpora", SAMPLE, "--output", model).stdout.decode()
    picked = [line.removeprefix("picked ") for line in printed.splitlines() if line.startswith("picked ")]
    report = json.loads((model / "prepared" / "report.json").read_text(encoding="utf-8"))
    words = sum(len(line.split("\t")[1].split()) for line in (SAMPLE / "train.tsv").read_text("utf-8").splitlines())
    assert any(line.startswith("vocabulary_size 500: ") and f" {words:,} target words" in line for line in picked)
    assert not any("embedding_size" in line for line in picked)
    assert report["vocabulary_size"] == 500

    nmt("train", path, "--output", model, "--device", "cpu", *changes(*SHORT, "model.dropout=0.05"))
    info, expected = load_info(model).model, settled(427, words).model
    assert (info.embedding_size, info.dropout) == (32, 0.05)
    assert info == expected.model_copy(update={"embedding_size": 32, "dropout": 0.05})
    in_card = [line for line in picked if "max_updates" not in line and " dropout " not in f" {line}"]
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "`recipe: auto` picked" in card
    assert all(f"\n- {line}\n" in card for line in in_card)
    assert "\n- embedding_dropout 0.3, output_dropout 0.3: " in card

    changed = load_recipe(path, SHORT)
    with pytest.raises(TrainingError, match=r"model\.dropout was 0\.05 when training started and is 0\.3 now"):
        train(changed, name="sample", directory=model, resume=True, device="cpu")


def test_a_run_with_other_batches_says_so_and_is_resumed_with_them_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, FEW)
    prepare(load_recipe(path), corpora=tmp_path, output=tmp_path / "prepared")
    short = ["training.max_updates=2", "training.validation_sentences=1"]
    mine = load_recipe(path, [*short, "training.batch_tokens=700"])
    train(mine, name="few", directory=tmp_path, resume=False, device="cpu")
    said = "picked validate_every 250: 8 target words (the least); prepared for 1,500 updates of 1,536"
    assert said in capfd.readouterr().err.splitlines()
    usual, added = [], ["training.batch_tokens=700", "training.accumulate=2"]
    for changed, message in ((usual, "batch_tokens was 700 .* is 1536 now"), (added, "accumulate was 1 .* is 2 now")):
        with pytest.raises(TrainingError, match=rf"cannot resume: training\.{message}"):
            train(load_recipe(path, [*short, *changed]), name="few", directory=tmp_path, resume=True, device="cpu")


@pytest.mark.slow
def test_a_single_pair_is_prepared_and_trained_on(tmp_path: Path) -> None:
    path = write(tmp_path, FEW[:1])
    nmt("prepare", path, "--output", tmp_path / "model")
    nmt("train", path, "--output", tmp_path / "model", "--device", "cpu", *changes(*SHORT))
    assert load_info(tmp_path / "model").model.decoder_hidden_size == 256


@pytest.mark.slow
def test_mistakes_are_one_line(tmp_path: Path) -> None:
    path, model = write(tmp_path, FEW), tmp_path / "model"
    message = error_of("prepare", path, "--output", model, *changes("model.dropout=0.5"))
    assert "--set model.dropout=0.5: of no use to nmt prepare; give it to nmt train" in message
    message = error_of("prepare", path, "--output", model, *changes("preparation.vocabulary_size=4000"))
    largest = re.findall(r"vocabulary_size: 4000 is more than this text can fill; at most (\d+)$", message)
    done = nmt("prepare", path, "--output", model, *changes(f"preparation.vocabulary_size={largest[0]}"))
    assert b"picked " in done.stdout
    message = error_of("train", path, "--output", model, *changes("preparation.vocabulary_size=30"))
    assert f"preparation.vocabulary_size: the text was prepared with {largest[0]} and the recipe says 30" in message


def test_a_recipe_must_be_trained_as_it_was_prepared(tmp_path: Path) -> None:
    path = write(tmp_path, FEW)
    by_hand = load_recipe(path, ["recipe=null", "preparation.vocabulary_size=60"])
    with pytest.raises(CorpusError, match=r"report\.json cannot be read; run `nmt prepare` for this recipe first"):
        as_prepared(by_hand, tmp_path / "prepared")
    prepare(by_hand, corpora=tmp_path, output=tmp_path / "prepared")
    found = as_prepared(by_hand, tmp_path / "prepared")
    assert (found.recipe, found.picks) == (by_hand, ())
    raw, clean = tmp_path / "train.tsv", tmp_path / "prepared" / "train.source"
    for sums, file in ((found.inputs, raw), (found.outputs, clean)):
        assert sums[file.name] == hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(ConfigurationError, match=r"not prepared with `recipe: auto`; run `nmt prepare` .* again"):
        as_prepared(load_recipe(path), tmp_path / "prepared")
    other = load_recipe(path, ["recipe=null", "preparation.vocabulary_size=60", "preparation.tokenizer=unigram"])
    with pytest.raises(ConfigurationError, match=r"tokenizer: the text was .* with 'bpe' and the recipe says 'unigram'"):
        as_prepared(other, tmp_path / "prepared")
    shorter = load_recipe(path, ["recipe=null", "preparation.vocabulary_size=60", "preparation.max_characters=30"])
    with pytest.raises(ConfigurationError, match=r"preparation\.max_characters: .* with \d+ and the recipe says 30; put it"):
        as_prepared(shorter, tmp_path / "prepared")
    later = ["recipe=null", "preparation.vocabulary_size=60", "preparation.test={later: [{path: valid.tsv}]}"]
    with pytest.raises(
        ConfigurationError, match=r"preparation\.test: the text was prepared with others; put it back, or run"
    ):
        as_prepared(load_recipe(path, later), tmp_path / "prepared")
    sides = ["recipe=null", "preparation.vocabulary_size=60", "preparation.drop_held_out=sides"]
    report = tmp_path / "prepared" / "report.json"
    before = json.loads(report.read_text(encoding="utf-8"))
    del before["preparation"]["drop_held_out"]
    report.write_text(json.dumps(before), encoding="utf-8")
    assert as_prepared(by_hand, tmp_path / "prepared").recipe == by_hand
    with pytest.raises(
        ConfigurationError, match=r"drop_held_out: the text was prepared before this setting existed; run `n"
    ):
        as_prepared(load_recipe(path, sides), tmp_path / "prepared")
    path.write_text(path.read_text(encoding="utf-8").replace("train.tsv", "gone.tsv"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"preparation\.train: the text was prepared with others; put it back, or"):
        as_prepared(load_recipe(path, ["recipe=null", "preparation.vocabulary_size=60"]), tmp_path / "prepared")
