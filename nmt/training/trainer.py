"""Training from the first update to the model directory: one loop, which a kill at any moment cannot harm."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nmt.checkpoint.directory import read_info
from nmt.checkpoint.info import AnyInfo, ReportedScore
from nmt.config.recipe import AnyRecipe
from nmt.config.vocabulary import PADDING_ID
from nmt.corpus.batching import Batch, Position, TrainingText, ahead, fingerprint
from nmt.corpus.prepared import as_prepared
from nmt.errors import CorpusError, TrainingError
from nmt.files.atomic import lock, settle
from nmt.model.statistics import statistics
from nmt.runtime.build import find_device
from nmt.runtime.limits import product_speed
from nmt.text.tokenizer import Tokenizer
from nmt.training.best import BestWeights
from nmt.training.directory import refuse_finished, state_path
from nmt.training.loss import label_smoothed_loss
from nmt.training.parallel import ALONE, Group, process_group
from nmt.training.precision import choose_precision, mixed
from nmt.training.product import Product, facts
from nmt.training.report import TrainingReport, Window, perplexity
from nmt.training.schedule import learning_rate
from nmt.training.state import Progress, get_generators, load_state, save_state
from nmt.training.step import Step, StepSums
from nmt.training.task import HeldOut, Judgement, task_of

LOG_EVERY = 50  # updates
BAD_IN_A_ROW = 5  # updates left out because of a bad batch or two; with so many the weights are lost


def train(recipe: AnyRecipe, *, name: str, directory: Path, resume: bool, device: str) -> AnyInfo:
    """Train what `recipe` describes on `directory`/prepared; the best model so far is always in `directory`.

    Training state and log lie in `directory`/training. With `resume`, training goes on from the last saved state and
    ends with the same weights as a run that was never stopped (same machine, same threads).
    Without it, a run that is there already is refused, not replaced, and so is, always, a model without its run.

    Raises TrainingError, CorpusError and DeviceError.
    """
    refuse_finished(directory)
    where = find_device(device)
    with process_group(where) as group:
        return Trainer(recipe, name=name, directory=directory, device=where, group=group).run(resume=resume)


class Trainer:
    """The state of a run and its steps: take a batch, update, now and then validate and save."""

    def __init__(self, recipe: AnyRecipe, *, name: str, directory: Path, device: torch.device, group: Group = ALONE) -> None:
        self.prepared = prepared = directory / "prepared"
        if not prepared.is_dir():
            raise CorpusError(f"{prepared} is missing; run `nmt prepare` for this recipe first")
        before = as_prepared(recipe, prepared)
        recipe, self.fingerprint = before.recipe, fingerprint(before.outputs)
        self.precision = choose_precision(recipe.training.precision, device)
        if device.type == "cuda":
            torch.set_float32_matmul_precision("high")  # TF32 for what stays float32
        # What "auto" became is part of the run: going on in the other precision would end with other weights.
        self.config = recipe.training.model_copy(update={"precision": self.precision})
        self.recipe = recipe.model_copy(update={"training": self.config})
        self.directory = directory
        self.device = device
        self.group = group
        self.state_path = state_path(directory)
        tokenizer = Tokenizer.load(prepared / "tokenizer.model")
        strength = self.config.subword_sampling
        resample = tokenizer.resampler(strength=strength) if strength else None
        self.text = TrainingText(prepared, batch_tokens=self.config.batch_tokens, seed=self.config.seed, resample=resample)
        valid = HeldOut.read(prepared, "valid", name="", limit=self.config.validation_sentences)
        self.valid = replace(valid, name=f"validation text, first {len(valid.target)} sentences")

        self.task = task_of(recipe, name=name, tokenizer=tokenizer)
        torch.manual_seed(self.config.seed)
        self.model = self.task.network().to(device)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            betas=self.config.adam_betas,
            weight_decay=self.config.weight_decay,
            fused=True,
        )
        self.trained = {"model": self.model, "average": self.average, "optimizer": self.optimizer}
        self.step = Step(
            loss=lambda batch: self._loss(self.model, batch),
            model=self.model,
            optimizer=self.optimizer,
            clip_norm=self.config.clip_norm,
            device=device,
            group=group,
        )
        if not group.first:  # each process has dropout masks of its own, and the weights of all
            torch.manual_seed(self.config.seed + group.rank)
        self.best = BestWeights(self.state_path.with_name("best"), count=self.config.average_best)
        self.progress = Progress()
        self.cost = statistics(self.model)
        self.product = Product(
            directory=directory,
            recipe=self.recipe,
            name=name,
            task=self.task,
            tokenizer=tokenizer,
            cost=self.cost,
            device=device,
            corpora=before.inputs,
            sentence_pairs=len(self.text),
            picks=before.picks,
        )
        size = 1024 if device.type == "cpu" else 8192
        self.machine_speed = product_speed(size, size, size, device=device)

    def run(self, *, resume: bool) -> AnyInfo:
        """Train until the schedule ends or patience does. Raises TrainingError where another process trains there."""
        with self._alone():
            return self._run(resume=resume)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else trains in the directory meanwhile."""
        folder = self.state_path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if not self.group.first:
            yield
            return
        with (folder / "lock").open("wb") as file:
            if not lock(file):
                raise TrainingError(
                    f"{folder}: another process is training there; wait until it ends, or name another --output"
                )
            yield

    def _run(self, *, resume: bool) -> AnyInfo:
        self._restore(resume=resume)
        self._began = time.perf_counter() - self.progress.seconds
        report = TrainingReport(
            self.state_path.parent if self.group.first else None,
            run={
                **facts(self._info(updates=0), cost=self.cost),
                "padding_share": self.text.padding_share(),
                "device": str(self.device),
                "processes": self.group.size,
                "machine_gflops": self.machine_speed / 1e9,
                "max_updates": self.config.max_updates,
            },
            update=self.progress.update,
        )
        with report:
            for pick in self.product.picks:
                report.say(f"picked {pick}")
            self._loop(report)
            return self.group.of_first(lambda: self._finish(report))

    def _loop(self, report: TrainingReport) -> None:
        updates = ahead(self.text.updates(self.progress.position, size=self.config.accumulate * self.group.size))
        while not self._finished():
            window = self.progress.window
            began = time.perf_counter()
            batches, ends = next(updates)
            window.waited += time.perf_counter() - began
            positions = (self.progress.position, *ends[:-1])
            self.progress.update += 1
            self.progress.position = ends[-1]
            self._update(batches, positions, report)
            window.seconds += time.perf_counter() - began
            if self.progress.update % LOG_EVERY == 0:
                report.training(self.progress.update, self._summary(window))
                self.progress.window = Window()
            last = self.progress.update == self.config.max_updates
            validated = last or self.progress.update % self.config.validate_every == 0
            if validated:
                self._validate(report)
            if validated or self.progress.update % self.config.checkpoint_every == 0:
                self._save()
        if not self.progress.best_update:
            # A run killed before its first validation, resumed with no more updates than it had made, has no model yet.
            self._validate(report)
            self._save()

    def _finished(self) -> bool:
        return (
            self.progress.update >= self.config.max_updates or self.progress.validations_since_best >= self.config.patience
        )

    def _update(self, batches: Sequence[Batch], positions: Sequence[Position], report: TrainingReport) -> None:
        """Make an update on the batches at `positions`, or leave it out if it would spoil the weights."""
        self.step.parts = self.progress.parts
        rate = learning_rate(self.config, self.progress.update) * self.progress.rate_factor
        sums = self.step(batches, rate=rate)
        if self.step.parts > self.progress.parts:
            self.progress.parts = parts = self.step.parts
            slower = f"from now on each batch is computed in {parts} parts, which is slower and learns the same"
            report.message(self.progress.update, f"out of memory; {slower}")
        if not sums.finite:
            return self._skip(sums, positions, report)
        self.progress.skipped_in_a_row = 0
        self._average()
        self.progress.target_tokens += sums.tokens
        self.progress.window.add(sums)
        return None

    def _skip(self, sums: StepSums, positions: Sequence[Position], report: TrainingReport) -> None:
        self.progress.skipped += 1
        self.progress.skipped_in_a_row += 1
        bad = [at for at, loss in zip(positions, sums.losses, strict=True) if not math.isfinite(loss)]
        where = f"batch: {self.text.where(bad or positions)}"
        what = f"the {'loss' if bad else 'gradient'} is not finite"
        if self.progress.skipped_in_a_row == BAD_IN_A_ROW:
            raise TrainingError(
                f"update {self.progress.update}: {what}, for the {BAD_IN_A_ROW}th time in a row; the state saved last is "
                f"untouched: lower training.learning_rate or training.clip_norm, or look at the text ({where})"
            )
        report.message(self.progress.update, f"{what}; left out ({where})")

    def _loss(self, model: Any, batch: Batch) -> tuple[Tensor, Tensor, int]:
        """Smoothed loss and negative log-likelihood, summed over real target tokens, and how many those are."""
        with mixed(self.precision if model.training else "float32", self.device):
            features = self.task.features(model, batch)
            real = batch.target != PADDING_ID
            target = batch.target[real]
            logits = model.output(features[real])  # (N, V): padding never meets the largest matrix
        loss, likelihood = label_smoothed_loss(logits, target, smoothing=self.config.label_smoothing)
        return loss, likelihood, len(target)

    @torch.no_grad()
    def _average(self) -> None:
        """Exponential moving average of weights (Polyak and Juditsky 1992), shorter while young."""
        update = self.progress.update
        decay = min(self.config.average_decay, (1 + update) / (10 + update)) if self.config.average_decay else 0.0
        averaged: list[Tensor] = list(self.average.parameters())
        current: list[Tensor] = list(self.model.parameters())
        torch._foreach_lerp_(averaged, current, 1.0 - decay)

    def _validate(self, report: TrainingReport) -> None:
        """Judge the averaged weights on the validation text; keep the model if it is the best yet."""
        began = time.perf_counter()
        judgement = self.group.of_first(lambda: self._judge(self.average, self.valid))
        quality = self._quality(judgement)
        best = quality > self.progress.best_quality
        self.progress.validations_since_best = 0 if best else self.progress.validations_since_best + 1
        if self.best.count > 1:
            add = partial(self.best.add, self.progress.ranking, self.average, quality=quality, update=self.progress.update)
            self.progress.ranking = self.group.of_first(add)
        if best:
            self.progress.best_quality, self.progress.best_update = quality, self.progress.update
            if self.group.first:
                self._save_model(judgement.score)
        if self.config.schedule == "plateau":
            self._leave_plateau(report, best=best)
        now = time.perf_counter()
        times = {"seconds": now - began, "minutes": (now - self._began) / 60.0}
        report.validation(self.progress.update, {**judgement.log, "best": best, **times})

    def _leave_plateau(self, report: TrainingReport, *, best: bool) -> None:
        """Keep the state if it is the best; go back to the best, and on in smaller steps, if it was too long ago."""
        path = self.state_path.with_name("best.pt")
        if best:
            self._save_state(path)
        elif self.progress.validations_since_best % self.config.plateau_validations == 0:
            self._load_state(path)
            self.progress.rate_factor *= self.config.plateau_factor
            report.message(
                self.progress.update,
                f"back to the weights of update {self.progress.best_update}, "
                f"learning rate times {self.progress.rate_factor:g} from now on",
            )

    def _quality(self, judgement: Judgement) -> float:
        return judgement.quality if self.config.best_by == "score" else -float(judgement.log["perplexity"])

    def _average_best(self, report: TrainingReport) -> None:
        """Keep the mean of the best validations' weights as the model, if it is better than each of them."""
        self.best.load_mean(self.progress.ranking, self.average)
        judgement = self._judge(self.average, self.valid)
        better = self._quality(judgement) > self.progress.best_quality
        if better:
            self._save_model(judgement.score)
        updates = ", ".join(str(update) for _, update in sorted(self.progress.ranking, key=lambda entry: entry[1]))
        verdict = "better" if better else "not better"
        report.result(self.progress.update, f"mean of updates {updates}: {judgement.score}, {verdict} than the best")

    @torch.no_grad()
    def _judge(self, network: Any, text: HeldOut) -> Judgement:
        likelihood, tokens = 0.0, 0
        for batch in self.task.batches(text):
            _, batch_likelihood, batch_tokens = self._loss(network, batch.to(self.device))
            likelihood += batch_likelihood.item()
            tokens += batch_tokens
        return self.task.judge(network, text, perplexity=perplexity(likelihood, tokens))

    def _summary(self, window: Window) -> dict[str, float]:
        self.progress.seconds = time.perf_counter() - self._began
        means = window.means()
        return {
            **means,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            # Backward is twice forward: every matrix is met once more for its input and once more for itself.
            "machine_share": 3.0 * self.cost.flops_per_token * means["tokens_per_second"] / self.machine_speed,
            "skipped": self.progress.skipped,
            "epoch": self.progress.position.epoch,
            "minutes": self.progress.seconds / 60.0,
        }

    def _finish(self, report: TrainingReport) -> AnyInfo:
        """Score the best model, as it is stored, on every test set of the recipe, and write its last card."""
        if len(self.progress.ranking) > 1:
            self._average_best(report)
        network = self.task.load(self.directory, self.device)
        best = read_info(self.directory)
        scores = list(best.scores[:1])
        report.result(self.progress.update, str(scores[0]))
        for name in self.recipe.preparation.test:
            judgement = self._judge(network, HeldOut.read(self.prepared, f"test.{name}", name=name))
            scores.append(judgement.score)
            report.result(self.progress.update, str(judgement.score))
        info = self._info(*scores, updates=best.training.updates)
        self.product.describe(info)
        if added := self.task.complete(self.directory, self.text):
            report.say(added)
        return info

    def _restore(self, *, resume: bool) -> None:
        # Killed before the first state was saved: the seed makes a fresh start the same run.
        if self.group.first:
            for folder in (self.directory, self.state_path.parent, self.best.folder):
                settle(folder)
        if not self.state_path.exists():
            return
        if not resume:
            raise TrainingError(
                f"{self.state_path}: there is a run already; go on with it by --resume, "
                f"or name another --output to train anew"
            )
        self.progress = self._load_state(self.state_path)

    def _load_state(self, path: Path) -> Progress:
        return load_state(path, recipe=self.recipe, text=self.fingerprint, trained=self.trained, group=self.group)

    def _save(self) -> None:
        self._save_state(self.state_path)
        if self.group.first:
            self.best.forget_others(self.progress.ranking)

    def _save_state(self, path: Path) -> None:
        self.progress.seconds = time.perf_counter() - self._began
        generators = self.group.gather(get_generators(self.device))
        if self.group.first:
            save_state(
                path,
                recipe=self.recipe,
                text=self.fingerprint,
                progress=self.progress,
                trained=self.trained,
                generators=generators,
            )

    def _info(self, *scores: ReportedScore, updates: int) -> AnyInfo:
        return self.product.info(*scores, updates=updates, seconds=time.perf_counter() - self._began)

    def _save_model(self, score: ReportedScore) -> None:
        self.product.save(self.average, self._info(score, updates=self.progress.update))
