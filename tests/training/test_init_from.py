"""Training that begins with the weights of a finished model: with another learning rate, or on other text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from support.command import error_of, nmt
from support.sample import RECIPE, prepared, sample_recipe
from support.training import stop

from nmt.checkpoint.directory import load_info
from nmt.config.recipe import Recipe, load_recipe
from nmt.corpus.prepare import prepare
from nmt.errors import ConfigurationError, ModelDirectoryError, TrainingError
from nmt.training.build import build_trainer
from nmt.training.run import train

CPU = torch.device("cpu")
LEARNED = ["training.max_updates=200", "training.validate_every=100", "training.precision=float32"]
SHORT = ["training.max_updates=6", "training.validate_every=2", "training.checkpoint_every=2", "training.precision=float32"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = prepared(tmp_path_factory.mktemp("finished"))
    train(sample_recipe(LEARNED), name="finished", directory=directory, resume=False, device="cpu")
    return directory


def other_text(folder: Path, model: Path, **preparation: object) -> Recipe:
    """The first half of the sample's text, in the vocabulary of `model`, prepared."""
    folder.mkdir()
    lines = (RECIPE.parent / "train.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "train.tsv").write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    (folder / "valid.tsv").write_bytes((RECIPE.parent / "valid.tsv").read_bytes())
    tree = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    for key in ("vocabulary_size", "tokenizer"):
        del tree["preparation"][key]
    tree["preparation"] |= {"vocabulary_of": str(model), **preparation}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    recipe = load_recipe(folder / "recipe.yaml", SHORT)
    prepare(recipe, corpora=folder, output=folder / "model" / "prepared")
    return recipe


def test_the_first_update_begins_with_the_weights_of_the_model(model: Path, tmp_path: Path) -> None:
    changes = [*SHORT, "training.learning_rate=1e-3", "model.dropout=0.4", "training.batch_tokens=300"]
    recipe, directory = sample_recipe(changes), prepared(tmp_path)
    trainer = build_trainer(recipe, name="s", directory=directory, device=CPU, init_from=model)
    stored = load_file(model / "model.safetensors")
    for network in (trainer.network, trainer.average.network):
        for name, weight in network.named_parameters():
            assert torch.equal(weight, stored[name])
    drawn = build_trainer(recipe, name="s", directory=directory, device=CPU)
    assert not all(torch.equal(weight, stored[name]) for name, weight in drawn.network.named_parameters())

    info = train(recipe, name="s", directory=directory, resume=False, device="cpu", init_from=model)
    log = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    first = next(entry for entry in log if entry["kind"] == "validation")
    assert first["perplexity"] < 1.5 * min(
        entry["perplexity"]
        for entry in map(json.loads, (model / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines())
        if entry["kind"] == "validation"
    )
    assert info.training.command == f"nmt train data/s/recipe.yaml --init-from {model}"
    assert f"`{info.training.command}`" in (directory / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("after", [0, 3])
def test_a_killed_run_goes_on_without_being_told_where_it_began(after: int, model: Path, tmp_path: Path) -> None:
    """Also where it was killed before it had saved anything that it learned."""
    recipe = sample_recipe(SHORT)
    peaceful, killed = (prepared(tmp_path / name) for name in ("peaceful", "killed"))
    expected = train(recipe, name="s", directory=peaceful, resume=False, device="cpu", init_from=model)
    stop(recipe, killed, after=after, resume=False, init_from=model)
    info = train(recipe, name="s", directory=killed, resume=True, device="cpu")
    assert info.training.command == expected.training.command
    assert (killed / "model.safetensors").read_bytes() == (peaceful / "model.safetensors").read_bytes()


def test_it_goes_on_with_other_text_in_the_same_vocabulary(model: Path, tmp_path: Path) -> None:
    recipe = other_text(tmp_path / "other", model)
    directory = tmp_path / "other" / "model"
    assert (directory / "prepared" / "tokenizer.model").read_bytes() == (model / "tokenizer.model").read_bytes()
    info = train(recipe, name="other", directory=directory, resume=False, device="cpu", init_from=model)
    assert info.training.sentence_pairs < load_info(model).training.sentence_pairs
    assert info.scores[0].value > 10.0


def test_the_size_of_the_text_decides_all_but_the_vocabulary(model: Path, tmp_path: Path) -> None:
    tree = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    tree = {key: value for key, value in tree.items() if key not in ("model", "training")} | {"recipe": "auto"}
    for key in ("vocabulary_size", "tokenizer"):
        del tree["preparation"][key]
    tree["preparation"]["vocabulary_of"] = str(model)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    recipe = load_recipe(tmp_path / "recipe.yaml", ["training.max_updates=1", "training.validation_sentences=1"])
    report = prepare(recipe, corpora=RECIPE.parent, output=tmp_path / "model" / "prepared")
    assert report.picked
    assert not any("vocabulary_size" in line for line in report.picked)
    assert report.vocabulary_size == 500
    info = train(recipe, name="auto", directory=tmp_path / "model", resume=False, device="cpu")
    assert (tmp_path / "model" / "tokenizer.model").read_bytes() == (model / "tokenizer.model").read_bytes()
    assert isinstance(info.training.picked, tuple)


# --- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.decoder_hidden_size=32", r"its model\.decoder_hidden_size is 64 and the recipe's is 32"),
        ("model.residual=false", r"its model\.residual is True and the recipe's is False"),
        ("model.tied_embeddings=none", r"its model\.tied_embeddings is 'all' and the recipe's is 'none'"),
    ],
)
def test_another_shape_is_named(change: str, message: str, model: Path, tmp_path: Path) -> None:
    recipe, directory = sample_recipe([*SHORT, change]), prepared(tmp_path)
    with pytest.raises(TrainingError, match=f"cannot begin with its weights: {message}; both should be the same"):
        train(recipe, name="s", directory=directory, resume=False, device="cpu", init_from=model)
    assert sorted(path.name for path in directory.iterdir()) == ["prepared"]


def test_another_vocabulary_is_refused_with_the_way_to_the_right_one(model: Path, tmp_path: Path) -> None:
    recipe = sample_recipe([*SHORT, "preparation.vocabulary_size=400"])
    prepare(recipe, corpora=RECIPE.parent, output=tmp_path / "prepared")
    with pytest.raises(TrainingError, match=r"its vocabulary is another .* say preparation\.vocabulary_of: .*finished"):
        train(recipe, name="s", directory=tmp_path, resume=False, device="cpu", init_from=model)
    with pytest.raises(ConfigurationError, match="vocabulary_size is for a vocabulary that is learned"):
        sample_recipe([f"preparation.vocabulary_of={model}"])


def test_what_is_no_model_or_begins_twice_is_one_line(model: Path, tmp_path: Path) -> None:
    directory = prepared(tmp_path)
    with pytest.raises(ModelDirectoryError, match="nowhere"):
        train(sample_recipe(), name="s", directory=directory, resume=False, device="cpu", init_from=Path("nowhere"))
    command = ["train", RECIPE, "--output", directory, "--init-from", model, "--device", "cpu"]
    assert error_of(*command, "--resume").startswith("--init-from begins a run and --resume goes on with one")


# --- divergence --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_training_that_diverges_stops_and_leaves_the_model_before(tmp_path: Path) -> None:
    """In one line with exit code 2; neither weights nor state of the lost run are kept."""
    directory = prepared(tmp_path)

    def run(*changes: str, status: int, resume: bool = False) -> str:
        command = ["train", RECIPE, "--output", directory, "--device", "cpu", *(["--resume"] if resume else [])]
        command += [word for change in changes for word in ("--set", f"training.{change}")]
        return nmt(*command, status=status).stderr.decode()

    lost = ("learning_rate=1e6", "warmup_updates=0", "max_updates=60", "validate_every=20")
    *before, last = run(*lost, status=2).splitlines()
    assert re.fullmatch(
        r"nmt: error: update 20: training has diverged: perplexity 5\.2e\+21 on its own text, where chance has 500; "
        r"model and state saved before are untouched: lower training\.learning_rate or .*",
        last,
    )
    assert not any("best so far" in line for line in before)
    assert not (directory / "model.safetensors").exists()
    assert not (directory / "training" / "state.pt").exists()

    # The same after a good beginning: a plateau's factor or a schedule can't do that, so the weights are lost by hand.
    run("max_updates=20", "validate_every=20", status=0)
    files = [directory / "model.safetensors", directory / "training" / "state.pt"]
    good = files[0].read_bytes()
    state = torch.load(files[1], weights_only=True)
    for name in state["model"]:
        state["model"][name] = 1e4 * torch.sign(state["model"][name])
    torch.save(state, files[1])
    bad = files[1].read_bytes()
    message = run("max_updates=40", "validate_every=20", status=2, resume=True).splitlines()[-1]
    assert "update 40: training has diverged: perplexity " in message
    assert [path.read_bytes() for path in files] == [good, bad]
