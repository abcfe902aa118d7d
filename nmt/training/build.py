"""A trainer made of its parts: the only place that knows how a recipe, a folder and a device become a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from nmt.config.recipe import AnyRecipe, LanguageModelRecipe
from nmt.corpus.batching import TrainingText, fingerprint
from nmt.corpus.prepared import Prepared, as_prepared
from nmt.corpus.running import RunningText
from nmt.corpus.variation import Variation
from nmt.errors import CorpusError
from nmt.model.statistics import statistics
from nmt.runtime.limits import machine_name, product_speed
from nmt.text.tokenizer import Tokenizer
from nmt.training.average import MovingAverage
from nmt.training.best import BestWeights
from nmt.training.folder import RunFolder
from nmt.training.initial import take_weights
from nmt.training.objective import Objective
from nmt.training.parallel import ALONE, Group
from nmt.training.precision import Precision, choose_precision
from nmt.training.state import RunProgress
from nmt.training.task import HeldOut, Task, task_of
from nmt.training.trainer import Trainer
from nmt.training.update import Update
from nmt.training.validation import Validator
from nmt.training.writer import ModelWriter

VALIDATION_LANES = 16
"""Places of running text at which a validation begins at once, which is several times faster on a CPU than reading from its
beginning to its end; the first tokens of each have no context. Test sets are read from their beginning."""
_MEASURED_SECONDS = 0.1  # of the machine's product, before each training: a share of it is a figure of the report, no more


def build_trainer(
    recipe: AnyRecipe,
    *,
    name: str,
    directory: Path,
    device: torch.device,
    group: Group = ALONE,
    init_from: Path | None = None,
    command: str = "",
) -> Trainer:
    """A trainer of what `recipe` describes, before its first update; the weights are random, or those of `init_from`.

    `command` is what `train` has it for.
    Raises CorpusError, ConfigurationError and TrainingError where the recipe does not fit what is there.
    """
    # 1. The recipe with nothing left open.
    folder = RunFolder(directory)
    prepared, precision = _complete(recipe, folder.prepared, device)
    recipe, config = prepared.recipe, prepared.recipe.training

    # 2. Text to train on and to validate on.
    tokenizer = Tokenizer.load(folder.prepared / "tokenizer.model")
    text = _text(folder.prepared, recipe, tokenizer, processes=group.size)
    valid = _valid(folder.prepared, text, limit=config.validation_sentences)

    # 3. The network and its average, from the seed.
    task = task_of(recipe, name=name, tokenizer=tokenizer)
    torch.manual_seed(config.seed)
    network = task.network().to(device)
    if init_from is not None:
        take_weights(init_from, task=task, network=network, device=device)
    average = MovingAverage(network, decay=config.average_decay)
    if not group.first:  # each process has dropout masks of its own, and the weights of all
        torch.manual_seed(config.seed + group.rank)

    # 4. What changes the weights, and what writes them.
    update = _update(task, network, precision=precision, device=device, group=group)
    writer = ModelWriter(
        directory=directory,
        task=task,
        command=_repeated(command or f"nmt train data/{name}/recipe.yaml", processes=group.size),
        cost=statistics(network),
        machine=machine_name(device),
        corpora=prepared.inputs,
        sentence_pairs=len(text),
        picks=prepared.picks,
    )

    # 5. The speed of the machine. Its matrices are drawn from the generator after the weights and before dropout's masks:
    # a seed stands for a run because of this order.
    machine_speed = _machine_speed(device)

    return Trainer(
        folder=folder,
        device=device,
        group=group,
        task=task,
        text=text,
        fingerprint=fingerprint(prepared.outputs),
        valid=valid,
        network=network,
        average=average,
        optimizer=update.optimizer,
        update=update,
        validator=Validator(task=task, objective=update.objective),
        best=BestWeights(folder.best_weights, count=config.average_best),
        writer=writer,
        machine_speed=machine_speed,
        progress=RunProgress(init_from=str(init_from or "")),
    )


def _machine_speed(device: torch.device) -> float:
    """Floating-point operations per second of a large float32 product."""
    size = 1024 if device.type == "cpu" else 8192
    return product_speed(size, size, size, device=device, seconds=_MEASURED_SECONDS)


def _repeated(command: str, *, processes: int) -> str:
    """The command that starts as many processes, since an update has the batches of all."""
    return command if processes == 1 else f"torchrun --nproc-per-node {processes} --no-python {command}"


def _update(
    task: Task[Any, Any], network: torch.nn.Module, *, precision: Precision, device: torch.device, group: Group
) -> Update:
    """Updates of `network` by AdamW, towards what `task` asks for."""
    config = task.recipe.training
    return Update(
        objective=Objective(task=task, smoothing=config.label_smoothing, precision=precision, device=device),
        network=network,
        optimizer=torch.optim.AdamW(
            network.parameters(), betas=config.adam_betas, weight_decay=config.weight_decay, fused=True
        ),
        clip_norm=config.clip_norm,
        device=device,
        group=group,
    )


def _complete(recipe: AnyRecipe, folder: Path, device: torch.device) -> tuple[Prepared, Precision]:
    """`recipe` as its text was prepared in `folder`, with what "auto" is here: another precision ends with other weights.

    Raises CorpusError, ConfigurationError and TrainingError.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is missing; run `nmt prepare` for this recipe first")
    prepared = as_prepared(recipe, folder)
    precision = choose_precision(prepared.recipe.training.precision, device)
    config = prepared.recipe.training.model_copy(update={"precision": precision})
    return replace(prepared, recipe=prepared.recipe.model_copy(update={"training": config})), precision


def _valid(folder: Path, text: TrainingText | RunningText, *, limit: int) -> HeldOut:
    """The validation text, of which so many sentences or lines are read."""
    valid = HeldOut.read(folder, "valid", name="", limit=limit)
    lines = "lines" if isinstance(text, RunningText) else "sentences"
    return replace(valid, name=f"validation text, first {len(valid.target)} {lines}", lanes=VALIDATION_LANES)


def _text(folder: Path, recipe: AnyRecipe, tokenizer: Tokenizer, *, processes: int) -> TrainingText | RunningText:
    """The prepared text, with all that is changed in it whenever it is trained on."""
    config = recipe.training
    if isinstance(recipe, LanguageModelRecipe) and recipe.preparation.running_text:
        window = recipe.training.bptt
        return RunningText(
            folder,
            lanes=max(1, config.batch_tokens // window),
            batches=config.accumulate * processes,
            window=window,
            variable=recipe.training.variable_bptt,
            seed=config.seed,
        )
    variation = config.variation
    return TrainingText(
        folder,
        batch_tokens=config.batch_tokens,
        seed=config.seed,
        vary=Variation(variation, tokenizer) if variation.changes_pairs else None,
        resample=tokenizer.resampler(strength=config.subword_sampling) if config.subword_sampling else None,
        joined=variation.joined,
    )
