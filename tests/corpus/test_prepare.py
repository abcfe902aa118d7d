"""Preparation end to end: the folder that training reads."""

import json
import subprocess
import sys
import textwrap
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nmt.config.recipe import Recipe, load_recipe, read_recipe
from nmt.config.yaml import parse
from nmt.corpus.arrays import token_dtype
from nmt.corpus.prepare import prepare
from nmt.errors import ConfigurationError, CorpusError, InputError
from nmt.text.tokenizer import Tokenizer, train_tokenizer

FILES = {
    "report.json",
    "tokenizer.model",
    *(f"{split}.{side}" for split in ("train", "valid") for side in ("source", "target")),
    *(f"train.{side}.{array}.npy" for side in ("source", "target") for array in ("tokens", "offsets")),
}

DATA = Path(__file__).parents[2] / "data"

NUMBERS = [("eins", "one"), ("zwei", "two"), ("drei", "three"), ("vier", "four"), ("fünf", "five"), ("sechs", "six")]
THINGS = [("Äpfel", "apples"), ("Bücher", "books"), ("Stühle", "chairs"), ("Katzen", "cats"), ("Züge", "trains")]


def lines() -> list[str]:
    return [f"Ich sehe {de} {dinge}.\tI see {en} {things}." for de, en in NUMBERS for dinge, things in THINGS]


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    folder = tmp_path / "corpora"
    folder.mkdir()
    extra = [
        "\tYes.",
        "Ja\x00.\tYes.",
        "Nein.\tNein.",
        lines()[0],
        "Wir sind da\u2028 und dort.\tWe are here\u2028 and there.",
    ]
    (folder / "train.tsv").write_text("\n".join(lines() + extra) + "\n", encoding="utf-8", newline="\n")
    (folder / "valid.tsv").write_text("Ich sehe alles.\tI see it all.\n" + lines()[3] + "\n", encoding="utf-8", newline="\n")
    return folder


def recipe(**preparation: Any) -> Recipe:
    settings = {"train": [{"path": "train.tsv"}], "valid": [{"path": "valid.tsv"}], "vocabulary_size": 90, **preparation}
    tree = {"source_language": "de", "target_language": "en", "description": "d", "licence": "l", "preparation": settings}
    return parse(Recipe, tree, where="test")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read_side(folder: Path, side: str) -> list[str]:
    text = (folder / f"train.{side}").read_bytes().decode()
    assert text.endswith("\n")
    return text.removesuffix("\n").split("\n")


def test_the_folder_holds_what_training_reads(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "model" / "prepared"
    report = prepare(recipe(), corpora=corpora, output=output)
    assert {path.name for path in output.iterdir()} == FILES
    assert [path.name for path in output.parent.iterdir()] == ["prepared"]

    tokenizer = Tokenizer.load(output / "tokenizer.model")
    assert tokenizer.vocabulary_size == report.vocabulary_size == 90
    for side, total in (("source", report.source_tokens), ("target", report.target_tokens)):
        sentences = read_side(output, side)
        tokens = np.load(output / f"train.{side}.tokens.npy", mmap_mode="r", allow_pickle=False)
        offsets = np.load(output / f"train.{side}.offsets.npy", mmap_mode="r", allow_pickle=False)
        assert tokens.dtype == np.uint16
        assert offsets.dtype == np.int64
        assert tokens.shape == (total,)
        assert offsets.shape == (report.train_pairs + 1,) == (len(sentences) + 1,)
        for number, sentence in enumerate(sentences):
            assert tokens[offsets[number] : offsets[number + 1]].tolist() == tokenizer.encode(sentence)


def test_sides_stay_in_step(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "prepared"
    prepare(recipe(), corpora=corpora, output=output)
    expected = [line for line in lines() if line != lines()[3]] + [
        "Wir sind da\u2028 und dort.\tWe are here\u2028 and there."
    ]
    pairs = zip(read_side(output, "source"), read_side(output, "target"), strict=True)
    assert ["\t".join(pair) for pair in pairs] == expected


def test_the_report_counts_every_pair(corpora: Path, tmp_path: Path) -> None:
    report = prepare(recipe(), corpora=corpora, output=tmp_path / "prepared")
    valid, train = report.corpora
    assert (valid.name, valid.read, valid.kept) == ("valid: valid.tsv", 2, 2)
    assert (train.name, train.read, train.kept) == ("train: train.tsv", 35, 30)
    assert {name: count for name, count in train.dropped.items() if count} == {
        "empty": 1,
        "control characters": 1,
        "identical to the source": 1,
        "in validation": 1,
        "duplicate": 1,
    }
    text = str(report)
    assert "dropped: duplicate" in text
    assert len(text.splitlines()) == len(report.rows())


@pytest.mark.parametrize(
    ("drop", "validation", "tests", "half"),
    [(None, 1, 1, 8), ("pairs", 1, 1, 8), ("sides", 1, 9, 0), ("none", 0, 0, 10)],
)
def test_what_is_in_validation_or_a_test_set_is_dropped_as_asked_and_counted(
    drop: str | None, validation: int, tests: int, half: int, corpora: Path, tmp_path: Path
) -> None:
    """Of two test sets one has a pair of the training text, the other the source of one and the target of six."""
    (corpora / "first.tsv").write_text(f"Kein Satz davon.\tNo sentence of it.\n{lines()[7]}\n", encoding="utf-8")
    beside = [lines()[8].split("\t")[0] + "\tSomething else.", "Etwas anderes.\t" + lines()[9].split("\t")[1]]
    (corpora / "second.tsv").write_text("".join(f"{line}\n" for line in beside), encoding="utf-8")
    more = [f"Neu {number}: {lines()[8]}" for number in range(2)] + [
        f"Neu {number}.\t{lines()[9].split(chr(9))[1]}" for number in range(6)
    ]
    with (corpora / "train.tsv").open("a", encoding="utf-8") as train:
        train.writelines(f"{line}\n" for line in more)
    settings: dict[str, Any] = {"test": {name: [{"path": f"{name}.tsv"}] for name in ("first", "second")}}
    settings |= {"drop_held_out": drop} if drop else {}
    report = prepare(recipe(**settings), corpora=corpora, output=tmp_path / "prepared")
    [found] = [corpus for corpus in report.corpora if corpus.name == "train: train.tsv"]
    counted = {name.rpartition("in ")[2]: count for name, count in found.dropped.items() if "in " in name and count}
    assert counted == {name: count for name, count in (("validation", validation), ("a test set", tests)) if count}
    assert found.half_held_out == half
    assert ("of them with a side in validation or test" in str(report)) == bool(half)
    text = set(zip(read_side(tmp_path / "prepared", "source"), read_side(tmp_path / "prepared", "target"), strict=True))
    assert {tuple(line.split("\t")) in text for line in (lines()[3], lines()[7])} == {drop == "none"}
    assert (tuple(lines()[8].split("\t")) in text) == (drop != "sides")


def test_the_report_file_says_what_went_in_and_what_came_out(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "prepared"
    prepare(recipe(), corpora=corpora, output=output)
    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert report["inputs"] == {
        name: sha256((corpora / name).read_bytes()).hexdigest() for name in ("train.tsv", "valid.tsv")
    }
    assert report["outputs"] == {
        name: sha256(content).hexdigest() for name, content in contents(output).items() if name != "report.json"
    }
    assert report["preparation"]["vocabulary_size"] == 90
    assert report["corpora"][1]["dropped"]["duplicate"] == 1


@pytest.mark.parametrize("tokenizer", ["bpe", "unigram"])
def test_two_runs_give_the_same_bytes(corpora: Path, tmp_path: Path, tokenizer: str) -> None:
    for name in ("first", "second"):
        prepare(recipe(tokenizer=tokenizer), corpora=corpora, output=tmp_path / name)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_the_other_direction_keeps_the_same_pairs(corpora: Path, tmp_path: Path) -> None:
    prepare(recipe(), corpora=corpora, output=tmp_path / "there")
    columns = {"source_column": 2, "target_column": 1}
    back = recipe(train=[{"path": "train.tsv", **columns}], valid=[{"path": "valid.tsv", **columns}])
    prepare(
        back.model_copy(update={"source_language": "en", "target_language": "de"}), corpora=corpora, output=tmp_path / "back"
    )
    assert read_side(tmp_path / "there", "source") == read_side(tmp_path / "back", "target")
    assert read_side(tmp_path / "there", "target") == read_side(tmp_path / "back", "source")


def test_several_corpora_are_one_text_without_duplicates(corpora: Path, tmp_path: Path) -> None:
    report = prepare(
        recipe(train=[{"path": "train.tsv"}, {"path": "train.tsv"}]), corpora=corpora, output=tmp_path / "prepared"
    )
    assert report.train_pairs == 30
    assert [corpus.kept for corpus in report.corpora] == [2, 30, 0]
    assert report.corpora[2].dropped["duplicate"] == 31


def test_a_new_preparation_replaces_the_old(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "prepared"
    prepare(recipe(), corpora=corpora, output=output)
    (output / "left-over").touch()
    prepare(recipe(vocabulary_size=80), corpora=corpora, output=output)
    assert {path.name for path in output.iterdir()} == FILES
    assert Tokenizer.load(output / "tokenizer.model").vocabulary_size == 80


def test_a_failed_preparation_leaves_the_old_one(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "prepared"
    prepare(recipe(), corpora=corpora, output=output)
    before = contents(output)
    with pytest.raises(ConfigurationError, match=r"preparation\.vocabulary_size: 1000 is more .* at most \d+"):
        prepare(recipe(vocabulary_size=1000), corpora=corpora, output=output)
    with (corpora / "train.tsv").open("a") as stream:
        stream.write("Nein.\n")
    with pytest.raises(CorpusError, match=r"train\.tsv, line 36"):
        prepare(recipe(), corpora=corpora, output=output)
    assert contents(output) == before
    assert [path.name for path in output.parent.iterdir()] == ["prepared"]


@pytest.mark.parametrize("file", ["train.source", "train.source.tokens.npy"])
def test_a_full_disk_leaves_the_old_one(corpora: Path, tmp_path: Path, file: str) -> None:
    """No file may grow past a limit that `file` is just too long for."""
    output = tmp_path / "out" / "prepared"
    settings = recipe(vocabulary_size=45)
    prepare(settings, corpora=corpora, output=output)
    before = contents(output)
    limit = len(before[file]) - 1
    assert file == "train.source" or max(len(before["tokenizer.model"]), len(before["train.source"])) <= limit
    program = f"""
        import resource
        from pathlib import Path
        from nmt.config.recipe import Recipe
        from nmt.corpus.prepare import prepare
        from nmt.errors import CorpusError
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        recipe = Recipe.model_validate_json({settings.model_dump_json()!r})
        try:
            prepare(recipe, corpora=Path({str(corpora)!r}), output=Path({str(output)!r}))
        except CorpusError as error:
            print(error)
    """
    command = [sys.executable, "-B", "-c", textwrap.dedent(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "prepared: cannot be written: File too large" in result.stdout
    assert result.stderr == ""
    assert contents(output) == before
    assert [path.name for path in output.parent.iterdir()] == ["prepared"]


def test_the_text_of_another_recipe_is_not_replaced(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "model" / "prepared"
    prepare(recipe(), corpora=corpora, output=output, name="data/recipe.yaml")
    before = contents(output)
    with pytest.raises(ConfigurationError, match=r"holds the text of another recipe, data/recipe\.yaml, .* name another"):
        prepare(recipe(), corpora=corpora, output=output, name="data/large.yaml")
    assert contents(output) == before
    prepare(recipe(vocabulary_size=80), corpora=corpora, output=output, name="data/recipe.yaml")
    (output / "report.json").write_text("{", encoding="utf-8")
    prepare(recipe(), corpora=corpora, output=output, name="data/large.yaml")  # nobody can train on what was there


def test_text_that_changes_after_it_was_read_is_not_what_was_prepared(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report tells the digests of the text, by which a run knows it again."""

    def change(*arguments: Any, **options: Any) -> Tokenizer:
        with (corpora / "train.tsv").open("a") as file:
            file.write("Neu.\tNew.\n")
        return train_tokenizer(*arguments, **options)

    monkeypatch.setattr("nmt.corpus.prepare.train_tokenizer", change)
    with pytest.raises(InputError, match=r"train\.tsv: was changed or replaced while it was prepared"):
        prepare(recipe(), corpora=corpora, output=tmp_path / "prepared")
    assert not (tmp_path / "prepared").exists()


def test_lines_that_are_no_pairs_are_in_the_report(corpora: Path, tmp_path: Path) -> None:
    with (corpora / "train.tsv").open("a") as file:
        file.write("\n\n" + "".join(f"Satz {number}.\tSentence {number}.\n" for number in range(99)) + "no tab\n")
    report = prepare(recipe(), corpora=corpora, output=tmp_path / "prepared")
    assert (report.corpora[1].blank, report.corpora[1].malformed) == (2, 1)
    rows = dict(report.rows())
    assert (rows["  blank lines, left out"], rows["  lines with too few columns, left out"]) == ("2", "1")
    written = json.loads((tmp_path / "prepared" / "report.json").read_text(encoding="utf-8"))
    assert (written["corpora"][1]["blank"], written["corpora"][1]["malformed"]) == (2, 1)


@pytest.mark.parametrize("name", ["folder", "file"])
def test_a_folder_of_something_else_is_not_replaced(corpora: Path, tmp_path: Path, name: str) -> None:
    output = tmp_path / name
    if name == "folder":
        output.mkdir()
        (output / "thesis.txt").write_text("years of work")
    else:
        output.write_text("years of work")
    with pytest.raises(ConfigurationError, match="holds something else"):
        prepare(recipe(), corpora=corpora, output=output)
    assert output.exists()


def test_filters_that_leave_nothing_say_why(corpora: Path, tmp_path: Path) -> None:
    (corpora / "train.tsv").write_text("Nein.\tNein.\n\tx\n")
    with pytest.raises(CorpusError, match=r"preparation\.train: the filters left no pair; dropped: empty 1, identical .* 1"):
        prepare(recipe(), corpora=corpora, output=tmp_path / "prepared")


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"valid\.tsv: cannot be read: No such file"):
        prepare(recipe(), corpora=tmp_path, output=tmp_path / "prepared")
    assert list(tmp_path.iterdir()) == []


def test_ids_are_as_small_as_the_vocabulary_allows() -> None:
    assert token_dtype(65_536) == np.uint16
    assert token_dtype(65_537) == np.int32


@pytest.mark.parametrize("path", sorted(DATA.glob("*/recipe.yaml")), ids=lambda path: path.parent.name)
def test_recipes_of_the_project_are_valid_and_documented(path: Path) -> None:
    name = path.parent.name
    settings = read_recipe(path)
    translates = isinstance(settings, Recipe)
    languages = (settings.source_language, settings.target_language) if translates else ("lm", settings.language)
    assert f"-{'-'.join(languages)}-" in f"{name}-"
    readme = (path.parent / "README.md").read_text(encoding="utf-8")
    assert f"nmt prepare data/{name}/recipe.yaml" in readme
    assert f"nmt train data/{name}/recipe.yaml" in readme
    for corpus in (*settings.preparation.train, *settings.preparation.valid):
        assert all(file.as_posix() in readme for file in corpus.files)


def test_the_sample_corpus_is_as_its_readme_says(tmp_path: Path) -> None:
    folder = DATA / "sample-de-en"
    report = prepare(load_recipe(folder / "recipe.yaml"), corpora=folder, output=tmp_path / "prepared")
    assert not any(count for corpus in report.corpora for count in corpus.dropped.values())
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for name, pairs in (("train.tsv", report.train_pairs), ("valid.tsv", report.valid_pairs)):
        assert f"| `{name}` | {pairs} | `{sha256((folder / name).read_bytes()).hexdigest()}` |" in readme


def many(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    (folder / "many.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8", newline="\n")
    (folder / "valid.tsv").write_text("Ich sehe alles.\tI see it all.\n", encoding="utf-8", newline="\n")
    return folder


def sources(folder: Path, **preparation: Any) -> list[str]:
    prepare(recipe(**preparation), corpora=folder, output=folder / "out")
    return (folder / "out" / "train.source").read_text(encoding="utf-8").splitlines()


def test_domains_have_weights_and_shares(tmp_path: Path) -> None:
    rows = [(f"Gutes Wort {n}.", f"Good word {n}.", "good") for n in range(20)]
    rows += [(f"Anderes Wort {n}.", f"Other word {n}.", "other") for n in range(2000)]
    folder = many(tmp_path, rows)
    corpora = [
        {"path": "many.tsv", "domain_column": 3, "include_domains": ["good"], "repeat": 3},
        {"path": "many.tsv", "domain_column": 3, "include_domains": ["other"], "share": 0.25},
    ]
    lines = sources(folder, train=corpora, vocabulary_size=60)
    good, other = ([line for line in lines if line.startswith(start)] for start in ("Gutes", "Anderes"))
    assert sorted(good) == sorted(3 * [row[0] for row in rows[:20]])
    assert 400 < len(other) < 600
    # The share does not depend on what else is in the file, and a larger one has all of a smaller one.
    less = sources(folder, train=[{**corpora[1], "share": 0.1}], vocabulary_size=60)
    assert set(less) < set(other)
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["train_pairs"] == len(less)


def test_keys_are_taken_out_of_both_sides(tmp_path: Path) -> None:
    folder = many(
        tmp_path, [("?plural:Hunde", "?plural:dogs", "x"), ("?plural:", "?plural:", "x"), ("Wer? Ich:", "Who? Me:", "x")]
    )
    lines = sources(folder, train=[{"path": "many.tsv", "remove": r"^\?[a-z]+:"}], vocabulary_size=30)
    assert lines == ["Hunde", "Wer? Ich:"]


def test_entries_of_a_dictionary_are_kept_where_their_words_are_known(tmp_path: Path) -> None:
    rows = [("Der Hund schläft.", "The dog sleeps.", "text"), ("Ein Hund bellt.", "A dog barks.", "text")]
    words = [("Hund", "dog", "word"), ("hund", "DOG", "word"), ("schläft", "sleeps", "word"), ("Köter", "cur", "word")]
    folder = many(tmp_path, rows + words)
    text = {"path": "many.tsv", "domain_column": 3, "include_domains": ["text"]}
    entries = {"path": "many.tsv", "domain_column": 3, "include_domains": ["word"]}
    assert sources(folder, train=[text, {**entries, "known_words": 1}], vocabulary_size=50)[2:] == [
        "Hund",
        "hund",
        "schläft",
    ]
    assert sources(folder, train=[text, {**entries, "known_words": 2}], vocabulary_size=50)[2:] == ["Hund", "hund"]


def test_pairs_with_other_numbers_are_dropped(tmp_path: Path) -> None:
    folder = many(tmp_path, [("Es sind 15.", "There are 51.", "x"), ("Es sind 16 {a}.", "There are 16 {a}.", "x")])
    assert sources(folder, train=[{"path": "many.tsv"}], vocabulary_size=30, drop_disagreeing=True) == ["Es sind 16 {a}."]


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="remove should be a regular expression"):
        recipe(train=[{"path": "train.tsv", "remove": "("}])


@pytest.mark.slow
def test_training_reads_symbols_where_the_text_has_placeholders(tmp_path: Path) -> None:
    words = [f"{a}{b}{c}{d}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprst" for d in "aeiou"]
    rows = [(f"Hallo {{name}}, {word} {words[-place]}", f"Hello {{name}}, {word}", "x") for place, word in enumerate(words)]
    folder = many(tmp_path, rows)
    assert sources(folder, train=[{"path": "many.tsv"}], vocabulary_size=2000)[0] == rows[0][0]
    tokenizer = Tokenizer.load(folder / "out" / "tokenizer.model")
    assert len(tokenizer.symbols) == 8
    for side in ("source", "target"):
        tokens = np.load(folder / "out" / f"train.{side}.tokens.npy")
        offsets = np.load(folder / "out" / f"train.{side}.offsets.npy")
        texts = [tokenizer.decode(tokens[start:end]) for start, end in pairwise(offsets)]
        assert len(texts) == len(rows)
        assert all(sum(symbol in text for symbol in tokenizer.symbols) == 1 and "{" not in text for text in texts)
    assert sources(folder, train=[{"path": "many.tsv"}], vocabulary_size=2000, span_symbols=0)
    assert Tokenizer.load(folder / "out" / "tokenizer.model").symbols == ()


def test_what_one_corpus_leaves_out_is_no_duplicate_in_the_next(tmp_path: Path) -> None:
    rows = [(f"Gutes Wort {n}.", f"Good word {n}.", "x") for n in range(200)]
    folder = many(tmp_path, rows)
    corpora = [{"path": "many.tsv", "share": 0.3}, {"path": "many.tsv"}]
    assert sorted(sources(folder, train=corpora, vocabulary_size=60)) == sorted(row[0] for row in rows)


def test_the_table_tells_how_often_pairs_are_repeated(tmp_path: Path) -> None:
    folder = many(tmp_path, [("Ja, sicher.", "Yes, sure.", "x"), ("Nein, danke.", "No, thanks.", "x")])
    report = prepare(
        recipe(train=[{"path": "many.tsv", "repeat": 3}], vocabulary_size=30), corpora=folder, output=folder / "o"
    )
    assert ("  kept, 3 times each", "2") in report.rows()
    assert ("pairs to train on", "6") in report.rows()
