"""A translator whose batches are watched, and can be held back."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from nmt.errors import InputError
from nmt.translate.ask import Ask
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator


class Watched(Translator):
    """Remembers its batches, starts none before `gate` is open, and breaks on some words."""

    gate: threading.Event
    batches: list[list[str]]

    def attempt(self, ask: Ask, **named: Any) -> list[SentenceTranslation | InputError]:
        assert self.gate.wait(120)
        sentences = [sentence.text for sentence in ask.sentences]
        self.batches.append(sentences)
        for sentence in sentences:
            if "KAPUTT" in sentence:
                raise RuntimeError("broken")
        outcomes = super().attempt(ask, **named)
        wrong = InputError("this sentence is wrong")
        return [wrong if "FALSCH" in text else outcome for text, outcome in zip(sentences, outcomes, strict=True)]


async def settle() -> None:
    """Lets every task that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)
