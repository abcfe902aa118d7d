"""The core that every wire format calls, with a real scheduler and a real translator that is watched."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from support.server import SENTENCES
from support.watched import Watched, settle

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.ask import Ask
from nmt.translate.plan import advance
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator
from service.errors import BadText, RequestTooLarge, TooLate
from service.metrics import Metrics
from service.models import Models
from service.scheduler import Scheduler
from service.settings import Settings
from service.translating import Translated, Translating

TEXT = " ".join(SENTENCES[:3])
OPTIONS = SearchOptions(beam_size=2)


class Wishing(Watched):
    """Remembers what is asked of each sentence, too."""

    asks: list[Ask]

    def attempt(self, ask: Ask, **named: Any) -> list[SentenceTranslation | InputError]:
        self.asks.append(ask)
        return super().attempt(ask, **named)


@pytest.fixture
def translator(models: Path) -> Wishing:
    translator = Wishing.load(models / "x-de-en", device="cpu", threads=1, runtime="reference")
    translator.gate, translator.batches, translator.asks = threading.Event(), [], []
    translator.gate.set()
    return translator


class OneModel:
    """As Models, with a single translator."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def find(self, *_wanted: object) -> Translator:
        return self._translator


class Client:
    """Sends requests to the core, and sees how many sentences wait."""

    def __init__(self, core: Translating, metrics: Metrics) -> None:
        self._core, self._metrics = core, metrics

    def send(self, *texts: str, **options: Any) -> asyncio.Task[Translated]:
        chosen = OPTIONS.model_copy(update=options)
        return asyncio.ensure_future(self._core.translate(texts, chosen, source="de", target="en"))

    def waiting(self) -> float | None:
        return self._metrics.registry.get_sample_value("nmt_queue_sentences")


def run(
    translator: Wishing, scenario: Callable[[Client], Coroutine[Any, Any, None]], *, seconds: float = 60.0, **settings: int
) -> Metrics:
    """Runs `scenario` with a client, and checks that nothing is left waiting."""
    metrics = Metrics()

    async def with_core() -> None:
        chosen = Settings(**({"threads": 1} | settings))
        with ThreadPoolExecutor(1) as worker:
            core = Translating(cast(Models, OneModel(translator)), Scheduler(chosen, metrics, worker), seconds=seconds)
            await scenario(Client(core, metrics))
            await settle()

    asyncio.run(with_core())
    assert metrics.registry.get_sample_value("nmt_queue_sentences") == 0
    assert metrics.registry.get_sample_value("nmt_queue_cost") == 0
    return metrics


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_texts_are_translated_as_by_the_library(translator: Wishing) -> None:
    texts = [TEXT, "", "\n  " + SENTENCES[3] + "\n", "–"]
    expected = translator.translate(texts, OPTIONS)

    async def scenario(client: Client) -> None:
        translated = await client.send(*texts)
        assert [one.text for one in translated.translations] == [one.text for one in expected]
        assert translated.translator is translator

    run(translator, scenario)


def test_all_trials_of_required_phrases_run_at_once(translator: Wishing) -> None:
    required = ("bicycle", "garden")
    (expected,) = translator.translate([TEXT], SearchOptions(beam_size=2, required=required))
    translator.asks.clear()

    async def scenario(client: Client) -> None:
        (found,) = (await client.send(TEXT, required=required)).translations
        assert found.text == expected.text

    run(translator, scenario)
    trials, final, *_ = translator.asks  # more follow where the answers repeat themselves
    wishes = {(sentence.text, sentence.required) for sentence in trials.sentences}
    assert wishes == {(text, wish) for text in SENTENCES[:3] for wish in ((), ("bicycle",), ("garden",))}
    assert sorted(phrase for sentence in final.sentences for phrase in sentence.required) == ["bicycle", "garden"]


def test_sentences_with_different_phrases_share_a_batch_and_only_the_culprit_fails(translator: Wishing) -> None:
    translator.gate.clear()

    async def scenario(client: Client) -> None:
        first = client.send(SENTENCES[0])
        await until(lambda: len(translator.asks) == 1)
        good, impossible, plain = (
            client.send(SENTENCES[1], required=("garden",)),
            client.send(SENTENCES[2], required=("漢",)),
            client.send(SENTENCES[3]),
        )
        await until(lambda: client.waiting() == 3)
        translator.gate.set()
        outcomes = await asyncio.gather(first, good, impossible, plain, return_exceptions=True)
        assert isinstance(outcomes[2], BadText)
        assert "vocabulary" in outcomes[2].message
        for outcome in (outcomes[0], outcomes[1], outcomes[3]):
            assert isinstance(outcome, Translated)
        assert "garden" in good.result().translations[0].text

    run(translator, scenario)
    assert len(translator.asks[1].sentences) == 3


def test_trials_of_required_phrases_count(translator: Wishing) -> None:
    required = ("bicycle", "garden", "dog")

    async def scenario(client: Client) -> None:
        (found,) = (await client.send(TEXT)).translations
        assert found.text
        with pytest.raises(RequestTooLarge) as refusal:
            await client.send(TEXT, required=required)
        assert refusal.value.cost > 3 * refusal.value.limit

    plan = translator.plan([TEXT], OPTIONS, attention=False)
    ask = advance(plan)
    assert isinstance(ask, Ask)
    run(translator, scenario, max_cost=sum(size.cost for size in translator.sizes(ask)))
    assert len({sentence.required for ask in translator.asks for sentence in ask.sentences}) == 1


def test_what_is_too_late_or_given_up_leaves_the_queue(translator: Wishing) -> None:
    translator.gate.clear()

    async def scenario(client: Client) -> None:
        running, late, given_up = client.send(SENTENCES[0]), client.send(*SENTENCES[1:4]), client.send(*SENTENCES[3:5])
        await until(lambda: client.waiting() == 5)
        given_up.cancel()
        for task in (running, late):
            with pytest.raises(TooLate, match=r"within 2 s"):
                await task
        assert given_up.cancelled()
        translator.gate.set()

    metrics = run(translator, scenario, seconds=2.0)
    assert metrics.registry.get_sample_value("nmt_dropped_sentences_total") == 5
    assert sum(map(len, translator.batches)) == 1
