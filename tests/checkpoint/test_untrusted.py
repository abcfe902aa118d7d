"""A model directory that somebody else made: refused in one line that names file and reason, at once, without memory."""

from __future__ import annotations

import json
import math
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from support.command import nmt
from support.untrained import write_small_model
from support.untrusted import change_config, change_tensors, header_of, seal, with_header

from nmt.checkpoint.directory import SHORTLIST, add_shortlist, load_model, load_tokenizer, save_model
from nmt.checkpoint.shortlist import MOST_TRANSLATIONS
from nmt.checkpoint.weights import LARGEST
from nmt.config.network import ModelConfig
from nmt.config.yaml import MAX_NODES
from nmt.errors import ModelDirectoryError
from nmt.model.build import build_seq2seq
from nmt.model.shortlist import Shortlist
from service.models import Models
from service.settings import read_settings

CPU = torch.device("cpu")
WEIGHTS, CONFIG, TOKENIZER, MANIFEST = "model.safetensors", "config.yaml", "tokenizer.model", "manifest.json"
READOUT = "decoder.readout.weight"
BIAS = "decoder.readout.bias"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of one network: with weights as floats and as int8; both have a shortlist."""
    folder = tmp_path_factory.mktemp("models")
    loaded = load_model(write_small_model(folder / "floats", seed=1), device=CPU)
    for storage in ("floats", "int8"):
        directory = folder / storage
        if storage == "int8":
            info = loaded.info.model_copy(update={"name": "int8"})
            save_model(directory, model=loaded.model, tokenizer=loaded.tokenizer, info=info, card="", storage="int8")
        size = loaded.tokenizer.vocabulary_size
        add_shortlist(
            directory, Shortlist.build(common=np.arange(8), translations=np.arange(2 * size).reshape(-1, 2) % size)
        )
    return folder


def refusal(directory: Path) -> str:
    """The line with which a directory is refused, which took neither time nor memory."""
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(ModelDirectoryError) as refused:
        load_model(directory, device=CPU)
    assert time.process_time() - began < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 32 * 1024  # KiB
    line = str(refused.value)
    assert len(line.splitlines()) == 1
    assert len(line) < 600
    assert line.isprintable()
    return line


def set_number(name: str, value: float) -> Callable[[dict[str, Any]], None]:
    def change(tensors: dict[str, Any]) -> None:
        tensors[name].view(-1)[3] = value

    return change


def replace_tensor(name: str, make: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[dict[str, Any]], None]:
    def change(tensors: dict[str, Any]) -> None:
        tensors[name] = make(tensors[name])

    return change


@pytest.mark.parametrize(
    ("model", "change", "words"),
    [
        ("floats", set_number(READOUT, math.nan), f"{READOUT} has the number nan"),
        ("floats", set_number(BIAS, math.inf), f"{BIAS} has the number inf"),
        ("floats", set_number(READOUT, -math.inf), f"{READOUT} has the number -inf"),
        ("floats", set_number(READOUT, -3e38), f"{READOUT} has the number -3e+38"),
        ("int8", set_number(f"{READOUT}.scale", math.nan), f"{READOUT}.scale has the number nan"),
        ("int8", set_number(f"{READOUT}.scale", math.inf), f"{READOUT}.scale has the number inf"),
        ("int8", set_number(f"{READOUT}.scale", -1e20), f"{READOUT}.scale has the number -1e+20"),
        ("int8", set_number(BIAS, math.nan), f"{BIAS} has the number nan"),
        ("floats", replace_tensor(READOUT, lambda one: one.half().fill_(math.inf)), f"{READOUT} has the number inf"),
        ("floats", replace_tensor(READOUT, lambda one: one.int()), f"{READOUT} is I32 of shape [8, 16]"),
        ("floats", replace_tensor(READOUT, lambda one: one.double()), f"{READOUT} is F64"),
        ("floats", replace_tensor(READOUT, lambda one: one.to(torch.int8)), f"{READOUT}.scale is None"),
        ("floats", replace_tensor(BIAS, lambda one: one.to(torch.int8)), f"{BIAS} is I8"),
        ("floats", replace_tensor(READOUT, lambda one: one.t().contiguous()), f"{READOUT} is F32 of shape [16, 8]"),
        ("floats", replace_tensor(READOUT, lambda one: one.flatten()), f"{READOUT} is F32 of shape [128]"),
        ("int8", replace_tensor(f"{READOUT}.scale", lambda one: one[:1].clone()), f"{READOUT}.scale is F32 of shape [1]"),
        ("int8", replace_tensor(f"{READOUT}.scale", lambda one: one.half()), f"{READOUT}.scale is F16"),
        ("int8", lambda tensors: tensors.pop(f"{READOUT}.scale"), f"{READOUT}.scale is None"),
        ("floats", lambda tensors: tensors.update({f"{READOUT}.scale": torch.ones(8)}), f"it has no '{READOUT}.scale'"),
        ("floats", lambda tensors: tensors.update({"more": torch.ones(8)}), "it has no 'more'"),
        ("floats", lambda tensors: tensors.update({"\x1b[2J\n": torch.ones(8)}), r"it has no '\x1b[2J\n'"),
        ("floats", lambda tensors: tensors.pop(BIAS), f"there is no {BIAS}"),
    ],
)
def test_weights_that_are_no_weights_are_named(models: Path, tmp_path: Path, model: str, change: Any, words: str) -> None:
    directory = shutil.copytree(models / model, tmp_path / model)
    change_tensors(directory / WEIGHTS, change)
    seal(directory)
    line = refusal(directory)
    assert words in line
    assert WEIGHTS in line


def test_large_weights_are_weights(models: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "large")
    change_tensors(directory / WEIGHTS, set_number(READOUT, -LARGEST))
    seal(directory)
    assert load_model(directory, device=CPU).model.state_dict()[READOUT].min() == -LARGEST


@pytest.mark.parametrize(
    "shape",
    [
        {"encoder_layers": 32, "decoder_layers": 32, "encoder_hidden_size": 8192, "decoder_hidden_size": 8192},
        {"encoder_layers": 32, "encoder_hidden_size": 65536},
        {"embedding_size": 65536},
        {"attention": "multi-head", "attention_size": 65536, "attention_heads": 1},
        {"encoder_cell": "gru", "decoder_cell": "ssru", "encoder_hidden_size": 65536, "decoder_hidden_size": 65536},
        # As many small layers as there can be: building them all would take ten seconds.
        {
            **{f"{side}_{part}_depth": 16 for side in ("encoder", "decoder") for part in ("input", "output", "transition")},
            "encoder_layers": 32,
            "decoder_layers": 32,
            "encoder_bidirectional": "all",
        },
    ],
)
def test_a_network_larger_than_its_file_is_refused_before_it_has_memory(
    models: Path, tmp_path: Path, shape: dict[str, Any]
) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "huge")
    change_config(directory, lambda tree: tree["model"].update(shape))
    seal(directory)
    line = refusal(directory)
    assert WEIGHTS in line
    assert "numbers in 19 tensors; the network that config.yaml describes has more" in line


def test_a_network_of_more_layers_than_its_file_is_refused_before_it_is_built(models: Path, tmp_path: Path) -> None:
    """However many numbers are in the file, 3,000 layers of 8 units take longer to build than there is time."""
    directory = shutil.copytree(models / "floats", tmp_path / "many")
    parts = [f"{side}_{part}_depth" for side in ("encoder", "decoder") for part in ("input", "output", "transition")]
    layers = {"encoder_layers": 32, "decoder_layers": 32, "encoder_bidirectional": "all"}
    change_config(directory, lambda tree: tree["model"].update(dict.fromkeys(parts, 16) | layers))
    change_tensors(directory / WEIGHTS, lambda tensors: tensors.update(more=torch.zeros(10**7, dtype=torch.int8)))
    seal(directory)
    assert "in 20 tensors; the network that config.yaml describes has more" in refusal(directory)


@pytest.mark.parametrize("tied", ["none", "target-output", "all"])
@pytest.mark.parametrize("layers", [1, 4])
def test_a_network_of_any_shape_has_room_enough(tmp_path: Path, models: Path, tied: str, layers: int) -> None:
    """An output matrix that is the embedding in the end is made before it is."""
    loaded = load_model(models / "floats", device=CPU)
    shape = ModelConfig(
        embedding_size=8,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_hidden_size=8,
        decoder_hidden_size=8,
        tied_embeddings=tied,
    )
    model = build_seq2seq(shape, vocabulary_size=loaded.tokenizer.vocabulary_size)
    info = loaded.info.model_copy(update={"model": shape})
    save_model(tmp_path / "model", model=model, tokenizer=loaded.tokenizer, info=info, card="", storage="float32")
    read = load_model(tmp_path / "model", device=CPU).model.state_dict()
    assert all(torch.equal(weight, read[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tree: tree["model"].update(encoder_hidden_size=10**20), "is more than any setting takes"),
        (lambda tree: tree["model"].update(encoder_layers=10**9), "model.encoder_layers"),
        (lambda tree: tree["model"].update(encoder_hidden_size=-8), "model.encoder_hidden_size"),
        (lambda tree: tree["model"].update(dropout=math.nan), "model.dropout"),
        (
            lambda tree: tree.update(name="good\x1b[2Jname"),
            r"name: should have no control characters; it has good\x1b[2Jname",
        ),
        (lambda tree: tree.update(name="good\nname"), r"it has good\nname"),
        (lambda tree: tree.update(name="good\u2028name"), r"it has good\u2028name"),
        (lambda tree: tree.update(name="good\u202ename"), r"it has good\u202ename"),
        (lambda tree: tree.update(name="x" * 10_000), "name: should have 200 characters at the most"),
        (lambda tree: tree.update(source_language="de\x07"), "source_language: should have no control characters"),
        (lambda tree: tree.update(target_language="en\r"), "target_language: should have no control characters"),
        (lambda tree: tree.update(description="\x9b2J"), "description: should have no control characters but"),
        (lambda tree: tree.update(licence="MIT\x00"), "licence: should have no control characters but"),
    ],
)
def test_a_config_out_of_bounds_is_named(models: Path, tmp_path: Path, change: Any, words: str) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "model")
    change_config(directory, change)
    seal(directory)
    line = refusal(directory)
    assert words in line
    assert CONFIG in line


NESTED = "[" * 20_000 + "]" * 20_000
ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{one}: &{one} [{','.join(f'*{before}' for _ in range(9))}]\n"
    for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (CONFIG, f"name: {NESTED}\n", "nested more than 50 levels deep"),
        (CONFIG, "name:\n" + "".join(f"{' ' * level}-\n" for level in range(600)), "nested more than 50 levels deep"),
        (CONFIG, ALIASES, "more than 100,000 values, aliases written out"),
        (CONFIG, "a: [" + "b," * (MAX_NODES + 1) + "]\n", "more than 5,000 keys and values"),
        (CONFIG, "#" * 300_000, "more than 200,000 characters"),
        (CONFIG, "name: \xff".encode("latin-1"), "cannot be read"),
        (CONFIG, "[]", "should hold a mapping"),
        (MANIFEST, NESTED, "not a manifest"),
        (MANIFEST, '{"a":' * 20_000 + "1" + "}" * 20_000, "not a manifest"),
        (MANIFEST, '{"format_version": 1, "sha256": ' + "9" * 5_000 + "}", "not a manifest"),
        (MANIFEST, '{"format_version": 1, "sha256": {}, "more": "' + "x" * 10**6 + '"}', "not a manifest"),
        (TOKENIZER, b"", "tokenizer"),
        (TOKENIZER, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "not a SentencePiece model"),
        (WEIGHTS, with_header({"a": json.loads("[" * 900 + "]" * 900)}, b""), "cannot be read"),
        (WEIGHTS, b"\xff\xff\xff\xff\xff\xff\xff\x7f{}", "cannot be read"),
        (WEIGHTS, with_header({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}}, b""), "cannot be read"),
    ],
)
def test_a_file_that_would_exhaust_a_reader_is_refused(
    models: Path, tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "model")
    (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)
    if name != MANIFEST:
        seal(directory)
    line = refusal(directory)
    assert words in line
    assert name in line


def test_a_tokenizer_with_damaged_pieces_is_refused(models: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "model")
    data = (directory / TOKENIZER).read_bytes()
    [piece] = [piece for piece in ("\u2581ä", "ä", "ö", "ü") if piece.encode() in data][:1]
    (directory / TOKENIZER).write_bytes(data.replace(piece.encode(), piece.encode()[:-1] + b"\xff"))
    seal(directory)
    assert "tokenizer has a piece that is not UTF-8" in refusal(directory)
    (directory / TOKENIZER).write_bytes(data.replace(np.float32(-1.0).tobytes(), np.float32(np.nan).tobytes()))
    seal(directory)
    assert "tokenizer has a piece whose score is not a finite number" in refusal(directory)


SIZE = 48  # of the vocabulary


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"common": np.array([SIZE])}, "should be below the vocabulary size"),
        ({"common": np.array([-1])}, "should be below the vocabulary size"),
        ({"common": np.array([[1, 2]])}, "should be (C,)"),
        ({"common": np.array([1.5])}, "common tokens float64"),
        ({"entries": np.full(100, 255, np.uint8)}, None),  # no entry at all
        ({"entries": np.append(np.full(100, 255, np.uint8), np.uint8(9))}, "source token 531 is outside the vocabulary"),
        ({"entries": np.array([0], np.uint8)}, "is outside the vocabulary"),
        ({"entries": np.array([1.0])}, "entries are 1-dimensional float64"),
        ({"entries": np.zeros((2, 2), np.uint8)}, "entries are 2-dimensional"),
        ({"entries": np.zeros(10**6, np.uint8)}, "is outside the vocabulary"),
        ({"entries": np.append(np.uint8(1), np.zeros(MOST_TRANSLATIONS + 1, np.uint8))}, "translations; it can have 1000"),
        ({"vocabulary_size": np.array(10**9)}, "is for 1000000000 subwords"),
        ({"vocabulary_size": np.array([SIZE, SIZE])}, "not a shortlist"),
    ],
)
def test_a_shortlist_outside_its_vocabulary_is_refused(
    models: Path, tmp_path: Path, arrays: dict[str, Any], words: str | None
) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "model")
    assert load_tokenizer(directory).vocabulary_size == SIZE
    whole = {"common": np.arange(4), "entries": np.ones(9, np.uint8), "vocabulary_size": np.array(SIZE)}
    save_file(whole | arrays, directory / SHORTLIST)
    seal(directory)
    if words is None:
        assert load_model(directory, device=CPU).shortlist is not None
        return
    line = refusal(directory)
    assert words in line
    assert SHORTLIST in line


@pytest.mark.slow
def test_a_command_refuses_and_the_service_goes_on_with_the_good(models: Path, tmp_path: Path) -> None:
    for name in ("good", "nan", "controls", "bad\x1b[2J\nname"):
        shutil.copytree(models / "floats", tmp_path / name)
    change_tensors(tmp_path / "nan" / WEIGHTS, set_number(READOUT, math.nan))
    change_config(tmp_path / "controls", lambda tree: tree.update(name="\x1b]0;title\x07"))
    (tmp_path / "bad\x1b[2J\nname" / CONFIG).write_text(NESTED)
    for folder in tmp_path.iterdir():
        seal(folder)
    for folder in ("nan", "controls", "bad\x1b[2J\nname"):
        done = nmt("translate", "--model", tmp_path / folder, given=b"Hallo\n", status=2)
        [line] = done.stderr.decode().splitlines()
        assert line.isprintable()
    served = Models(read_settings({"models": tmp_path, "device": "cpu", "threads": 1}))
    served.load()
    assert len(served) == 1
    assert len(served.unusable) == 3
    assert all(reason.isprintable() for reason in served.unusable.values())


def test_a_header_that_says_more_than_there_is_costs_no_memory(models: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(models / "floats", tmp_path / "model")
    header, numbers = header_of((directory / WEIGHTS).read_bytes())
    header[READOUT]["shape"] = [2**20, 2**20]
    (directory / WEIGHTS).write_bytes(with_header(header, numbers))
    seal(directory)
    assert "cannot be read" in refusal(directory)
