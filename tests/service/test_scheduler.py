"""The scheduler with real translators, some of which wait for a sign or break on a word."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.server import SENTENCES
from support.watched import Watched, settle

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.ask import Ask, Sentence
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator
from service.errors import Overloaded, RequestTooLarge
from service.metrics import Metrics
from service.scheduler import Scheduler
from service.settings import Settings

QUICK = SearchOptions(beam_size=2, max_length_ratio=1.0, max_length_offset=2)


@pytest.fixture
def translator(models: Path) -> Watched:
    translator = Watched.load(models / "x-de-en", device="cpu", threads=1)
    translator.gate, translator.batches = threading.Event(), []
    return translator


def run(scenario: Callable[[Scheduler], Coroutine[Any, Any, None]], **settings: int) -> Metrics:
    """Runs `scenario` with a scheduler and checks that nothing is left waiting when it is through."""
    metrics = Metrics()

    async def with_scheduler() -> None:
        chosen = Settings(**({"threads": 1} | settings))
        with ThreadPoolExecutor(chosen.threads) as worker:
            await scenario(Scheduler(chosen, metrics, worker))

    asyncio.run(with_scheduler())
    assert metrics.registry.get_sample_value("nmt_queue_sentences") == 0
    assert metrics.registry.get_sample_value("nmt_queue_characters") == 0
    return metrics


def asked(
    scheduler: Scheduler, translator: Translator, *sentences: str, options: SearchOptions = QUICK
) -> asyncio.Task[Any]:
    ask = Ask(tuple(map(Sentence, sentences)), options, attention=False)

    async def request() -> list[SentenceTranslation]:
        scheduler.admit(translator, ask)
        return await scheduler.answer(translator, ask)

    return asyncio.ensure_future(request())


@pytest.mark.parametrize(("runtime", "at_once"), [("int8", 3), ("reference", 1)])
def test_int8_runs_a_batch_on_each_thread(translator: Watched, runtime: str, at_once: int) -> None:
    translator._scorers = replace(translator._scorers, runtime=runtime)
    begun = []

    def counted(ask: Ask, **named: Any) -> list[SentenceTranslation]:
        begun.append(ask.sentences)
        return Watched.answer(translator, ask, **named)

    translator.answer = counted  # type: ignore[method-assign]

    async def scenario(scheduler: Scheduler) -> None:
        tasks = [asked(scheduler, translator, f"Satz {number}.") for number in range(5)]
        await settle()
        await asyncio.sleep(0.2)
        assert len(begun) == at_once
        translator.gate.set()
        answers = await asyncio.gather(*tasks)
        assert [answer[0].source for answer in answers] == [f"Satz {number}." for number in range(5)]

    run(scenario, threads=3, batch_sentences=1)
    assert len(translator.batches) == 5


def test_what_arrives_while_a_batch_runs_makes_the_next(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        tasks = [asked(scheduler, translator, sentence) for sentence in SENTENCES]
        await settle()
        translator.gate.set()
        found = [translation.text for task in tasks for translation in await task]
        alone = [translator.answer(Ask((Sentence(sentence),), QUICK, attention=False))[0] for sentence in SENTENCES]
        assert found == [translation.text for translation in alone]

    metrics = run(scenario)
    assert [len(batch) for batch in translator.batches[:2]] == [1, len(SENTENCES) - 1]
    assert metrics.registry.get_sample_value("nmt_sentences_total", {"model": "x-de-en"}) == len(SENTENCES)


def test_other_options_make_another_batch(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        greedy = SearchOptions(beam_size=1)
        tasks = [asked(scheduler, translator, "eins")]
        tasks += [asked(scheduler, translator, f"zwei {n}", options=greedy if n % 2 else QUICK) for n in range(6)]
        await settle()
        translator.gate.set()
        await asyncio.gather(*tasks)

    run(scenario)
    assert translator.batches == [["eins"], ["zwei 0", "zwei 2", "zwei 4"], ["zwei 1", "zwei 3", "zwei 5"]]


def test_a_small_request_does_not_wait_behind_a_big_one(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        big = asked(scheduler, translator, *[f"Band {number}" for number in range(40)])
        await settle()
        small = asked(scheduler, translator, "Wort")
        await settle()
        translator.gate.set()
        await small
        assert not big.done()
        await big

    run(scenario, batch_sentences=4)
    assert "Wort" in translator.batches[1]


def test_a_batch_stays_within_its_budget_and_a_sentence_over_it_runs_alone(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        translator.gate.set()
        sentences = ["a" * 7, "lang " * 40, "b" * 10, "c" * 10, "d" * 10, "e" * 10]
        found = await asked(scheduler, translator, *sentences)
        assert [translation.source for translation in found] == sentences

    run(scenario, batch_characters=60)
    for batch in translator.batches:
        assert len(batch) == 1 or len(batch) * max(map(len, batch)) * QUICK.beam_size <= 60
    assert max(len(batch) for batch in translator.batches) == 3


@pytest.mark.parametrize(("word", "kind"), [("KAPUTT", RuntimeError), ("FALSCH", InputError)])
def test_a_sentence_that_fails_fails_alone_and_the_scheduler_goes_on(
    translator: Watched, word: str, kind: type[Exception]
) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        tasks = [asked(scheduler, translator, text) for text in ("eins", "zwei", word, "drei")]
        await settle()
        translator.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [list, list, kind, list]
        assert (await asked(scheduler, translator, "vier"))[0].source == "vier"

    metrics = run(scenario)
    assert ["zwei", word, "drei"] in translator.batches
    assert metrics.registry.get_sample_value("nmt_failed_sentences_total") == 1


def test_a_request_with_a_failing_sentence_leaves_nothing_waiting(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        translator.gate.set()
        with pytest.raises(RuntimeError):
            await asked(scheduler, translator, "KAPUTT", *[f"Nummer {number}" for number in range(20)])

    run(scenario, batch_sentences=2)
    assert sum(map(len, translator.batches)) < 10


def test_a_cancelled_request_leaves_the_queue(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        running = asked(scheduler, translator, "eins")
        await settle()
        leaving, staying = asked(scheduler, translator, "zwei", "drei"), asked(scheduler, translator, "vier")
        await settle()
        leaving.cancel()
        await settle()
        translator.gate.set()
        await asyncio.gather(running, staying)
        assert leaving.cancelled()

    metrics = run(scenario)
    assert translator.batches == [["eins"], ["vier"]]
    assert metrics.registry.get_sample_value("nmt_dropped_sentences_total") == 2


def test_a_full_queue_says_when_to_come_again(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        tasks = [asked(scheduler, translator, "eins")]
        await settle()
        tasks += [asked(scheduler, translator, "zwei", "drei"), asked(scheduler, translator, "vier")]
        await settle()
        with pytest.raises(Overloaded, match="3 sentences are waiting") as refusal:
            await asked(scheduler, translator, "fünf")
        assert refusal.value.waiting == 3
        assert refusal.value.retry_after is not None
        assert refusal.value.retry_after >= 1
        translator.gate.set()
        await asyncio.gather(*tasks)
        await asked(scheduler, translator, "fünf")

    run(scenario, queue_sentences=3)


@pytest.mark.parametrize(("runtime", "at_once"), [("int8", 4), ("reference", 1)])
def test_batches_at_the_same_time_shorten_the_wait(translator: Watched, runtime: str, at_once: int) -> None:
    translator._scorers = replace(translator._scorers, runtime=runtime)

    async def scenario(scheduler: Scheduler) -> None:
        running = [asked(scheduler, translator, "eins") for _ in range(at_once)]
        await settle()
        waiting = asked(scheduler, translator, "x" * 8000)
        await settle()
        with pytest.raises(Overloaded) as refusal:
            await asked(scheduler, translator, "fünf")
        assert refusal.value.retry_after == 1 + 8 // at_once  # at 1,000 characters/s each, as long as nothing is measured
        waiting.cancel()
        translator.gate.set()
        await asyncio.gather(*running)

    run(scenario, queue_sentences=1, threads=4, batch_sentences=1)


def test_a_request_larger_than_the_queue_is_refused(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        with pytest.raises(RequestTooLarge, match="at most") as refusal:
            await asked(scheduler, translator, "x" * 101)
        assert (refusal.value.characters, refusal.value.most_characters) == (101, 100)

    run(scenario, queue_characters=100)


def test_no_sentences_are_no_work(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        assert await asked(scheduler, translator) == []

    run(scenario)
    assert translator.batches == []
