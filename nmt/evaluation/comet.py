"""COMET (Rei et al. 2022) with a model that is on this disk; nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nmt.errors import ConfigurationError
from nmt.evaluation.metrics import Floats, Statistics, TestSet, VectorisedMetric

BATCH = 16
_FITTED = "wmt22-comet-da"  # the model whose scores people's judgements were compared with


class Comet(VectorisedMetric):
    """100 times the mean of the scores that a COMET model gives to segments, with the first reference."""

    name = "COMET"

    def __init__(self, test_set: TestSet, directory: Path) -> None:
        """`directory` is as COMET's own download lays it out, with checkpoints/model.ckpt in it.

        Raises ConfigurationError where the package or a file of the model is missing, or there is no source.
        """
        super().__init__(test_set)
        if test_set.sources is None:
            raise ConfigurationError("--comet compares with the source; give --source")
        self._model = _load(directory)
        self._sources, self._references = test_set.sources, test_set.references[0]
        self.signature = f"nrefs:1|model:{directory.name}|version:{_version()}"
        self.curve = self.name if _FITTED in str(directory.resolve()) else ""  # in a hub's cache a folder above says it

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        rows = zip(self._sources, hypotheses, self._references, strict=True)
        data = [{"src": source, "mt": hypothesis, "ref": reference} for source, hypothesis, reference in rows]
        found = self._model.predict(data, batch_size=BATCH, gpus=_gpus(), progress_bar=False)
        scores = np.asarray(found.scores, dtype=np.float64)  # (N,)
        return np.column_stack([scores, np.ones(len(scores))])

    def aggregate_each(self, sums: Floats) -> Floats:
        scores: Floats = 100.0 * sums[:, 0] / sums[:, 1]
        return scores


def _load(directory: Path) -> Any:
    checkpoints = sorted([*directory.glob("checkpoints/*.ckpt"), *directory.glob("*.ckpt")])
    if len(checkpoints) != 1:
        raise ConfigurationError(
            f"--comet {directory}: should be the folder of one COMET model, with checkpoints/model.ckpt in it; "
            f"has {len(checkpoints)} such files"
        )
    # The encoder that a checkpoint names would be asked for at a hub, too.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    try:
        from comet import load_from_checkpoint
    except ImportError as error:
        raise ConfigurationError(
            "--comet needs the package unbabel-comet, which is not installed here; install it by: pip install unbabel-comet"
        ) from error
    try:
        return load_from_checkpoint(str(checkpoints[0]))
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(
            f"--comet {directory}: cannot be loaded: {reason}; all that it needs, its encoder too, should be on this disk"
        ) from error


def _gpus() -> int:
    import torch

    return int(torch.cuda.is_available())


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("unbabel-comet")
    except PackageNotFoundError:
        return "unknown"
