"""A model by its plan, without PyTorch, against the same model by its modules."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from support.int8_networks import SHAPES, model, shortlist
from support.stepwise import int8
from support.untrained import write_small_model
from support.untrusted import change_tensors, seal

from nmt.checkpoint.directory import NETWORK, load_model, load_plan, save_model
from nmt.checkpoint.weights import Storage
from nmt.config.search import SearchOptions
from nmt.errors import ModelDirectoryError
from nmt.model.blueprint import Blueprint, CannotExport
from nmt.model.export import blueprint
from nmt.model.statistics import plan_statistics, statistics
from nmt.runtime import kernels
from nmt.search import search
from nmt.translate.translator import Translator

pytestmark = pytest.mark.skipif(not kernels.AVAILABLE, reason="the compiled kernel is not installed: there is no C compiler")

if kernels.AVAILABLE:
    from nmt.runtime.int8 import Int8Network

CPU = torch.device("cpu")
SOURCES = [[9, 5, 130, 7], [4], [11, 12, 13, 14, 15, 16, 17]]
OPTIONS = SearchOptions(beam_size=3, n_best=3)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("plan") / "model", seed=1, units=32)


def numbers(network: Any) -> list[Any]:
    return [
        [(one.tokens, one.score, one.attention.tolist()) for one in candidates]
        for candidates in search(network, SOURCES, OPTIONS)
    ]


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_that_was_written_and_read_makes_the_same_network(shape: dict[str, Any], listed: bool) -> None:
    network = model(**shape)
    plan = Blueprint.model_validate_json(blueprint(network).model_dump_json(), strict=True)
    assert plan == blueprint(network)
    assert plan.names == {name for name, _ in network.named_parameters()}
    weights = {name: parameter.detach().numpy().copy() for name, parameter in network.named_parameters()}
    planned = Int8Network.of(plan, weights)
    if listed:
        planned = planned.restricted(shortlist(), plan, weights)
    assert numbers(planned) == numbers(int8(network, shortlist() if listed else None))


@pytest.mark.parametrize("tied", ["all", "target-output", "none"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_has_the_figures_and_words_of_its_modules(shape: dict[str, Any], tied: str) -> None:
    network = model(**shape, tied_embeddings=tied)
    weights = {name: parameter.detach().numpy() for name, parameter in network.named_parameters()}
    assert plan_statistics(blueprint(network), weights) == statistics(network)


@pytest.mark.parametrize("storage", get_args(Storage))
def test_weights_are_read_as_pytorch_reads_them(directory: Path, tmp_path: Path, storage: Storage) -> None:
    loaded = load_model(directory, device=CPU)
    save_model(tmp_path, model=loaded.model, tokenizer=loaded.tokenizer, info=loaded.info, card="", storage=storage)
    planned = load_plan(tmp_path)
    assert planned is not None
    for name, parameter in load_model(tmp_path, device=CPU).model.named_parameters():
        assert np.array_equal(planned.weights[name], parameter.numpy())


@pytest.mark.slow
def test_a_translation_without_pytorch_is_the_one_with_it(directory: Path, tmp_path: Path) -> None:
    """Without its plan, the same directory is loaded by its modules."""
    without = shutil.copytree(directory, tmp_path / "without")
    (without / NETWORK).unlink()
    seal(without)
    assert load_plan(without) is None
    asked = [
        {"n_best": 3},
        {"min_length": 4, "no_repeat_ngram": 2, "max_repeats": 1, "coverage_penalty": 0.2},
        {"forbidden": ["dog"], "beam_size": 1},
        {"required": ["dog"], "forbidden": ["cat"]},
        {"prefixes": ["The"]},
    ]
    code = f"""
import sys
from nmt.translate.translator import Translator
translator = Translator.load({str(directory)!r})
found = [translator.translate("Der Hund schläft. Eine Katze!", **options).to_json() for options in {asked}]
print([translator.runtime, found])
assert translator.score([("Der Hund", "The dog")])[0] < 0
assert translator.force([("Der Hund", "The dog")])[0].boosted
assert "torch" not in sys.modules
translator.translate("Der Hund.", sampling=True)  # which loads it
assert "torch" in sys.modules
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True).stdout
    translator = Translator.load(without, device="cpu")
    expected = [translator.translate("Der Hund schläft. Eine Katze!", **options).to_json() for options in asked]
    assert found == f"{['int8', expected]}\n"


def test_the_command_translates_without_pytorch(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Der Hund schläft.\n", encoding="utf-8")
    arguments = ["nmt", "translate", "-m", str(directory), str(tmp_path / "text"), "-o", str(tmp_path / "out")]
    code = f"""
import sys
sys.argv = {arguments!r}
from nmt.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code
assert "torch" not in sys.modules and "rich" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert (tmp_path / "out").read_text(encoding="utf-8").count("\n") == 1


def test_a_network_that_int8_cannot_run_has_no_plan(directory: Path, tmp_path: Path) -> None:
    loaded = load_model(directory, device=CPU)
    shutil.copytree(directory, tmp_path / "model")
    network = model(encoder_cell="gru")
    with pytest.raises(CannotExport, match="no code for the encoder cell"):
        blueprint(network)
    save_model(tmp_path / "model", model=network, tokenizer=loaded.tokenizer, info=loaded.info, card="", storage="float32")
    assert not (tmp_path / "model" / NETWORK).exists()


def changed(plan: Blueprint, change: Callable[[dict[str, Any]], object]) -> Blueprint:
    tree = json.loads(plan.model_dump_json())
    change(tree)
    return Blueprint.model_validate_json(json.dumps(tree), strict=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda plan: plan["encoder"].update(embedding="output.bias"), "output.bias of shape [131] does not fit"),
        (lambda plan: plan["encoder"].update(layers=[]), "its encoder has no layer"),
        (lambda plan: plan["encoder"]["layers"].append([]), "its encoder's layers have different sizes"),
        (lambda plan: plan["encoder"]["layers"][0].append(plan["encoder"]["layers"][0][0]), "different sizes"),
        (lambda plan: plan["encoder"]["layers"].reverse(), "of shape [384, 96] does not fit"),
        (lambda plan: plan["decoder"].update(layers=[]), "not recurrent ones and then feed-forward ones"),
        (lambda plan: plan["decoder"]["layers"].reverse(), "does not fit the others"),
        (lambda plan: plan["decoder"].update(feeding=True), "does not fit the others"),
        (lambda plan: plan["decoder"].update(readout=plan["output"]), "does not fit the others"),
        (lambda plan: plan["decoder"]["layers"].pop(), "decoder.initial.weight of shape [192, 96] does not fit"),
        (lambda plan: plan["attention"].update(keys=None, heads=5), "compares vectors of different sizes"),
        (lambda plan: plan["attention"].update(heads=-1), "compares vectors of different sizes"),
        (lambda plan: plan["attention"].update(vector="output.bias"), "output.bias of shape [131] does not fit"),
        (lambda plan: plan["output"].update(weight="none"), "there is no weight none"),
    ],
)
def test_a_plan_whose_weights_do_not_fit_is_refused(change: Any, reason: str) -> None:
    """The kernel trusts sizes."""
    network = model()
    weights = {name: parameter.detach().numpy() for name, parameter in network.named_parameters()}
    plan = changed(blueprint(network), change)
    with pytest.raises(CannotExport) as refused:
        Int8Network.of(plan, weights)
    assert reason in str(refused.value)


def test_a_plan_of_another_model_gives_way_to_the_modules(directory: Path, tmp_path: Path) -> None:
    other = shutil.copytree(directory, tmp_path / "other")
    plan = changed(
        Blueprint.model_validate_json((other / NETWORK).read_bytes()),
        lambda tree: tree["decoder"].update(initial=None),
    )
    (other / NETWORK).write_text(plan.model_dump_json(), encoding="utf-8")
    seal(other)
    assert load_plan(other) is None
    text = "Der Hund schläft."
    found = Translator.load(other, device="cpu").translate(text).to_json()
    assert found == Translator.load(directory, device="cpu").translate(text).to_json()


def test_a_plan_that_is_no_plan_is_named_in_one_line(directory: Path, tmp_path: Path) -> None:
    other = shutil.copytree(directory, tmp_path / "other")
    (other / NETWORK).write_text('{"encoder": 5}', encoding="utf-8")
    seal(other)
    with pytest.raises(ModelDirectoryError, match=r"network\.json: cannot be read: ") as refused:
        load_plan(other)
    assert len(str(refused.value).splitlines()) == 1


def test_damaged_weights_are_named_without_pytorch_too(directory: Path, tmp_path: Path) -> None:
    other = shutil.copytree(directory, tmp_path / "other")
    change_tensors(other / "model.safetensors", lambda tensors: tensors["output.bias"].fill_(torch.nan))
    seal(other)
    with pytest.raises(ModelDirectoryError, match=r"output\.bias has the number nan"):
        load_plan(other)
