"""A model directory: whole or refused by name, small where asked, and never half written."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.numpy import save
from support.killed import MORTAL

from nmt.checkpoint.directory import (
    FILES,
    SHORTLIST,
    LoadedModel,
    add_shortlist,
    load_info,
    load_model,
    read_info,
    reseal,
    save_model,
    verify,
)
from nmt.checkpoint.info import ModelInfo, ReportedScore, Training
from nmt.checkpoint.together import is_model
from nmt.config.network import ModelConfig
from nmt.errors import ModelDirectoryError
from nmt.files.atomic import current, settle
from nmt.model.build import build_seq2seq
from nmt.model.seq2seq import Seq2Seq
from nmt.model.shortlist import Shortlist
from nmt.text.tokenizer import Tokenizer, train_tokenizer

CPU = torch.device("cpu")
CONFIG = ModelConfig(embedding_size=16, encoder_hidden_size=24, decoder_hidden_size=24)
INFO = ModelInfo(
    name="tiny",
    source_language="de",
    target_language="en",
    description="a network without training",
    licence="Apache-2.0",
    model=CONFIG,
    training=Training(command="-", updates=0, minutes=0.0, machine="-", corpora={"text": "0"}, sentence_pairs=0),
    scores=(ReportedScore(test_set="none", metric="BLEU", value=0.0, signature="-", beam_size=5),),
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    words = ["eins zwei drei", "vier fünf sechs", "sieben acht neun", "zehn elf zwölf"]
    return train_tokenizer(words, vocabulary_size=40, kind="bpe", character_coverage=1.0)


@pytest.fixture
def model(tokenizer: Tokenizer) -> Seq2Seq:
    torch.manual_seed(1)
    return build_seq2seq(CONFIG, vocabulary_size=tokenizer.vocabulary_size).eval()


@pytest.fixture
def directory(tmp_path: Path, model: Seq2Seq, tokenizer: Tokenizer) -> Path:
    save_model(tmp_path / "tiny", model=model, tokenizer=tokenizer, info=INFO, card="# tiny\n", storage="float32")
    return tmp_path / "tiny"


def test_what_is_saved_is_loaded(directory: Path, model: Seq2Seq, tokenizer: Tokenizer) -> None:
    loaded = load_model(directory, device=CPU)
    assert loaded.info == INFO
    assert loaded.tokenizer.model_bytes == tokenizer.model_bytes
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], weight)
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o044 == 0o044 for path in directory.iterdir())


def test_a_row_of_zeros_stays_zeros_in_int8(tmp_path: Path, model: Seq2Seq, tokenizer: Tokenizer) -> None:
    """As the row of a token that never came in training may be: its scale must not be a division by nothing."""
    with torch.no_grad():
        model.output.weight[7].zero_()
    save_model(tmp_path / "zeros", model=model, tokenizer=tokenizer, info=INFO, card="", storage="int8")
    loaded = load_model(tmp_path / "zeros", device=CPU).model
    assert torch.equal(loaded.output.weight[7], torch.zeros(CONFIG.embedding_size))


def test_half_precision_and_int8_are_small_and_near(
    tmp_path: Path, model: Seq2Seq, tokenizer: Tokenizer, directory: Path
) -> None:
    full = (directory / "model.safetensors").stat().st_size
    for storage, share, bound in (("float16", 0.55, 2**-11), ("int8", 0.40, 0.5 / 127)):
        folder = tmp_path / storage
        save_model(folder, model=model, tokenizer=tokenizer, info=INFO, card="", storage=storage)  # type: ignore[arg-type]
        assert (folder / "model.safetensors").stat().st_size < share * full
        loaded = dict(load_model(folder, device=CPU).model.named_parameters())
        for name, weight in model.named_parameters():
            largest = weight.abs().amax(dim=-1, keepdim=True)  # of a row, by which int8 is scaled
            assert ((loaded[name] - weight).abs() <= bound * 1.01 * largest).all(), name


def test_a_fast_decoder_is_stored_small_and_loaded(tmp_path: Path, tokenizer: Tokenizer) -> None:
    shape = CONFIG.model_copy(update={"decoder_cell": "ssru", "decoder_layers": 1, "decoder_feed_forward_layers": 2})
    info = INFO.model_copy(update={"model": shape})
    saved = build_seq2seq(shape, vocabulary_size=tokenizer.vocabulary_size)
    save_model(tmp_path / "fast", model=saved, tokenizer=tokenizer, info=info, card="", storage="int8")
    loaded = load_model(tmp_path / "fast", device=CPU)
    assert loaded.info.model == shape
    for name, weight in loaded.model.named_parameters():
        torch.testing.assert_close(weight, dict(saved.named_parameters())[name], atol=0.01, rtol=0.0)


@pytest.mark.parametrize("end", ["stop", "length"])
def test_a_network_that_ends_in_another_way_is_saved_and_loaded(tmp_path: Path, tokenizer: Tokenizer, end: str) -> None:
    shape = CONFIG.model_copy(update={"end": end})
    saved = build_seq2seq(shape, vocabulary_size=tokenizer.vocabulary_size).eval()
    info = INFO.model_copy(update={"model": shape})
    save_model(tmp_path / end, model=saved, tokenizer=tokenizer, info=info, card="", storage="float32")
    loaded = load_model(tmp_path / end, device=CPU)
    assert loaded.info.model == shape
    batch = torch.tensor([[5, 6, 7]]), torch.tensor([3]), torch.tensor([[2, 8, 9]])
    assert type(loaded.model) is type(saved)
    assert torch.equal(loaded.model(*batch)[0], saved(*batch)[0])


def test_a_model_from_before_a_setting_was_there_is_loaded(directory: Path) -> None:
    path = directory / "config.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["model"] = {
        key: settings["model"][key] for key in ("embedding_size", "encoder_hidden_size", "decoder_hidden_size")
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert load_info(directory).model == CONFIG


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(ModelDirectoryError, match=rf"{name}.* is missing"):
        load_model(directory, device=CPU)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(directory: Path, name: str) -> None:
    with (directory / name).open("r+b") as file:
        file.write(b"x")
    with pytest.raises(ModelDirectoryError, match=rf"{name} is damaged"):
        load_model(directory, device=CPU)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 1, "sha256": 3}', "\x00"])
def test_a_damaged_manifest_is_named(directory: Path, content: str) -> None:
    (directory / "manifest.json").write_text(content)
    with pytest.raises(ModelDirectoryError, match=r"manifest\.json"):
        verify(directory)


def test_a_format_of_the_future_is_refused(directory: Path) -> None:
    manifest = json.loads((directory / "manifest.json").read_text())
    (directory / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}))
    with pytest.raises(ModelDirectoryError, match="format version 99; this program reads version 1"):
        verify(directory)


def test_weights_of_another_network_are_refused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    other = build_seq2seq(CONFIG.model_copy(update={"decoder_layers": 3}), vocabulary_size=tokenizer.vocabulary_size)
    save_model(tmp_path / "other", model=other, tokenizer=tokenizer, info=INFO, card="", storage="float32")
    with pytest.raises(ModelDirectoryError, match="do not fit the network"):
        load_model(tmp_path / "other", device=CPU)


def test_a_directory_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelDirectoryError, match="no such model directory"):
        load_model(tmp_path / "nowhere", device=CPU)
    with pytest.raises(ModelDirectoryError, match="not a model directory"):
        load_info(tmp_path)


def test_resealing_changes_the_card_and_not_the_weights(directory: Path) -> None:
    before = (directory / "model.safetensors").read_bytes()
    reseal(directory, info=INFO.model_copy(update={"description": "new"}), card="# new\n")
    assert load_model(directory, device=CPU).info.description == "new"
    assert (directory / "README.md").read_text() == "# new\n"
    assert (directory / "model.safetensors").read_bytes() == before
    with pytest.raises(ModelDirectoryError, match="another network"):
        reseal(directory, info=INFO.model_copy(update={"model": ModelConfig()}), card="")


def test_a_folder_that_cannot_be_written(directory: Path, model: Seq2Seq, tokenizer: Tokenizer) -> None:
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    shutil.copytree(directory, directory.with_name("copy"))
    (directory / "sub").write_text("a file where a folder should be")
    with pytest.raises(ModelDirectoryError, match="cannot be written"):
        save_model(directory / "sub", model=model, tokenizer=tokenizer, info=INFO, card="", storage="float32")
    (directory / "sub").unlink()
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def a_shortlist(vocabulary: int, *, common: int = 5) -> Shortlist:
    return Shortlist.build(common=np.array([common]), translations=np.arange(vocabulary)[:, None])


def test_a_shortlist_is_part_of_the_model_until_another_is_saved(
    directory: Path, model: Seq2Seq, tokenizer: Tokenizer
) -> None:
    assert load_model(directory, device=CPU).shortlist is None
    for word in (6, 7):  # the second time in place of the first
        add_shortlist(
            directory, Shortlist.build(common=np.array([word]), translations=np.zeros((model.vocabulary_size, 1), int))
        )
        reseal(directory, info=INFO, card="# again\n")
        loaded = load_model(directory, device=CPU).shortlist
        assert loaded is not None
        assert loaded.common.tolist() == [0, 1, 2, 3, word]
    left = (directory / SHORTLIST).read_bytes()
    save_model(directory, model=model, tokenizer=tokenizer, info=INFO, card="", storage="float32")
    assert not (directory / SHORTLIST).exists()
    (directory / SHORTLIST).write_bytes(left)  # as a kill would leave it
    assert load_model(directory, device=CPU).shortlist is None


def test_a_shortlist_of_another_form_is_named_and_replaced(directory: Path, model: Seq2Seq) -> None:
    add_shortlist(directory, a_shortlist(model.vocabulary_size))
    before = hashlib.sha256((directory / SHORTLIST).read_bytes()).hexdigest()
    content = save({"translations": np.zeros((model.vocabulary_size, 1), np.uint16)})
    (directory / SHORTLIST).write_bytes(content)
    manifest = directory / "manifest.json"
    manifest.write_text(manifest.read_text().replace(before, hashlib.sha256(content).hexdigest()))
    with pytest.raises(ModelDirectoryError, match=rf"{SHORTLIST}: cannot be read: .*; `nmt shortlist` makes a new one"):
        load_model(directory, device=CPU)
    add_shortlist(directory, a_shortlist(model.vocabulary_size))
    assert load_model(directory, device=CPU).shortlist is not None


def test_a_shortlist_that_is_damaged_missing_or_of_another_vocabulary_is_named(directory: Path, model: Seq2Seq) -> None:
    with pytest.raises(ModelDirectoryError, match="a shortlist of 39 subwords; the model has 40"):
        add_shortlist(directory, a_shortlist(39))
    assert load_model(directory, device=CPU).shortlist is None
    add_shortlist(directory, a_shortlist(model.vocabulary_size))
    with (directory / SHORTLIST).open("r+b") as file:
        file.write(b"x")
    with pytest.raises(ModelDirectoryError, match=rf"{SHORTLIST} is damaged"):
        load_model(directory, device=CPU)
    (directory / SHORTLIST).unlink()
    with pytest.raises(ModelDirectoryError, match=rf"{SHORTLIST} is missing"):
        load_model(directory, device=CPU)


# --- read while it is replaced, or was left half replaced ----------------------------------------------------------------

SAVES = (
    MORTAL
    + """
import shutil
from pathlib import Path
import torch
from nmt.checkpoint.directory import load_model, save_model

old, new, folders = map(Path, sys.argv[1:])
loaded = load_model(new, device=torch.device("cpu"))
parts = {"model": loaded.model, "tokenizer": loaded.tokenizer, "info": loaded.info}
for calls in range(200):
    shutil.copytree(old, folders / f"{calls:03}")
    child = os.fork()
    if child == 0:
        left = calls
        save_model(folders / f"{calls:03}", **parts, card="# new", storage="float32")
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""
)


@pytest.fixture
def another(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    """A model of another size, which nothing of `directory` fits."""
    shape = CONFIG.model_copy(update={"encoder_hidden_size": 32, "decoder_hidden_size": 32})
    torch.manual_seed(2)
    network = build_seq2seq(shape, vocabulary_size=tokenizer.vocabulary_size)
    info = INFO.model_copy(update={"model": shape, "name": "another"})
    save_model(tmp_path / "another", model=network, tokenizer=tokenizer, info=info, card="# new\n", storage="float32")
    return tmp_path / "another"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same_as(loaded: LoadedModel, directory: Path) -> bool:
    expected = load_model(directory, device=CPU)
    return loaded.info == expected.info and all(
        torch.equal(one, other) for one, other in zip(loaded.model.parameters(), expected.model.parameters(), strict=True)
    )


@pytest.mark.slow
def test_wherever_a_kill_falls_one_of_the_two_models_is_read(directory: Path, another: Path, tmp_path: Path) -> None:
    """Dead before its first, second, ... call that touches a file; whoever reads then changes nothing."""
    folders = tmp_path / "killed"
    folders.mkdir()
    command = [sys.executable, "-c", SAVES, *map(str, (directory, another, folders))]
    subprocess.run(command, check=True, timeout=120)
    found, in_between = [], 0
    for folder in sorted(folders.iterdir()):
        before = contents(folder)
        loaded = load_model(folder, device=CPU)
        assert read_info(folder) == loaded.info
        assert is_model(folder)
        assert same_as(loaded, another if loaded.info.name == "another" else directory)
        assert contents(folder) == before
        found.append(loaded.info.name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("nmt.files.atomic._COMPLETE", "nowhere")
            try:
                load_model(folder, device=CPU)
            except ModelDirectoryError:
                in_between += 1
    assert found == sorted(found, reverse=True)  # "tiny" until the moment from which on it is "another"
    assert in_between >= 3


@pytest.mark.parametrize("killed", [False, True], ids=["replaced meanwhile", "completed meanwhile"])
def test_a_model_that_changes_while_it_is_read_is_read_as_one(killed: bool, directory: Path, another: Path) -> None:
    """After each look for a file another process saves a model, or completes what was left half done."""
    new = load_model(another, device=CPU)
    for call in range(100):
        folder = directory.with_name(f"changing-{call}")
        shutil.copytree(directory, folder)
        if killed:
            shutil.copytree(another, folder / ".complete.new")
        looked = 0

        def look(folder: Path, name: str, call: int = call) -> Path:
            nonlocal looked
            path = current(folder, name)
            if looked == call and killed:
                settle(folder)
            elif looked == call:
                save_model(
                    folder, model=new.model, tokenizer=new.tokenizer, info=new.info, card="# new\n", storage="float32"
                )
            looked += 1
            return path

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("nmt.checkpoint.directory.current", look)
            loaded = load_model(folder, device=CPU)
        assert same_as(loaded, another if killed or looked > call else directory)
        if looked <= call:
            break
    assert 6 < call < 99


def test_a_damaged_file_is_damaged_beside_what_was_left(directory: Path, another: Path) -> None:
    shutil.copytree(another, directory / ".complete.new")
    (directory / ".complete.new" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelDirectoryError, match=r"model\.safetensors is damaged"):
        load_model(directory, device=CPU)
