"""Training from the first update to the model directory: one loop, which a kill at any moment cannot harm."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from nmt.checkpoint.directory import read_info
from nmt.checkpoint.info import AnyInfo, ReportedScore
from nmt.config.training import TrainingConfig
from nmt.corpus.batching import PairBatch, Position, TrainingText, ahead
from nmt.corpus.running import RunningText
from nmt.errors import TrainingError
from nmt.training.average import MovingAverage
from nmt.training.best import BestWeights, Quality
from nmt.training.folder import RunFolder
from nmt.training.parallel import Group
from nmt.training.report import TrainingReport
from nmt.training.schedule import learning_rate
from nmt.training.state import RunProgress, Trained, get_generators, load_state, save_state
from nmt.training.stopping import Postponed
from nmt.training.sums import LogSums, UpdateSums, divergence, has_diverged, perplexity
from nmt.training.task import HeldOut, Judgement, Task
from nmt.training.update import Update
from nmt.training.validation import Validator
from nmt.training.writer import ModelWriter

LOG_EVERY = 50  # updates
BAD_IN_A_ROW = 5  # updates left out because of a bad batch or two; with so many the weights are lost


@dataclass(kw_only=True)
class Trainer:
    """The state of a run and its steps: take batches, update, now and then validate and save."""

    folder: RunFolder
    device: torch.device
    group: Group
    task: Task[Any, Any]
    text: TrainingText | RunningText
    fingerprint: str
    """Of `text`."""
    valid: HeldOut
    network: torch.nn.Module
    average: MovingAverage[torch.nn.Module]
    optimizer: torch.optim.Optimizer
    update: Update
    validator: Validator
    best: BestWeights
    writer: ModelWriter
    machine_speed: float
    """Floating-point operations per second of a matrix product."""
    progress: RunProgress
    _began: float = field(default_factory=time.perf_counter)
    """The time at which the run would have begun, had it never been stopped."""

    @property
    def config(self) -> TrainingConfig:
        config: TrainingConfig = self.task.recipe.training
        return config

    @property
    def trained(self) -> Trained:
        return {"model": self.network, "average": self.average.network, "optimizer": self.optimizer}

    def run(self, *, resume: bool) -> AnyInfo:
        """Train until the schedule ends or patience does. Raises TrainingError where another process trains there."""
        with self.folder.alone() if self.group.first else nullcontext():
            self._restore(resume=resume)
            self._began = time.perf_counter() - self.progress.seconds
            folder = self.folder.training if self.group.first else None
            update, is_judged = self.progress.update, not self._is_to_be_judged()
            with TrainingReport(folder, run=self._facts(), update=update, is_judged=is_judged) as report:
                for pick in self.writer.picks:
                    report.say(f"picked {pick}")
                self._loop(report)
                return self.group.of_first(lambda: self._finish(report))

    def _loop(self, report: TrainingReport) -> None:
        updates = ahead(self.text.updates(self.progress.position, size=self.config.accumulate * self.group.size))
        with Postponed() as stop:
            while True:
                if self._is_to_be_judged():
                    with stop.at_once():
                        self._validate(report)
                    self._save()
                if self._is_over():
                    return
                self._take_batches(updates, report)
                stops = not self.group.all_agree(not stop.is_asked)
                logs = self.progress.update % LOG_EVERY == 0
                # Validation takes long: whatever stops the run in it leaves a state that is validated first.
                saves = stops or self.progress.update % self.config.checkpoint_every == 0 or self._is_to_be_judged()
                if logs or saves:
                    self._refuse_divergence()
                if logs:
                    self._log(report)
                if saves:
                    self._save()
                if stops:
                    stop.deliver()

    def _is_to_be_judged(self) -> bool:
        update, config = self.progress.update, self.config
        is_due = update > 0 and (update >= config.max_updates or update % config.validate_every == 0)
        return is_due and update != self.progress.judged_update

    def _is_over(self) -> bool:
        return (
            self.progress.update >= self.config.max_updates or self.progress.validations_since_best >= self.config.patience
        )

    def _take_batches(
        self, updates: Iterator[tuple[Sequence[PairBatch], Sequence[Position]]], report: TrainingReport
    ) -> None:
        """Make the next update."""
        began = time.perf_counter()
        batches, ends = next(updates)
        self.progress.log_sums.waited += time.perf_counter() - began
        positions = (self.progress.position, *ends[:-1])
        self.progress.update += 1
        self.progress.position = ends[-1]
        self._update(batches, positions, report)
        self.progress.log_sums.seconds += time.perf_counter() - began

    def _update(self, batches: Sequence[PairBatch], positions: Sequence[Position], report: TrainingReport) -> None:
        """Make an update on the batches at `positions`, or leave it out if it would spoil the weights."""
        rate = learning_rate(self.config, self.progress.update) * self.progress.rate_factor * batches[0].rate_factor
        sums = self.update(batches, rate=rate, parts=self.progress.parts)
        if sums.parts > self.progress.parts:
            self.progress.parts = sums.parts
            slower = f"from now on each batch is computed in {sums.parts} parts, which is slower and learns the same"
            report.message(self.progress.update, f"out of memory; {slower}")
        if not sums.finite:
            return self._skip(sums, positions, report)
        self.progress.skipped_in_a_row = 0
        self.average.add(self.network, update=self.progress.update)
        self.progress.target_tokens += sums.tokens
        self.progress.log_sums.add(sums)
        return None

    def _skip(self, sums: UpdateSums, positions: Sequence[Position], report: TrainingReport) -> None:
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

    def _refuse_divergence(self) -> None:
        """Raise TrainingError where the last updates say that the weights are lost, before these are judged or saved."""
        sums, chance = self.progress.log_sums, self.task.tokenizer.vocabulary_size
        if has_diverged(sums.likelihood, sums.tokens, vocabulary_size=chance):
            found = perplexity(sums.likelihood, sums.tokens)
            raise divergence("its own text", found, vocabulary_size=chance, update=self.progress.update)

    def _log(self, report: TrainingReport) -> None:
        """Write the means of the last updates."""
        self.progress.seconds = time.perf_counter() - self._began
        means = self.progress.log_sums.means()
        entry = {
            **means,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            # Backward is twice forward: every matrix is met once more for its input and once more for itself.
            "machine_share": 3.0 * self.writer.cost.flops_per_token * means["tokens_per_second"] / self.machine_speed,
            "skipped": self.progress.skipped,
            "epoch": self.progress.position.epoch,
            "minutes": self.progress.seconds / 60.0,
        }
        report.training(self.progress.update, entry)
        self.progress.log_sums = LogSums()

    def _validate(self, report: TrainingReport) -> None:
        """Judge the averaged weights on the validation text; keep the model if it is the best yet."""
        began = time.perf_counter()
        judgement = self.group.of_first(lambda: self.validator(self.average.network, self.valid))
        quality, update = self._quality(judgement), self.progress.update
        self.progress.judged_update = update
        best = quality > self.progress.best_quality
        self.progress.validations_since_best = 0 if best else self.progress.validations_since_best + 1
        if self.best.count > 1:
            add = partial(self.best.add, self.progress.ranking, self.average.network, quality=quality, update=update)
            self.progress.ranking = self.group.of_first(add)
        if best:
            self.progress.best_quality, self.progress.best_update = quality, update
            if self.group.first:
                self._save_model(judgement.scores)
        now = time.perf_counter()
        times = {"seconds": now - began, "minutes": (now - self._began) / 60.0}
        report.validation(update, {**judgement.log, "best": best, **times})
        if self.config.schedule == "plateau":
            self._leave_plateau(report, best=best)

    def _leave_plateau(self, report: TrainingReport, *, best: bool) -> None:
        """Keep the state if it is the best; go back to the best, and on in smaller steps, if it was too long ago."""
        if best:
            self._save_state(self.folder.best_state)
        elif self.progress.validations_since_best % self.config.plateau_validations == 0:
            self._load_state(self.folder.best_state)
            self.progress.rate_factor *= self.config.plateau_factor
            report.message(
                self.progress.update,
                f"back to the weights of update {self.progress.best_update}, "
                f"learning rate times {self.progress.rate_factor:g} from now on",
            )

    def _quality(self, judgement: Judgement) -> Quality:
        """Of equal scores the better perplexity counts: BLEU may be 0.00 for long, and then can tell no weights apart."""
        by_perplexity = -judgement.perplexity
        return (judgement.quality, by_perplexity) if self.config.best_by == "score" else (by_perplexity,)

    def _average_best(self, report: TrainingReport) -> None:
        """Keep the mean of the best validations' weights as the model, if it is better than each of them."""
        self.best.load_mean(self.progress.ranking, self.average.network)
        judgement = self.validator(self.average.network, self.valid)
        better = self._quality(judgement) > self.progress.best_quality
        if better:
            self._save_model(judgement.scores)
        updates = ", ".join(str(update) for _, update in sorted(self.progress.ranking, key=lambda entry: entry[1]))
        verdict = "better" if better else "not better"
        report.result(self.progress.update, f"mean of updates {updates}: {judgement.scores[0]}, {verdict} than the best")

    def _finish(self, report: TrainingReport) -> AnyInfo:
        """Score the best model, as it is stored, on every test set of the recipe, and write its last card."""
        if len(self.progress.ranking) > 1:
            self._average_best(report)
        network = self.task.load(self.folder.model, self.device)
        best = read_info(self.folder.model)
        scores = [score for score in best.scores if score.test_set == self.valid.name]  # those of a run before are others
        if not scores or self.config.storage != "float32":  # it was judged in another form, or on another number of lines
            scores = list(self.validator(network, self.valid).scores)
        for name in self.task.recipe.preparation.test:
            scores += self.validator(network, HeldOut.read(self.folder.prepared, f"test.{name}", name=name)).scores
        for score in scores:
            report.result(self.progress.update, str(score))
        info = self._info(scores, updates=best.training.updates)
        self.writer.describe(info)
        if added := self.task.complete(self.folder.model, self.text):
            report.say(added)
        return info

    def _restore(self, *, resume: bool) -> None:
        """Go on from the state saved last. Without one the run begins; the seed makes a fresh start the same run."""
        if self.group.first:
            self.folder.settle()
        if not self.folder.state.exists():
            if self.progress.init_from:
                self._save()  # a resume need not be told again where the weights came from
            return
        if not resume:
            raise TrainingError(
                f"{self.folder.state}: there is a run already; go on with it by --resume, "
                "or name another --output to train anew"
            )
        self.progress = self._load_state(self.folder.state)

    def _load_state(self, path: Path) -> RunProgress:
        progress, self.update.carried = load_state(
            path,
            recipe=self.task.recipe,
            text=self.fingerprint,
            trained=self.trained,
            group=self.group,
            device=self.device,
        )
        return progress

    def _save(self) -> None:
        self._save_state(self.folder.state)
        if self.group.first:
            self.best.forget_others(self.progress.ranking)

    def _save_state(self, path: Path) -> None:
        self.progress.seconds = time.perf_counter() - self._began
        generators = self.group.gather(get_generators(self.device))
        carried = self.group.gather(self.update.carried)
        if self.group.first:
            save_state(
                path,
                recipe=self.task.recipe,
                text=self.fingerprint,
                progress=self.progress,
                trained=self.trained,
                generators=generators,
                carried=carried,
            )

    def _save_model(self, scores: Sequence[ReportedScore]) -> None:
        self.writer.save(self.average.network, self._info(scores, updates=self.progress.update))

    def _info(self, scores: Sequence[ReportedScore], *, updates: int) -> AnyInfo:
        seconds = time.perf_counter() - self._began
        return self.writer.info(scores, updates=updates, seconds=seconds, init_from=self.progress.init_from)

    def _facts(self) -> dict[str, Any]:
        """The first entry of the log: what is trained, on which text and machine."""
        info = self._info((), updates=0)
        return {
            "name": info.name,
            "description": info.description,
            "role": info.role,
            "parameters": self.writer.cost.parameters,
            "text": f"{info.training.sentence_pairs:,} {info.examples}",
            "machine": info.training.machine,
            "precision": info.training.precision,
            "metrics": self.task.metrics,
            "padding_share": self.text.padding_share(),
            "device": str(self.device),
            "processes": self.group.size,
            "machine_gflops": self.machine_speed / 1e9,
            "max_updates": self.config.max_updates,
        }
