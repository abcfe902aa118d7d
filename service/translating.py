"""The core that every wire format calls: from texts to translations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.ask import Ask
from nmt.translate.plan import Plan, advance
from nmt.translate.result import Translation
from nmt.translate.translator import Translator
from service.errors import BadText, TooLate
from service.models import Models
from service.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Translated:
    """The translation of each text of a request, in order, and the translator that made them."""

    translator: Translator
    translations: list[Translation]


class Translating:
    """Finds the model for a request and drives the plan of its texts with the scheduler, for at most `seconds`."""

    def __init__(self, models: Models, scheduler: Scheduler, *, seconds: float) -> None:
        self._models, self._scheduler, self._seconds = models, scheduler, seconds

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        """Translators by (source, target) language; the first of each pair is its default. Raises NotReady."""
        self._models.require_ready()
        return self._models.pairs()

    async def translate(
        self,
        texts: Sequence[str],
        options: SearchOptions,
        *,
        source: str,
        target: str,
        model: str | None = None,
        attention: bool = False,
    ) -> Translated:
        """Translate `texts` from one language to another, by the model called `model` or the default of the pair.

        A caller that is cancelled frees its place in the queue.
        Raises NotReady, UnknownPair, UnknownModel, BadText, RequestTooLarge, Overloaded, TooLate.
        """
        translator = self._models.find(source, target, model)
        plan = translator.plan(texts, options, attention=attention)
        try:
            async with asyncio.timeout(self._seconds):
                return Translated(translator, await self._drive(translator, plan))
        except TimeoutError as error:
            raise TooLate(self._seconds) from error
        except InputError as error:
            raise BadText(str(error)) from error

    async def _drive(self, translator: Translator, plan: Plan) -> list[Translation]:
        # To split and to join long texts takes long, and nobody else is served by the event loop meanwhile.
        step = await asyncio.to_thread(advance, plan)
        if isinstance(step, Ask):
            self._scheduler.admit(translator, step)  # once: what the plan asks for later belongs to work that was accepted
        while isinstance(step, Ask):
            step = await asyncio.to_thread(advance, plan, await self._scheduler.answer(translator, step))
        return step
