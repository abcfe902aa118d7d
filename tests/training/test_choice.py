"""Which weights a run keeps, and when it stops: by a score that tells weights apart, and by perplexity where it cannot."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from support.command import nmt
from support.sample import RECIPE, sample_recipe
from typer.testing import CliRunner

from nmt.checkpoint.directory import read_info
from nmt.cli.every import app
from nmt.config.recipe import LanguageModelRecipe, load_recipe, read_recipe
from nmt.config.yaml import parse
from nmt.corpus.prepare import prepare
from nmt.errors import ConfigurationError
from nmt.training.build import build_trainer
from nmt.training.run import train

SAMPLE = RECIPE.parent


def unspaced(text: str, letters: dict[str, str], *, first: int, stop: str) -> str:
    """`text` with a letter of another script for each of its words, and no space."""
    words = re.findall(r"\w+", text.lower())
    return "".join(letters.setdefault(word, chr(first + len(letters))) for word in words) + stop


def write_recipe(folder: Path, *, language: str, first: int, stop: str, **training: object) -> Path:
    """The sample, its target side as if it were written in `language`."""
    letters: dict[str, str] = {}
    folder.mkdir()
    for name in ("train.tsv", "valid.tsv"):
        pairs = [line.split("\t") for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]
        lines = [f"{source}\t{unspaced(target, letters, first=first, stop=stop)}\n" for source, target, *_ in pairs]
        (folder / name).write_text("".join(lines), encoding="utf-8")
    tree = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    tree["target_language"] = language
    tree["preparation"] |= {"vocabulary_size": 1100, "test": {"same": [{"path": "valid.tsv"}]}}
    tree["training"] |= {"max_updates": 240, "validate_every": 60, "metrics": ["bleu", "chrf"], **training}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    return folder / "recipe.yaml"


def validations(directory: Path) -> list[dict[str, Any]]:
    entries = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [entry for entry in entries if entry["kind"] == "validation"]


def sacrebleu(*arguments: object) -> str:
    command = [Path(sys.executable).with_name("sacrebleu"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_a_card_has_commands_that_train_and_score_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scores are of the weights as they are stored, and of the options that the model brought with it."""
    monkeypatch.chdir(tmp_path)
    changes = [
        "training.max_updates=30",
        "training.warmup_updates=5",
        "training.average_decay=0",
        "training.metrics=[chrf, bleu]",
    ]
    changes += ["training.storage=int8", "search.length_penalty=0.4", "preparation.test={same: [{path: valid.tsv}]}"]
    prepare(sample_recipe(changes), corpora=SAMPLE, output=tmp_path / "model" / "prepared")
    arguments = [word for change in changes for word in ("--set", change)]
    run = CliRunner().invoke(app, ["train", str(RECIPE), *arguments, "--output", "model", "--device", "cpu"])
    assert run.exit_code == 0, run.exception
    info, card = read_info(tmp_path / "model"), (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert shlex.split(info.training.command) == ["nmt", "train", str(RECIPE), *arguments]
    [command] = {score.made_by for score in info.scores}
    assert f"`{info.training.command}`: 30 updates" in card
    assert f": `{command}`.\n" in card
    files = {"DIR": "model", "FILE": "model/prepared/valid.source", "REFERENCE": "model/prepared/valid.target"}
    words = command.replace("--reference FILE", "--reference REFERENCE").split()[1:]
    again = CliRunner().invoke(app, [*(files.get(word, word) for word in words), "-m", "chrf", "bleu"])
    assert again.stdout == "".join(f"{one.metric} {one.shown}  {one.signature}\n" for one in info.scores[:2])
    assert info.scores[0].value == info.scores[2].value > 5.0  # of validation and test, here the same text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "first", "stop", "flags"),
    [("zh", 0x4E00, "。", ["-l", "de-zh"]), ("th", 0x0E01, "", ["-tok", "char"])],
)
def test_a_language_without_spaces_is_judged_by_its_own_words(
    language: str, first: int, stop: str, flags: list[str], tmp_path: Path
) -> None:
    """Validation, card, `nmt evaluate` and the `sacrebleu` program have one score, and the best weights are good ones."""
    path, model = write_recipe(tmp_path / "data", language=language, first=first, stop=stop), tmp_path / "model"
    if language == "th":  # so many made-up words are of no script at all
        path.write_text(path.read_text(encoding="utf-8").replace("preparation:", "preparation:\n  drop_wrong_script: false"))
    recipe = load_recipe(path)
    prepare(recipe, corpora=path.parent, output=model / "prepared")
    train(recipe, name="unspaced", directory=model, resume=False, device="cpu")

    found = validations(model)
    best = max(found, key=lambda entry: (entry["bleu"], -entry["perplexity"]))
    assert [entry["update"] for entry in found if entry["best"]][-1] == best["update"] > found[0]["update"]
    assert best["bleu"] > 15.0

    for side in ("source", "target"):
        (tmp_path / side).write_bytes((model / "prepared" / f"valid.{side}").read_bytes())
    files = ("--source", tmp_path / "source", "--reference", tmp_path / "target")
    options = ("--plain", "--runtime", "reference", "--output", tmp_path / "hypotheses")
    printed = nmt("evaluate", "--model", model, *files, *options).stdout.decode().splitlines()
    judged = (tmp_path / "target", "-i", tmp_path / "hypotheses", *flags, "-m", "bleu", "chrf", "-w", 2)
    scores = json.loads(sacrebleu(*judged))
    assert printed == [f"{one['name']} {one['score']:.2f}  {one['signature']}" for one in scores]
    of_validation, of_test = (read_info(model).scores[start : start + 2] for start in (0, 2))
    for reported in (of_validation, of_test):
        assert [f"{one.metric} {one.value:.2f}  {one.signature}" for one in reported] == printed
    assert best["bleu"] == pytest.approx(scores[0]["score"], abs=0.005)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert all(f"| same | {one['name']} | {one['score']:.2f} | 5 |" in card for one in scores)
    assert all(f"- {one['name']}: `{one['signature']}`" in card for one in scores)


def test_where_the_score_is_always_the_same_perplexity_chooses_and_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text of two words has no 4-gram: BLEU is 0.00, however good the translation."""
    tree = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    for name in ("train.tsv", "valid.tsv"):
        pairs = [line.split("\t")[:2] for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]
        short = [" ".join(side.split()[:2]) for pair in pairs for side in pair]
        lines = [f"{source}\t{target}\n" for source, target in zip(short[::2], short[1::2], strict=True)]
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    tree["preparation"] |= {"vocabulary_size": 300, "drop_duplicates": False}
    tree["training"] |= {"max_updates": 2000, "validate_every": 20, "patience": 2, "average_decay": 0.0}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    recipe = load_recipe(tmp_path / "recipe.yaml")
    prepare(recipe, corpora=tmp_path, output=tmp_path / "model" / "prepared")
    info = train(recipe, name="short", directory=tmp_path / "model", resume=False, device="cpu")

    found = validations(tmp_path / "model")
    assert {entry["bleu"] for entry in found} == {0.0}
    perplexities = [entry["perplexity"] for entry in found]
    assert [entry["best"] for entry in found] == [
        value < min([*perplexities[:number], torch.inf]) for number, value in enumerate(perplexities)
    ]
    assert len(found) > 4  # patience did not end it while it still learned
    assert info.training.updates == found[perplexities.index(min(perplexities))]["update"] > 60
    assert all(value > min(perplexities) for value in perplexities[-2:])  # but where perplexity grew, it did

    why = "BLEU is 0 because no translation has four words in a row"
    assert why in capsys.readouterr().err
    assert f"On validation text, first 40 sentences: {why}" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert info.scores[0].note.startswith(why)


def test_the_first_metric_chooses_also_where_less_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = iter([80.0, 60.0, 70.0, 60.0])
    monkeypatch.setattr("nmt.evaluation.metrics.Ter.aggregate", lambda *_: next(values))
    changes = ["training.metrics=[ter]", "training.max_updates=4", "training.validate_every=1", "training.best_by=score"]
    recipe = sample_recipe([*changes, "training.average_decay=0", "training.validation_sentences=4"])
    prepare(recipe, corpora=SAMPLE, output=tmp_path / "prepared")
    # Perplexity falls while the network still learns its first words, so the second 60 is the better.
    train(recipe, name="s", directory=tmp_path, resume=False, device="cpu")
    found = validations(tmp_path)
    assert [entry["ter"] for entry in found] == [80.0, 60.0, 70.0, 60.0]
    assert found[3]["perplexity"] < found[1]["perplexity"]
    assert [entry["best"] for entry in found] == [True, True, False, True]


def test_a_metric_that_there_is_not_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    recipe = sample_recipe(["training.metrics=[bleu, blue]"])
    prepare(recipe, corpora=SAMPLE, output=tmp_path / "prepared")
    with pytest.raises(ConfigurationError, match="metric blue: unknown; should be one of bleu, chrf, ter"):
        build_trainer(recipe, name="s", directory=tmp_path, device=torch.device("cpu"))
    tree = yaml.safe_load((SAMPLE.parent / "sample-lm-en" / "recipe.yaml").read_text(encoding="utf-8"))
    assert isinstance(read_recipe(SAMPLE.parent / "sample-lm-en" / "recipe.yaml"), LanguageModelRecipe)
    tree.setdefault("training", {})["metrics"] = ["bleu"]
    with pytest.raises(ConfigurationError, match="a language model is judged by perplexity alone"):
        parse(LanguageModelRecipe, tree, where="recipe.yaml")
