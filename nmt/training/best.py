"""The weights of the best validations: kept in files that a resume finds, and averaged in the end."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from nmt.errors import TrainingError
from nmt.files.atomic import replacing
from nmt.training.folder import not_written

Quality = tuple[float, ...]
"""How good weights are: numbers of which more is better, each to decide where those before it are equal."""

Ranking = tuple[tuple[Quality, int], ...]
"""The quality and the update of each validation, best first."""


class BestWeights:
    """The weights of the best `count` validations, one file in `folder` for each."""

    def __init__(self, folder: Path, *, count: int) -> None:
        self.folder = folder
        self.count = count

    def add(self, ranking: Ranking, network: nn.Module, *, quality: Quality, update: int) -> Ranking:
        """The ranking with one validation more, unless `count` are better already; of equals the earlier is the better.

        Raises TrainingError where the weights cannot be written. No file that `ranking` names is touched, so that a run
        killed before it has saved the new ranking can go on with the old.
        """
        new = tuple(sorted((*ranking, (quality, update)), key=_best_first)[: self.count])
        if (quality, update) in new:
            weights = {name: weight.detach().contiguous() for name, weight in network.named_parameters()}
            path = self._path(update)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with replacing(path) as temporary:
                    temporary.write_bytes(save(weights))
            except OSError as error:
                raise not_written(path, "weights of a good validation", error) from error
        return new

    def forget_others(self, ranking: Ranking) -> None:
        """Delete the weights that `ranking` does not name."""
        named = {self._path(update) for _, update in ranking}
        for path in self.folder.glob("*.safetensors"):
            if path not in named:
                path.unlink()

    def load_mean(self, ranking: Ranking, network: nn.Module) -> None:
        """Give `network` the mean of all weights that `ranking` names (Junczys-Dowmunt et al. 2016, section 4).

        Raises TrainingError where a file cannot be read.
        """
        parameters = dict(network.named_parameters())
        sums = {name: torch.zeros_like(parameter, dtype=torch.float64) for name, parameter in parameters.items()}
        for _, update in ranking:
            for name, weight in self._read(update).items():
                sums[name] += weight.to(sums[name].device)
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(sums[name] / len(ranking))

    def _read(self, update: int) -> dict[str, Tensor]:
        path = self._path(update)
        try:
            return load_file(path)
        except (OSError, SafetensorError) as error:
            raise TrainingError(f"{path}: the weights of one of the best validations cannot be read: {error}") from error

    def _path(self, update: int) -> Path:
        return self.folder / f"{update}.safetensors"


def _best_first(entry: tuple[Quality, int]) -> tuple[Quality, int]:
    quality, update = entry
    return tuple(-number for number in quality), update
