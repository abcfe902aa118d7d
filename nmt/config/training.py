"""Optimisation: the keys of `training` in a recipe."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from nmt.config.numbers import MANY, Probability
from nmt.config.yaml import Settings


class VariationConfig(Settings):
    """Shares of training pairs that are changed, anew whenever they are trained on: see nmt.corpus.variation."""

    lower_case: Probability = Field(0.0, description="the source in lower case, without its end")
    without_end: Probability = Field(0.0, description="both sides without the mark at the end of the sentence")
    typing_error: Probability = Field(0.0, description="a mistyped word in the source")
    in_bytes: Probability = Field(0.0, description="part of a word that both sides have in bytes")
    joined: Probability = Field(0.0, description="with another pair behind it, as two sentences of one line")

    @property
    def changes_pairs(self) -> bool:
        """Whether single pairs are changed."""
        return any((self.lower_case, self.without_end, self.typing_error, self.in_bytes))

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.lower_case + self.without_end + self.typing_error + self.in_bytes > 1.0:
            raise ValueError("lower_case, without_end, typing_error and in_bytes together should be 1 at the most")
        return self


class TrainingConfig(Settings):
    """Optimisation. An update is one step of the optimiser."""

    seed: int = Field(1, ge=0)
    batch_tokens: int = Field(2048, ge=16, le=MANY, description="padded source plus target tokens of a batch, at the most")
    subword_sampling: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="segment each sentence anew whenever it is trained on; 0 does not. Of a BPE vocabulary the probability "
        "that a merge is left out (BPE-dropout, Provilkov et al. 2020; 0.1 there), of a unigram vocabulary the alpha of its "
        "segmentations (Kudo 2018; 0.2 there). batch_tokens counts tokens as they are without it",
    )
    variation: VariationConfig = VariationConfig()
    accumulate: int = Field(1, ge=1, le=MANY, description="batches whose gradients are added up for one update")
    max_updates: int = Field(10_000, ge=1, le=MANY)
    learning_rate: float = Field(1e-3, gt=0.0, description="the highest of the schedule")
    schedule: Literal["constant", "linear", "cosine", "inverse-sqrt", "plateau"] = Field(
        "constant",
        description="after the warm-up; linear and cosine reach zero at max_updates, constant leaves it to average_decay to "
        "take the noise out",
    )
    plateau_validations: int = Field(
        3, ge=1, le=MANY, description="of schedule plateau: after so many without a better one go back"
    )
    plateau_factor: float = Field(0.5, gt=0.0, lt=1.0, description="... to the best, at this part of the learning rate")
    warmup_updates: int = Field(200, ge=0, le=MANY)
    adam_betas: tuple[Probability, Probability] = (0.9, 0.98)
    weight_decay: float = Field(0.0, ge=0.0)
    label_smoothing: Probability = 0.1
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of matrix products in training (Micikevicius et al. 2018); weights, loss and validation stay float32. "
        "auto: bfloat16 where the GPU (compute capability 8) or the CPU (AVX512-BF16) multiplies it, float32 elsewhere",
    )
    clip_norm: float = Field(1.0, gt=0.0, description="gradients are scaled down to this 2-norm")
    average_decay: Probability = Field(
        0.999, description="of the exponential moving average of weights that is validated and saved; 0 is none"
    )
    average_best: int = Field(
        1,
        ge=1,
        le=MANY,
        description="of so many best validations the mean weights are the model in the end, where they are better",
    )
    metrics: tuple[str, ...] = Field(
        ("bleu",),
        min_length=1,
        description="of each validation and test set of a translator, as `nmt evaluate --metric` has them",
    )
    best_by: Literal["score", "perplexity"] = Field(
        "score",
        description="which weights are best: score is the first of `metrics`, and of equal scores the better perplexity; a "
        "language model has perplexity alone",
    )
    validate_every: int = Field(500, ge=1, le=MANY, description="updates")
    validation_sentences: int = Field(1000, ge=1, le=MANY, description="the first so many of the validation text")
    patience: int = Field(10, ge=1, le=MANY, description="validations without a better one before training stops")
    checkpoint_every: int = Field(200, ge=1, le=MANY, description="updates between saved training states")
    storage: Literal["float32", "float16", "int8"] = Field("float32", description="of the weights in the model directory")

    @model_validator(mode="after")
    def _of_its_schedule(self) -> Self:
        of_plateau = ("plateau_validations", "plateau_factor")
        given = [key for key in of_plateau if getattr(self, key) != type(self).model_fields[key].default]
        if given and self.schedule != "plateau":
            raise ValueError(f"{given[0]} is for schedule: plateau, not {self.schedule}")
        return self


class LanguageModelTrainingConfig(TrainingConfig):
    """Optimisation of a language model: keys that it has besides those of TrainingConfig."""

    bptt: int = Field(
        70,
        ge=1,
        le=MANY,
        description="of running text: tokens that the gradient goes back through, at the most (truncated backpropagation "
        "through time, Williams and Peng 1990); a batch is batch_tokens / bptt places of the text side by side",
    )
    variable_bptt: bool = Field(
        False,
        description="draw each length near bptt, one in twenty near its half, and the learning rate in proportion (Merity "
        "et al. 2018, section 5)",
    )
    activation_regularisation: float = Field(
        0.0, ge=0.0, description="times the mean square of the vector that the output matrix reads (AR, Merity et al. 2017)"
    )
    temporal_activation_regularisation: float = Field(
        0.0,
        ge=0.0,
        description="times the mean square of that vector's change from token to token, before dropout (TAR, Merity et al. "
        "2017)",
    )
