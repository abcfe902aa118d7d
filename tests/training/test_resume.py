"""Runs that are stopped, resumed, made longer and averaged, against runs that were left in peace."""

from __future__ import annotations

import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.command import NMT, error_of
from support.precision import NEEDS_BFLOAT16
from support.sample import RECIPE, prepared, sample_recipe
from support.training import stop

from nmt.checkpoint.directory import load_model
from nmt.checkpoint.info import ReportedScore
from nmt.corpus.prepare import prepare
from nmt.errors import NmtError, TrainingError
from nmt.training.best import BestWeights, Ranking
from nmt.training.build import build_trainer
from nmt.training.run import train
from nmt.training.trainer import Trainer
from nmt.training.validation import Validator


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return prepared(tmp_path)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past `size` bytes: a real write that fails, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- stop and resume ---------------------------------------------------------------------------------------------------

SHORT = [
    "training.max_updates=60",
    "training.validate_every=30",
    "training.checkpoint_every=7",
    "training.validation_sentences=8",
]


def weights_and_log(directory: Path) -> tuple[bytes, dict[str, torch.Tensor], list[tuple[str, int, float]]]:
    state = torch.load(directory / "training" / "state.pt", weights_only=True)
    entries = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
    log = [(entry["kind"], entry["update"], entry.get("loss", entry.get("bleu"))) for entry in entries]
    return (directory / "model.safetensors").read_bytes(), state["model"], log


@pytest.mark.slow
def test_a_changed_recipe_is_not_resumed(directory: Path) -> None:
    recipe = sample_recipe(SHORT)
    train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    changed = sample_recipe([*SHORT, "training.learning_rate=0.5"])
    with pytest.raises(TrainingError, match=r"training\.learning_rate was 0\.005 .* is 0\.5 now"):
        train(changed, name="sample-de-en", directory=directory, resume=True, device="cpu")


def test_text_prepared_anew_is_another_run(directory: Path) -> None:
    """The same numbers of sentences and subwords, of other text: nothing else would tell."""
    recipe = sample_recipe([*SHORT, "training.max_updates=5"])
    train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    corpora = directory / "corpora"
    shutil.copytree(RECIPE.parent, corpora)
    prepare(recipe, corpora=corpora, output=directory / "prepared")
    train(recipe, name="sample-de-en", directory=directory, resume=True, device="cpu")
    lines = (corpora / "train.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    (corpora / "train.tsv").write_text("".join(reversed(lines)), encoding="utf-8")
    prepare(recipe, corpora=corpora, output=directory / "prepared")
    with pytest.raises(
        TrainingError, match=r"the prepared text \(its fingerprint\) was '\w+' when training started and is '"
    ):
        train(recipe, name="sample-de-en", directory=directory, resume=True, device="cpu")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "training.precision=float32",
        pytest.param("training.precision=bfloat16", marks=NEEDS_BFLOAT16),
        "training.accumulate=3",
        "training.subword_sampling=0.1",
        "training.average_best=3",
    ],
)
def test_stopped_and_resumed_ends_with_the_same_weights(change: str, tmp_path: Path) -> None:
    recipe = sample_recipe([*SHORT, "training.max_updates=30", "training.validate_every=15", change])
    for name in ("peaceful", "stopped"):
        prepare(recipe, corpora=RECIPE.parent, output=tmp_path / name / "prepared")
    train(recipe, name="sample-de-en", directory=tmp_path / "peaceful", resume=False, device="cpu")
    stop(recipe, tmp_path / "stopped", after=10, resume=False)
    stop(recipe, tmp_path / "stopped", after=24, resume=True)
    info = train(recipe, name="sample-de-en", directory=tmp_path / "stopped", resume=True, device="cpu")
    model, weights, _ = weights_and_log(tmp_path / "stopped")
    expected_model, expected_weights, _ = weights_and_log(tmp_path / "peaceful")
    assert all(torch.equal(weights[name], expected_weights[name]) for name in expected_weights)
    assert model == expected_model
    assert f"in {info.training.precision}." in (tmp_path / "stopped" / "README.md").read_text()


@pytest.mark.parametrize(
    ("place", "name", "call", "is_done", "saved"),
    [(Trainer, "_update", 17, False, 17), (Validator, "__call__", 2, False, 24), (Trainer, "_validate", 2, True, 24)],
)
def test_a_signal_loses_no_update_and_no_validation(
    place: type, name: str, call: int, is_done: bool, saved: int, tmp_path: Path
) -> None:
    """Whether it comes in an update, in a validation, or between a validation and the state that says that it was made."""
    changes = ["training.max_updates=24", "training.validate_every=12", "training.checkpoint_every=1000"]
    recipe = sample_recipe([*SHORT, *changes])
    for folder in ("peaceful", "stopped"):
        prepare(recipe, corpora=RECIPE.parent, output=tmp_path / folder / "prepared")
    train(recipe, name="sample-de-en", directory=tmp_path / "peaceful", resume=False, device="cpu")
    original, calls = getattr(place, name), itertools.count(1)

    def interrupted(*arguments: Any) -> Any:
        comes = next(calls) == call
        if comes and not is_done:
            signal.raise_signal(signal.SIGINT)
        result = original(*arguments)
        if comes and is_done:
            signal.raise_signal(signal.SIGINT)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, name="sample-de-en", directory=tmp_path / "stopped", resume=False, device="cpu")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    state = torch.load(tmp_path / "stopped" / "training" / "state.pt", weights_only=True)
    assert state["progress"]["update"] == saved
    train(recipe, name="sample-de-en", directory=tmp_path / "stopped", resume=True, device="cpu")
    model, weights, log = weights_and_log(tmp_path / "stopped")
    expected_model, expected_weights, expected_log = weights_and_log(tmp_path / "peaceful")
    assert all(torch.equal(weights[key], expected_weights[key]) for key in expected_weights)
    assert (model, log) == (expected_model, expected_log)


def test_a_second_signal_is_answered_at_once(directory: Path) -> None:
    update = Trainer._update

    def interrupted(self: Trainer, *arguments: Any) -> None:
        if self.progress.update == 5:
            signal.raise_signal(signal.SIGINT)
            update(self, *arguments)
            signal.raise_signal(signal.SIGINT)
        update(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_update", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(sample_recipe(SHORT), name="sample-de-en", directory=directory, resume=False, device="cpu")
    assert not (directory / "training" / "state.pt").exists()


def test_what_auto_became_is_part_of_the_run(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = sample_recipe([*SHORT, "training.max_updates=10"])
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert train(recipe, name="s", directory=directory, resume=False, device="cpu").training.precision == "float32"
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    with pytest.raises(
        TrainingError, match=r"training\.precision was 'float32' when training started and is 'bfloat16' now"
    ):
        train(recipe, name="s", directory=directory, resume=True, device="cpu")
    train(
        sample_recipe([*SHORT, "training.max_updates=12", "training.precision=float32"]),
        name="s",
        directory=directory,
        resume=True,
        device="cpu",
    )


def test_a_run_can_be_made_longer(directory: Path) -> None:
    shorter, longer = (sample_recipe([*SHORT, f"training.max_updates={updates}"]) for updates in (20, 40))
    train(shorter, name="sample-de-en", directory=directory, resume=False, device="cpu")
    train(longer, name="sample-de-en", directory=directory, resume=True, device="cpu")
    log = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
    assert [entry["update"] for entry in log if entry["kind"] == "validation"] == [20, 30, 40]
    assert torch.load(directory / "training" / "state.pt", weights_only=True)["progress"]["update"] == 40


def test_a_damaged_state_is_named(directory: Path) -> None:
    (directory / "training").mkdir()
    (directory / "training" / "state.pt").write_bytes(b"not a state")
    with pytest.raises(TrainingError, match=r"state\.pt: the training state cannot be read"):
        train(sample_recipe(SHORT), name="sample-de-en", directory=directory, resume=True, device="cpu")


def test_a_full_disk_leaves_the_state_and_the_model_before(directory: Path) -> None:
    recipe = sample_recipe(SHORT)
    train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    files = [path for path in directory.rglob("*") if path.is_file() and path.name != "log.jsonl"]
    before = {path: path.read_bytes() for path in files}
    trainer = build_trainer(recipe, name="sample-de-en", directory=directory, device=torch.device("cpu"))
    score = ReportedScore(test_set="-", metric="BLEU", value=1.0, signature="-", beam_size=5)
    writes = [
        ("state.pt: the state", trainer._save),
        (f"{directory.name}", lambda: trainer._save_model((score,))),
        ("weights of a good validation", lambda: trainer.best.add((), trainer.network, quality=(1.0,), update=1)),
    ]
    for what, write in writes:
        with (
            no_file_larger_than(100_000),
            pytest.raises(NmtError, match=rf"{what}.* written: File too large; .*unt") as found,
        ):
            write()
        assert isinstance(found.value.__cause__, OSError)  # by which the command ends with 74
    for path, content in before.items():
        assert path.read_bytes() == content
    assert not list(directory.rglob("*.new"))


def test_a_run_that_is_there_is_not_replaced(directory: Path) -> None:
    recipe = sample_recipe([*SHORT, "training.max_updates=10"])
    train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    with pytest.raises(TrainingError, match="go on with it by --resume, or name another --output"):
        train(recipe, name="sample-de-en", directory=directory, resume=False, device="cpu")
    assert train(recipe, name="sample-de-en", directory=directory, resume=True, device="cpu").training.updates == 10


def test_a_run_resumed_with_fewer_updates_than_it_made_ends_with_a_model(directory: Path) -> None:
    """Also where it was killed before its first validation, so that no model had been written yet."""
    changes = [*SHORT, "training.checkpoint_every=2"]
    stop(sample_recipe(changes), directory, after=5, resume=False)
    assert not (directory / "model.safetensors").exists()
    recipe = sample_recipe([*changes, "training.max_updates=1"])
    info = train(recipe, name="sample-de-en", directory=directory, resume=True, device="cpu")
    state = torch.load(directory / "training" / "state.pt", weights_only=True)
    assert info.training.updates == state["progress"]["best_update"] == state["progress"]["update"] == 4
    average = load_model(directory, device=torch.device("cpu")).model
    assert all(torch.equal(weight, state["average"][name]) for name, weight in average.named_parameters())


@pytest.mark.slow
def test_two_do_not_train_in_one_folder(directory: Path) -> None:
    # As when a run that was thought dead is gone on with.
    command = ["train", RECIPE, "--output", directory, "--device", "cpu"]
    command += ["--set", "training.max_updates=100000", "--set", "training.checkpoint_every=2"]
    state = directory / "training" / "state.pt"
    with subprocess.Popen([NMT, *command], env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=PIPE, stderr=PIPE) as first:
        try:
            while not state.exists():
                assert first.poll() is None, first.communicate()
                time.sleep(0.01)
            said = error_of(*command, "--resume")
            assert first.poll() is None
        finally:
            first.kill()
    assert "training: another process is training there; wait until it ends" in said
    recipe = sample_recipe(["training.max_updates=1"])  # fewer than were made: nothing is left but to end it
    assert train(recipe, name="sample-de-en", directory=directory, resume=True, device="cpu")


# --- the best weights --------------------------------------------------------------------------------------------------


def test_the_best_weights_are_kept_and_averaged(tmp_path: Path) -> None:
    best = BestWeights(tmp_path / "best", count=3)
    ranking: Ranking = ()
    qualities = {10: (1.0, 0.0), 20: (5.0, -9.0), 30: (2.0, -3.0), 40: (2.0, -3.0), 50: (9.0, -9.0), 60: (2.0, -4.0)}
    for update, quality in qualities.items():
        network = torch.nn.Linear(2, 2)
        torch.nn.init.constant_(network.weight, float(update))
        before = set((tmp_path / "best").glob("*"))
        ranking = best.add(ranking, network, quality=quality, update=update)
        assert set((tmp_path / "best").glob("*")) >= before  # until the new ranking is saved
        best.forget_others(ranking)
    assert ranking == (((9.0, -9.0), 50), ((5.0, -9.0), 20), ((2.0, -3.0), 30))
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [f"{u}.safetensors" for u in (20, 30, 50)]
    best.load_mean(ranking, network)
    torch.testing.assert_close(network.weight, torch.full((2, 2), (50.0 + 20.0 + 30.0) / 3.0))
    (tmp_path / "best" / "20.safetensors").write_bytes(b"no weights")
    with pytest.raises(TrainingError, match=r"20\.safetensors: the weights of one of the best validations cannot be read"):
        best.load_mean(ranking, network)


@pytest.mark.parametrize("better", [True, False])
def test_the_mean_of_the_best_becomes_the_model_where_it_is_better(
    better: bool, directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    qualities = iter([(1.0,), (2.0,), (3.0,) if better else (1.5,)])
    monkeypatch.setattr(Trainer, "_quality", lambda *_: next(qualities))
    changes = [*SHORT, "training.max_updates=4", "training.validate_every=2", "training.average_best=2"]
    train(sample_recipe(changes), name="s", directory=directory, resume=False, device="cpu")
    first, second = (load_file(directory / "training" / "best" / f"{update}.safetensors") for update in (2, 4))
    assert f"{'better' if better else 'not better'} than the best" in capsys.readouterr().err
    for name, weight in load_model(directory, device=torch.device("cpu")).model.named_parameters():
        torch.testing.assert_close(weight.data, (first[name] + second[name]) / 2.0 if better else second[name])


def test_the_best_may_be_chosen_by_perplexity(directory: Path) -> None:
    changes = [*SHORT, "training.max_updates=6", "training.validate_every=2", "training.best_by=perplexity"]
    train(sample_recipe(changes), name="s", directory=directory, resume=False, device="cpu")
    log = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
    perplexities = [entry["perplexity"] for entry in log if entry["kind"] == "validation"]
    assert [entry["best"] for entry in log if entry["kind"] == "validation"] == [
        value == min(perplexities[: number + 1]) for number, value in enumerate(perplexities)
    ]
    assert torch.load(directory / "training" / "state.pt", weights_only=True)["progress"]["best_quality"] == (
        -min(perplexities),
    )


@pytest.mark.slow
def test_a_plateau_goes_back_to_the_best_in_smaller_steps_and_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Trainer, "_quality", lambda trainer, _: (float(trainer.progress.update == 4),))
    changes = [*SHORT, "training.validate_every=2", "training.checkpoint_every=3", "training.schedule=plateau"]
    changes += ["training.plateau_validations=2", "training.plateau_factor=0.25", "training.warmup_updates=0"]
    shorter, longer = (sample_recipe([*changes, f"training.max_updates={updates}"]) for updates in (8, 14))
    for name in ("peaceful", "stopped"):
        prepare(shorter, corpora=RECIPE.parent, output=tmp_path / name / "prepared")

    train(shorter, name="s", directory=tmp_path / "peaceful", resume=False, device="cpu")
    assert "update 8: back to the weights of update 4, learning rate times 0.25" in capsys.readouterr().err
    state, best = (
        torch.load(tmp_path / "peaceful" / "training" / name, weights_only=True) for name in ("state.pt", "best.pt")
    )
    assert state["progress"]["update"] == 8
    assert best["progress"]["update"] == 4
    for part in ("model", "average"):
        assert all(torch.equal(state[part][name], weight) for name, weight in best[part].items())

    train(longer, name="s", directory=tmp_path / "peaceful", resume=True, device="cpu")
    _, expected, _ = weights_and_log(tmp_path / "peaceful")
    optimizer = torch.load(tmp_path / "peaceful" / "training" / "state.pt", weights_only=True)["optimizer"]
    assert optimizer["param_groups"][0]["lr"] == pytest.approx(0.005 / 16)  # back again at 12
    assert "update 12: back to the weights of update 4, learning rate times 0.0625" in capsys.readouterr().err

    stop(longer, tmp_path / "stopped", after=7, resume=False)
    stop(longer, tmp_path / "stopped", after=11, resume=True)
    train(longer, name="s", directory=tmp_path / "stopped", resume=True, device="cpu")
    _, weights, _ = weights_and_log(tmp_path / "stopped")
    assert all(torch.equal(weights[name], weight) for name, weight in expected.items())
    changed = sample_recipe([*changes, "training.max_updates=14", "training.validate_every=3"])
    with pytest.raises(TrainingError, match=r"training\.validate_every was 2 .* is 3 now"):
        train(changed, name="s", directory=tmp_path / "stopped", resume=True, device="cpu")
