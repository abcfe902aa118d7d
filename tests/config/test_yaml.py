"""Settings in YAML: what a scalar is, what is refused and in which line, and what is written."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from nmt.checkpoint.directory import read_info
from nmt.config.recipe import LanguageModelRecipe, Recipe, read_recipe
from nmt.config.yaml import SettingPath, Settings, apply_override, parse, read_yaml, to_yaml
from nmt.errors import ConfigurationError

ROOT = Path(__file__).parent.parent.parent


def read(folder: Path, text: str) -> dict[str, Any]:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


def refusal(folder: Path, text: str) -> str:
    """The one line in which `text` is refused, without the name of the file."""
    with pytest.raises(ConfigurationError) as refused:
        read(folder, text)
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < 1000
    return message.removeprefix(f"{folder / 'settings.yaml'}: ")


# The examples of the core schema in the specification of YAML 1.2.2 (10.3.2), and what YAML 1.1 made something else of.
SCALARS: list[tuple[str, object]] = [
    ("null", None),
    ("~", None),
    ("", None),
    ("true", True),
    ("True", True),
    ("FALSE", False),
    ("0", 0),
    ("0o7", 7),
    ("0x3A", 58),
    ("-19", -19),
    ("+12", 12),
    ("0500", 500),
    ("0.", 0.0),
    ("-0.0", 0.0),
    (".5", 0.5),
    ("+12e03", 12000.0),
    ("-2E+05", -200000.0),
    ("1e-3", 0.001),
    (".inf", float("inf")),
    ("-.Inf", float("-inf")),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("Off", "Off"),
    ("y", "y"),
    ("1:30", "1:30"),
    ("1_000", "1_000"),
    ("10,000", "10,000"),
    ("0b11", "0b11"),
    ("2026-01-31", "2026-01-31"),
    ("=", "="),
    ("tRue", "tRue"),
    ("'500'", "500"),
    ('"true"', "true"),
    ("!!str 5", "5"),
    ("!!float 5", 5.0),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_scalar_is_what_yaml_1_2_says(tmp_path: Path, text: str, value: object) -> None:
    found = read(tmp_path, f"key: {text}\n")["key"]
    assert found == value
    assert type(found) is type(value)
    tree: dict[str, Any] = {}
    apply_override(tree, f"key={text}")
    assert tree == {"key": value}


def test_keys_are_strings_as_they_are_written(tmp_path: Path) -> None:
    assert read(tmp_path, "no: 1\n0500: 2\nnull: 3\ntrue: 4\n") == {"no": 1, "0500": 2, "null": 3, "true": 4}


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("a: 1\nb: 2\na: 3\n", "a", (1, 3)),
        ("s:\n  t:\n    a: 1\n    b: 2\n    a: 1\n", "a", (3, 5)),
        ("s: {a: 1,\n  b: 2,\n  a: 3}\n", "a", (1, 3)),
        ("l:\n- b: 2\n- a: 1\n  'a': 2\n", "a", (3, 4)),
        ("2: 1\n\n'2': 3\n", "2", (1, 3)),
        ("x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n", "a", (1, 4)),
        ("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n", "a", (3, 1)),
        ("x: &x {a: 1}\nz: &z\n  a: 1\ny: {<<: [*x, *z]}\n", "a", (1, 3)),
        ("x: &x {a: 1}\nz: &z {b: 1}\ny:\n  <<: *x\n  <<: *z\n", "<<", (4, 5)),
        ("x: &x\n  a: 1\n  a: 2\ny: *x\n", "a", (2, 3)),
    ],
)
def test_a_key_given_twice_is_refused_with_both_lines(tmp_path: Path, text: str, key: str, lines: tuple[int, int]) -> None:
    assert refusal(tmp_path, text) == f"key {key} is given twice, in line {lines[0]} and in line {lines[1]}"


def test_aliases_and_merged_sections_are_copies(tmp_path: Path) -> None:
    tree = read(tmp_path, "x: &x {a: 1}\ny: *x\nz: {<<: *x, b: 2}\n")
    apply_override(tree, "x.a=5")
    assert tree == {"x": {"a": 5}, "y": {"a": 1}, "z": {"a": 1, "b": 2}}


def doubling(first: str, more: str) -> str:
    """Seven hundred bytes, of which each line is nine times the line before."""
    names = "abcdefghijkl"
    return first + "".join(
        more.format(name=after, nine=", ".join([f"*{before}"] * 9)) for before, after in itertools.pairwise(names)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (doubling("a: &a [x, x, x]\n", "{name}: &{name} [{nine}]\n"), "100,000 values"),
        (doubling("a: &a {x: 1}\n", "{name}: &{name} [{nine}]\n"), "100,000 values"),
        (doubling("a: &a {}\n", "{name}: &{name} {{<<: [{nine}]}}\n"), "100,000 values"),
        (doubling("a: &a {x: 1}\n", "{name}: &{name} {{<<: [{nine}]}}\n"), "key x is given twice"),
        ("a: &a [*a]\n", "50 levels"),
        ("a: &a {b: *a}\n", "50 levels"),
        ("a: &a {<<: *a}\n", "50 levels"),
        ("[" * 20_000, "line 1: nested more than 50 levels"),
        ("a:\n" + "- " * 20_000, "line 2: nested more than 50 levels"),
        ("a: " + "{a: " * 20_000, "50 levels"),
        ("? " * 20_000, "50 levels"),
        ("".join(" " * level + "a:\n" for level in range(600)), "line 50: nested more than 50 levels"),
        ("a: " + "9" * 100_000, "more than any setting takes"),
        ("a: 0x" + "f" * 100_000, "more than any setting takes"),
        ("a: 9223372036854775808", "more than any setting takes"),
        ("a: '" + "9" * 100_000, "not valid YAML"),
        ("%YAML " + "9" * 5_000 + ".1\n---\na: 1\n", "not valid YAML"),
        ('a: "\\Uffffffff"', "not valid YAML"),
        ('a: "\\ud800"', "lone surrogate"),
        ("a: *b", "undefined alias"),
        ("a: 1\n---\nb: 2\n", "single document"),
        ("a: !!python/object/apply:os.system [echo]\n", "line 1: there are no values of the kind"),
        ("a: !!set {b}\n", "no values of the kind"),
        ("a: !!binary aGk=\n", "no value of the kind"),
        ("a: !!int one\n", "no value of the kind"),
        ("? [a]\n: 1\n", "line 1: a key should be a word"),
        ("a: {<<: 5}\n", "<< should have a mapping"),
        ("- a\n", "should hold a mapping"),
        ("", "should hold a mapping"),
        ("a:\tb\n\tc: d\n", "not valid YAML"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_settings_is_refused_at_once_in_a_line(tmp_path: Path, text: str, words: str) -> None:
    began = time.process_time()
    assert words in refusal(tmp_path, text)
    assert time.process_time() - began < 5


def test_an_exploding_recipe_does_not_hang_a_command(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(doubling("a: &a [x, x, x]\n", "{name}: &{name} [{nine}]\n"))
    assert recipe.stat().st_size < 700
    done = subprocess.run(
        [str(Path(sys.executable).with_name("nmt")), "prepare", str(recipe)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


# Without the line ends of Unicode, which PyYAML writes as they are and reads as blanks.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXT
    | st.sampled_from([text for text, _ in SCALARS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab0no<~", max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abno0:", min_size=1), JSON, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]) -> None:
    assert read(tmp_path_factory.getbasetemp(), to_yaml(tree)) == tree


@given(st.lists(st.sampled_from([text for text, _ in SCALARS]) | TEXT))
def test_strings_that_are_written_are_strings_to_readers_of_yaml_1_1(texts: list[str]) -> None:
    assert yaml.safe_load(to_yaml(texts)) == texts


class Inner(Settings):
    number: int = 1
    amount: float = 1.0
    switch: bool = False
    names: tuple[str, ...] = ()
    path: SettingPath | None = None
    plain: str = "~/x"


class Outer(Settings):
    inner: Inner = Inner()
    table: dict[str, tuple[Inner, ...]] = Field(default_factory=dict)
    some: tuple[Inner, ...] = Field((Inner(),), min_length=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("number: true", ["inner.number", "integer", "not true"]),
        ("number: '5'", ["inner.number", "integer", "not '5'"]),
        ("number: 5.0", ["inner.number", "integer", "not 5.0"]),
        ("number: 1e4", ["inner.number", "integer"]),
        ("number: 1:30", ["inner.number", "integer", "not '1:30'"]),
        ("number: 10,000", ["inner.number", "integer", "not '10,000'"]),
        ("amount: on", ["inner.amount", "number", "not 'on'"]),
        ("amount: true", ["inner.amount", "number", "not true"]),
        ("amount: 1e999", ["inner.amount", "finite"]),
        ("switch: 1", ["inner.switch", "boolean", "not 1"]),
        ("switch: 'no'", ["inner.switch", "boolean", "not 'no'", "true or false"]),
        ("names: [2019]", ["inner.names.0", "string", "not 2019", "quotes"]),
        ("names: word", ["inner.names", "not 'word'"]),
        ("path: 5", ["inner.path", "string"]),
        ("nmber: 5", ["unknown key inner.nmber", "did you mean number?"]),
    ],
)
def test_types_are_as_strict_as_those_of_json(tmp_path: Path, text: str, words: list[str]) -> None:
    tree = read(tmp_path, f"inner: {{{text}}}\n" if "," not in text else f"inner:\n  {text}\n")
    with pytest.raises(ConfigurationError) as refused:
        parse(Outer, tree, where="here")
    for word in words:
        assert word in str(refused.value)


def test_the_nearest_key_is_found_within_tables_and_lists(tmp_path: Path) -> None:
    tree = read(tmp_path, "table: {first: [{number: 1}, {swich: true}]}\n")
    with pytest.raises(ConfigurationError, match=r"unknown key table.first.1.swich; did you mean switch\?"):
        parse(Outer, tree, where="here")


def test_a_list_with_a_wrong_item_is_not_said_to_be_too_short(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^here: unknown key some\.0\.nmber; did you mean number\?$"):
        parse(Outer, read(tmp_path, "some: [{nmber: 5}]\n"), where="here")
    with pytest.raises(ConfigurationError, match=r"^here: some: should have 1 or more, not \[\]$"):
        parse(Outer, read(tmp_path, "some: []\n"), where="here")


def test_lists_and_whole_numbers_are_taken_for_tuples_and_floats(tmp_path: Path) -> None:
    inner = parse(Outer, read(tmp_path, "inner: {names: [a, no], amount: 3}\n"), where="here").inner
    assert inner == Inner(names=("a", "no"), amount=3.0)


def test_home_is_expanded_in_paths_and_nowhere_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    inner = parse(Outer, {"inner": {"path": "~/corpus/train.tsv", "plain": "~/corpus", "names": ["~"]}}, where="here").inner
    assert (inner.path, inner.plain, inner.names) == (tmp_path / "corpus/train.tsv", "~/corpus", ("~",))
    assert parse(Outer, {"inner": {"path": "a~/~"}}, where="here").inner.path == Path("a~/~")
    for path, words in (("~nobody-of-this-name/x", "home folder"), ("a\0b", "NUL")):
        with pytest.raises(ConfigurationError, match=words):
            parse(Outer, {"inner": {"path": path}}, where="here")


MINIMAL = """
source_language: no
target_language: en
description: for a test
licence: none
preparation:
  train: [{path: ~/train.tsv, domain_column: 3, include_domains: [no, on]}]
  valid: [{source: valid.no, target: valid.en}]
training:
  seed: 7
  max_updates: 0500
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", "/home/somebody")
    path = tmp_path / "recipe.yaml"
    path.write_text(MINIMAL)
    return path


def test_norwegian_is_a_language_and_a_leading_zero_is_no_octal(recipe: Path) -> None:
    read = read_recipe(recipe)
    assert isinstance(read, Recipe)
    assert read.source_language == "no"
    assert read.training.max_updates == 500
    assert read.preparation.train[0].path == Path("/home/somebody/train.tsv")
    assert read.preparation.train[0].include_domains == ("no", "on")


def test_an_override_with_a_mapping_leaves_the_rest_of_its_section(recipe: Path) -> None:
    assert read_recipe(recipe, ["training={seed: 3}"]).training.model_dump(include={"seed", "max_updates"}) == {
        "seed": 3,
        "max_updates": 500,
    }


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["training.max_updates=1:40"], ["training.max_updates", "'1:40'"]),
        (["training.max_updates=true"], ["training.max_updates", "true"]),
        (["training.max_updates=1000000000000000000000"], ["training.max_updates", "more than any setting takes"]),
        (["training.max_updates=10000000000"], ["training.max_updates", "1000000000"]),
        (["training.learning_rate=on"], ["training.learning_rate", "'on'"]),
        (["model.embedding_size=1000000"], ["model.embedding_size", "65536"]),
        (["preparation.drop_duplicates='no'"], ["preparation.drop_duplicates", "'no'", "true or false"]),
        (["training={seed: 3, seed: 4}"], ["seed is given twice"]),
        (["training.seed=3", "training.seed=4"], ["training.seed is given twice", "training.seed=3"]),
        (["training.seed.deeper=3"], ["seed is a value, not a section"]),
        (["preparation.train=[{source: a, target: b, domain_column: 3}]"], ["domain_column is for a path (a TSV file)"]),
        (["preparation.valid=[{path: a, domain_share: 0.5}]"], ["domain_share is for texts of train"]),
        (["training.plateau_factor=0.3"], ["plateau_factor is for schedule: plateau, not constant"]),
        (["preparation.test={x: [{pth: a}]}"], ["unknown key preparation.test.x.0.pth", "path"]),
        (["training.seed=" + "[" * 20_000], ["50 levels"]),
    ],
    ids=lambda value: value[0][:30],
)
def test_an_override_means_what_it_says_or_is_refused(recipe: Path, overrides: list[str], words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_recipe(recipe, overrides)
    for word in words:
        assert word in str(refused.value)


def by_yaml_1_1(path: Path) -> Any:
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", sorted(ROOT.glob("data/*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_recipes_here_say_what_they_always_said(path: Path) -> None:
    assert read_yaml(path) == by_yaml_1_1(path)
    assert isinstance(read_recipe(path), Recipe | LanguageModelRecipe)


@pytest.mark.parametrize("directory", sorted(ROOT.glob("checkpoints/*/")), ids=lambda path: path.name)
def test_the_models_here_are_what_they_always_were(directory: Path) -> None:
    path = directory / "config.yaml"
    before = by_yaml_1_1(path)
    info = read_info(directory).model_dump(mode="json")
    assert {key: info[key] for key in before} | {"model": {}} == before | {"model": {}}
    assert {key: info["model"][key] for key in before["model"]} == before["model"]
    assert to_yaml(before) == yaml.safe_dump(before, sort_keys=False, allow_unicode=True)


def test_there_are_recipes_and_models_to_be_read() -> None:
    assert len(list(ROOT.glob("data/*/recipe.yaml"))) > 5
    assert os.listdir(ROOT / "checkpoints")
