"""A model directory: everything that translating needs, nothing that can run, and a manifest that proves it whole.

config.yaml        ModelInfo or LanguageModelInfo: languages, shape, where the model comes from, what it scored
model.safetensors  weights; with int8 storage each matrix is int8 with one float32 scale per row
tokenizer.model    SentencePiece
README.md          the model card
network.json       optional: the plan of the network, for runtimes that build it without PyTorch
shortlist.safetensors  optional: the target tokens that each source token calls for
manifest.json      format version and the sha256 of each file above that belongs to the model

Whoever reads one gets a model as a whole, also where training was killed while it replaced the files, or is replacing them
now; reading writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError
from safetensors import SafetensorError

from nmt.checkpoint.info import AnyInfo, LanguageModelInfo, ModelInfo
from nmt.checkpoint.shortlist import read_shortlist, shortlist_bytes
from nmt.checkpoint.weights import Floats, Storage, read_network, read_weights, weight_bytes
from nmt.config.yaml import parse, read_yaml, to_yaml
from nmt.errors import ConfigurationError, ModelDirectoryError, one_line
from nmt.files.atomic import current, replacing_all, unchanged
from nmt.files.digest import sha256
from nmt.files.json_text import parse_json
from nmt.model.blueprint import Blueprint, CannotExport
from nmt.model.shortlist import Shortlist
from nmt.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    import torch


FORMAT_VERSION = 1
FILES = ("config.yaml", "model.safetensors", "tokenizer.model", "README.md")
NETWORK = "network.json"
SHORTLIST = "shortlist.safetensors"
OPTIONAL = (NETWORK, SHORTLIST)
"""Belong to the model where the manifest has them, so that one which another model left behind is never read."""
MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 1 << 16  # characters; it names six files

N = TypeVar("N", bound="torch.nn.Module")
Info = TypeVar("Info", bound=AnyInfo)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[N, Info]):
    """A model directory in memory."""

    model: N
    tokenizer: Tokenizer
    info: Info
    shortlist: Shortlist | None = None


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A model that translates in memory, as a runtime without PyTorch takes it."""

    blueprint: Blueprint
    weights: Mapping[str, Floats]
    tokenizer: Tokenizer
    info: ModelInfo
    shortlist: Shortlist | None = None


if TYPE_CHECKING:
    from nmt.model.language_model import LanguageModel
    from nmt.model.seq2seq import Seq2Seq

    LoadedModel = Loaded[Seq2Seq, ModelInfo]
    LoadedLanguageModel = Loaded[LanguageModel, LanguageModelInfo]
else:
    LoadedModel = LoadedLanguageModel = Loaded


def save_model(
    directory: Path, *, model: torch.nn.Module, tokenizer: Tokenizer, info: AnyInfo, card: str, storage: Storage
) -> None:
    """Write a model directory without shortlist, replacing the one there only when every file is on disk.

    Raises ModelDirectoryError when a file cannot be written; what was there before is then untouched.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        plan = _plan(model)
        names = FILES if plan is None else (*FILES, NETWORK)
        with replacing_all(directory, (*names, MANIFEST)) as paths:
            paths["config.yaml"].write_text(_yaml(info), encoding="utf-8")
            paths["model.safetensors"].write_bytes(weight_bytes(model, storage))
            paths["tokenizer.model"].write_bytes(tokenizer.model_bytes)
            paths["README.md"].write_text(card, encoding="utf-8")
            if plan is not None:
                paths[NETWORK].write_text(plan.model_dump_json(indent=1) + "\n", encoding="utf-8")
            paths[MANIFEST].write_text(_manifest({name: paths[name] for name in names}), encoding="utf-8")
        for name in set(OPTIONAL) - set(names):
            (directory / name).unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise ModelDirectoryError(
            f"{directory}: cannot be written: {reason}; the model there before is untouched"
        ) from error


def _plan(model: torch.nn.Module) -> Blueprint | None:
    from nmt.model.export import blueprint

    try:
        return blueprint(model)
    except CannotExport:
        return None


def reseal(directory: Path, *, info: AnyInfo, card: str) -> None:
    """Give the model in `directory` new information and a new card; its weights, tokenizer and shortlist stay."""
    before = verify(directory)
    if read_info(directory).model != info.model:
        raise ModelDirectoryError(f"{directory}: the new information describes another network")
    try:
        with replacing_all(directory, ("config.yaml", "README.md", MANIFEST)) as paths:
            paths["config.yaml"].write_text(_yaml(info), encoding="utf-8")
            paths["README.md"].write_text(card, encoding="utf-8")
            paths[MANIFEST].write_text(_manifest({name: directory / name for name in before} | paths), encoding="utf-8")
    except OSError as error:
        raise ModelDirectoryError(
            f"{directory}: the information about the model cannot be written: {error.strerror or error}"
        ) from error


def add_shortlist(directory: Path, shortlist: Shortlist) -> None:
    """Give the model in `directory` this shortlist, in place of any that it has. Raises ModelDirectoryError."""
    before = verify(directory)
    size = load_tokenizer(directory).vocabulary_size
    if shortlist.vocabulary_size != size:
        raise ModelDirectoryError(f"{directory}: a shortlist of {shortlist.vocabulary_size} subwords; the model has {size}")
    try:
        with replacing_all(directory, (SHORTLIST, MANIFEST)) as paths:
            paths[SHORTLIST].write_bytes(shortlist_bytes(shortlist))
            paths[MANIFEST].write_text(_manifest(before | paths), encoding="utf-8")
    except OSError as error:
        raise ModelDirectoryError(f"{directory}: the shortlist cannot be written: {error.strerror or error}") from error


def read_info(directory: str | Path) -> AnyInfo:
    """The information in a model directory, without its weights. Raises ModelDirectoryError."""
    return unchanged(Path(directory), lambda: _read_info(Path(directory)))


def _read_info(directory: Path) -> AnyInfo:
    path = current(directory, "config.yaml")
    if not path.is_file():
        raise ModelDirectoryError(f"{directory} is not a model directory: config.yaml is missing")
    try:
        tree = read_yaml(path)
        kind: type[AnyInfo] = LanguageModelInfo if "kind" in tree else ModelInfo
        return parse(kind, tree, where=str(path))
    except ConfigurationError as error:
        raise ModelDirectoryError(str(error)) from error


def load_info(directory: str | Path) -> ModelInfo:
    """The information of a model that translates. Raises ModelDirectoryError, also for another kind of model."""
    info = read_info(directory)
    if not isinstance(info, ModelInfo):
        raise ModelDirectoryError(
            f"{directory} is a language model, which translates nothing; "
            "give a translation model, and this one beside it as its language model"
        )
    return info


def load_language_model_info(directory: str | Path) -> LanguageModelInfo:
    """The information of a language model. Raises ModelDirectoryError, also for another kind of model."""
    info = read_info(directory)
    if not isinstance(info, LanguageModelInfo):
        raise ModelDirectoryError(
            f"{directory} is a translation model; a language model is trained by a recipe with kind: language-model"
        )
    return info


def load_tokenizer(directory: str | Path) -> Tokenizer:
    """The tokenizer of a model that translates, whatever shortlist it has. Raises ModelDirectoryError."""
    load_info(directory)
    return unchanged(Path(directory), lambda: Tokenizer.load(verify(directory)["tokenizer.model"]))


def load_plan(directory: str | Path) -> LoadedPlan | None:
    """Verify and load a model that translates without PyTorch; None where it has no plan, or one that is not its own.

    Raises ModelDirectoryError.
    """
    return unchanged(Path(directory), lambda: _load_plan(directory))


def _load_plan(directory: str | Path) -> LoadedPlan | None:
    paths = verify(directory)
    info = load_info(directory)
    if NETWORK not in paths:
        return None
    blueprint = _read_plan(paths[NETWORK])
    tokenizer = Tokenizer.load(paths["tokenizer.model"])
    size = tokenizer.vocabulary_size
    weights = read_weights(paths["model.safetensors"])
    if weights.keys() != blueprint.names or len(weights[blueprint.output.weight]) != size:
        return None
    return LoadedPlan(blueprint, weights, tokenizer, info, _shortlist(paths, size))


def _read_plan(path: Path) -> Blueprint:
    try:
        return Blueprint.model_validate_json(path.read_bytes(), strict=True)
    except (OSError, ValidationError) as error:
        raise ModelDirectoryError(f"{path}: cannot be read: {one_line(str(error))}") from error


def _shortlist(paths: Mapping[str, Path], vocabulary_size: int) -> Shortlist | None:
    return read_shortlist(paths[SHORTLIST], vocabulary_size=vocabulary_size) if SHORTLIST in paths else None


def load(directory: str | Path, *, device: torch.device) -> Loaded[Any, AnyInfo]:
    """Verify and load a model of any kind, weights as float32, ready for inference. Raises ModelDirectoryError."""
    return unchanged(Path(directory), lambda: _load(directory, device, read_info))


def load_model(directory: str | Path, *, device: torch.device) -> LoadedModel:
    """Verify and load a model that translates; see `load`."""
    return unchanged(Path(directory), lambda: _load(directory, device, load_info))


def load_language_model(directory: str | Path, *, device: torch.device) -> LoadedLanguageModel:
    """Verify and load a language model; see `load`."""
    return unchanged(Path(directory), lambda: _load(directory, device, load_language_model_info))


def _load(directory: str | Path, device: torch.device, read: Callable[[str | Path], Info]) -> Loaded[Any, Info]:
    paths = verify(directory)
    info = read(directory)
    tokenizer = Tokenizer.load(paths["tokenizer.model"])
    size = tokenizer.vocabulary_size
    network = read_network(lambda: info.build(vocabulary_size=size), paths["model.safetensors"])
    return Loaded(network.to(device).eval().requires_grad_(False), tokenizer, info, _shortlist(paths, size))


def verify(directory: str | Path) -> dict[str, Path]:
    """The files of a model, by name.

    Raises ModelDirectoryError naming the first file that is missing or is not the one in the manifest.
    """
    return unchanged(Path(directory), lambda: _verify(Path(directory)))


def _verify(directory: Path) -> dict[str, Path]:
    sums = _read_manifest(directory)
    names = (*FILES, *(name for name in OPTIONAL if name in sums))
    paths = {name: current(directory, name) for name in (*names, MANIFEST)}
    for name in names:
        if not paths[name].is_file():
            raise ModelDirectoryError(f"{paths[name]} is missing")
        if sha256(paths[name]) != sums.get(name):
            raise ModelDirectoryError(f"{paths[name]} is damaged: its sha256 is not the one in manifest.json")
    return paths


def _read_manifest(directory: Path) -> dict[str, str]:
    """File name to sha256."""
    path = current(directory, MANIFEST)
    if not directory.is_dir():
        raise ModelDirectoryError(f"{directory}: no such model directory")
    if not path.is_file():
        raise ModelDirectoryError(f"{directory} is not a model directory: manifest.json is missing")
    try:
        with path.open(encoding="utf-8") as file:
            manifest = parse_json(file.read(_LONGEST_MANIFEST))
        version, files = manifest["format_version"], dict(manifest["sha256"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelDirectoryError(f"{path}: damaged: not a manifest") from error
    if version != FORMAT_VERSION:
        raise ModelDirectoryError(f"{path}: format version {version!r}; this program reads version {FORMAT_VERSION}")
    return files


def _yaml(info: AnyInfo) -> str:
    return to_yaml(info.model_dump(mode="json"))


def _manifest(paths: dict[str, Path]) -> str:
    """Manifest of the files at `paths`; one that is a manifest itself is left out."""
    sums = {name: sha256(path) for name, path in paths.items() if name != MANIFEST}
    return json.dumps({"format_version": FORMAT_VERSION, "sha256": sums}, indent=2) + "\n"
