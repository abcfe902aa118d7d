"""Options of how models are loaded, for commands that take a language model beside them."""

from __future__ import annotations

from dataclasses import dataclass

from nmt.cli import options as args
from nmt.config.search import LANGUAGE_MODEL_WEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What `Translator.load` takes beside the models, by the same names."""

    language_model: args.LanguageModel = None
    language_model_weight: args.LanguageModelWeight = LANGUAGE_MODEL_WEIGHT
    device: args.Device = "auto"
    threads: args.Threads = None
    runtime: args.Runtime = "auto"
