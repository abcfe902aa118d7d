"""The scheduler with real translators, some of which wait for a sign or break on a word."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.server import SENTENCES
from support.waiting import wait_until
from support.watched import Watched, settle

from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.translate.ask import Ask, Sentence
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator
from service.clients import CLIENT, Client
from service.errors import Overloaded, RequestTooLarge
from service.metrics import Metrics
from service.scheduler import FIRST_SPEED, FULL_BATCH, Batch, Scheduler, Speed
from service.settings import Settings

QUICK = SearchOptions(beam_size=2, max_length_ratio=1.0, max_length_offset=2)


@pytest.fixture
def translator(models: Path) -> Watched:
    translator = Watched.load(models / "x-de-en", device="cpu", threads=1)
    translator.gate, translator.batches = threading.Event(), []
    return translator


def run(scenario: Callable[[Scheduler], Coroutine[Any, Any, None]], **settings: float) -> Metrics:
    """Runs `scenario` with a scheduler and checks that nothing is left waiting when it is through."""
    metrics = Metrics()

    async def with_scheduler() -> None:
        chosen = Settings(**({"threads": 1} | settings))
        with ThreadPoolExecutor(chosen.threads) as worker:
            await scenario(Scheduler(chosen, metrics, worker))

    asyncio.run(with_scheduler())
    assert metrics.registry.get_sample_value("nmt_queue_sentences") == 0
    assert metrics.registry.get_sample_value("nmt_queue_cost") == 0
    return metrics


@contextlib.contextmanager
def by(name: str, *, in_background: bool = False) -> Iterator[None]:
    """Who asks within."""
    token = CLIENT.set(Client(name, is_interactive=not in_background))
    yield
    CLIENT.reset(token)


def asked(
    scheduler: Scheduler, translator: Translator, *sentences: str, options: SearchOptions = QUICK
) -> asyncio.Task[Any]:
    ask = Ask(tuple(map(Sentence, sentences)), options, attention=False)

    async def request() -> list[SentenceTranslation]:
        sizes = translator.sizes(ask)
        scheduler.admit({translator: sum(size.cost for size in sizes)})
        return await scheduler.answer(translator, ask, sizes)

    return asyncio.ensure_future(request())


@pytest.mark.parametrize(("runtime", "at_once"), [("int8", 3), ("reference", 1)])
def test_int8_runs_a_batch_on_each_thread(translator: Watched, runtime: str, at_once: int) -> None:
    translator._decoder = replace(decoder := translator._decoder, scorers=replace(decoder.scorers, runtime=runtime))
    begun = []

    def counted(ask: Ask, **named: Any) -> list[SentenceTranslation | InputError]:
        begun.append(ask.sentences)
        return Watched.attempt(translator, ask, **named)

    translator.attempt = counted  # type: ignore[method-assign]

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

    run(scenario, batch_tokens=60)
    for batch in translator.batches:
        longest = max(len(translator._tokenizer.encode(sentence)) for sentence in batch)
        assert len(batch) == 1 or len(batch) * longest * QUICK.beam_size <= 60
    assert max(len(batch) for batch in translator.batches) > 2


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
    assert {"zwei", word, "drei"} in map(set, translator.batches)
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


def cost_of(translator: Translator, *sentences: str, options: SearchOptions = QUICK) -> int:
    return sum(size.cost for size in translator.sizes(Ask(tuple(map(Sentence, sentences)), options, attention=False)))


def test_a_full_queue_says_when_to_come_again(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        with by("the first"):
            tasks = [asked(scheduler, translator, "eins")]
            await settle()
        with by("the second"):
            tasks += [asked(scheduler, translator, "zwei", "drei")]
        await settle()
        with by("the third"), pytest.raises(Overloaded, match="2 sentences are waiting") as refusal:
            await asked(scheduler, translator, "vier")
        assert refusal.value.waiting == 2
        assert refusal.value.retry_after is not None
        assert refusal.value.retry_after >= 1
        translator.gate.set()
        await asyncio.gather(*tasks)
        await asked(scheduler, translator, "vier")

    run(scenario, queue_cost=cost_of(translator, "eins", "zwei", "drei", "vier") - 1)


@pytest.mark.parametrize(("runtime", "at_once"), [("int8", 4), ("reference", 1)])
def test_batches_at_the_same_time_shorten_the_wait(translator: Watched, runtime: str, at_once: int) -> None:
    translator._decoder = replace(decoder := translator._decoder, scorers=replace(decoder.scorers, runtime=runtime))
    waiting, new = "zwei " * 400, "drei " * 400
    seconds = cost_of(translator, waiting) / FIRST_SPEED

    async def scenario(scheduler: Scheduler) -> None:
        with by("the first"):
            running = [asked(scheduler, translator, "eins") for _ in range(at_once)]
            await settle()
            running.append(asked(scheduler, translator, waiting))
        await settle()
        with by("the second"):
            last = asked(scheduler, translator, new)
        await settle()
        assert last.done() == (at_once == 1)
        if last.done():
            assert isinstance(last.exception(), Overloaded)
            assert last.exception().retry_after == 1 + int(seconds / 2)
        translator.gate.set()
        await asyncio.gather(*running, *([] if last.done() else [last]))

    # In one thread there is time for one and a half of them.
    run(scenario, request_timeout=3 * seconds, threads=4, batch_sentences=1)


def test_what_one_request_may_cost_is_said_with_the_number(translator: Watched) -> None:
    cost = cost_of(translator, "eins", "zwei")

    async def scenario(scheduler: Scheduler) -> None:
        translator.gate.set()
        await asked(scheduler, translator, "eins", "zwei")
        with pytest.raises(RequestTooLarge, match="at most") as refusal:
            await asked(scheduler, translator, "eins", "zwei", "drei")
        assert (refusal.value.cost, refusal.value.limit) == (cost_of(translator, "eins", "zwei", "drei"), cost)
        assert f"{cost:,}" in refusal.value.message

    run(scenario, max_cost=cost)


def test_what_cannot_be_done_in_time_is_refused_at_once(translator: Watched) -> None:
    cost = cost_of(translator, "eins zwei drei")

    async def scenario(scheduler: Scheduler) -> None:
        with pytest.raises(RequestTooLarge) as refusal:
            await asked(scheduler, translator, "eins zwei drei")
        assert refusal.value.cost == cost > refusal.value.limit > 0.9 * cost

    run(scenario, request_timeout=2 * cost / FIRST_SPEED * 0.95)
    assert translator.batches == []


def test_full_batches_tell_the_speed_and_short_ones_hardly_do() -> None:
    speed = Speed()
    assert speed.value == FIRST_SPEED
    for _ in range(1000):
        speed.measure(50, 0.05)  # a thousand a second, nearly all of it what any batch takes
    assert speed.value > FIRST_SPEED / 2
    speed.measure(FULL_BATCH, FULL_BATCH / 5_000)  # of a model that is slow indeed
    assert speed.value < 10_000
    for _ in range(100):
        speed.measure(FULL_BATCH, FULL_BATCH / 100_000)
    assert speed.value == pytest.approx(100_000, rel=0.1)


def test_one_client_cannot_fill_the_queue(translator: Watched) -> None:
    one = cost_of(translator, "Wort eins")

    async def scenario(scheduler: Scheduler) -> None:
        with by("greedy"):
            tasks = [asked(scheduler, translator, "Wort eins") for _ in range(40)]
            await settle()
        refused = [task for task in tasks if task.done()]
        assert len(refused) >= 19
        assert all(isinstance(task.exception(), Overloaded) for task in refused)
        for name in range(5):
            with by(f"modest {name}"):
                tasks.append(asked(scheduler, translator, "Wort eins"))
                await settle()
                assert not tasks[-1].done()
        translator.gate.set()
        await asyncio.gather(*(task for task in tasks if task not in refused))

    run(scenario, queue_cost=40 * one)


@pytest.mark.parametrize(("requests", "sentences"), [(3, 9), (27, 1)])
def test_clients_have_equal_shares(translator: Watched, requests: int, sentences: int) -> None:
    """Whether one asks for much at a time or for little many times."""

    async def scenario(scheduler: Scheduler) -> None:
        with by("first"):
            held = asked(scheduler, translator, "eins")
            await settle()
            big = [
                asked(scheduler, translator, *[f"Band {number} {part}" for part in range(sentences)])
                for number in range(requests)
            ]
        await settle()
        with by("second"):
            small = [asked(scheduler, translator, f"Wort {number}") for number in range(4)]
            await settle()
        translator.gate.set()
        await asyncio.gather(held, *big, *small)

    run(scenario, batch_sentences=1)
    order = ["second" if batch[0].startswith("Wort") else "first" for batch in translator.batches[1:]]
    assert order[:9].count("second") == 4, order


def test_people_go_before_documents(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        with by("a client", in_background=True):
            tasks = [asked(scheduler, translator, *[f"Seite {number}" for number in range(12)])]
            await settle()
        with by("a client"):
            tasks += [asked(scheduler, translator, *[f"Wort {number}" for number in range(6)])]
            await settle()
        translator.gate.set()
        await asyncio.gather(*tasks)

    run(scenario, batch_sentences=1)
    order = [batch[0].split()[0] for batch in translator.batches[1:]]
    assert order[:7].count("Wort") == 6, order
    assert order.count("Seite") == 11


def test_a_batch_takes_sentences_of_like_length(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        tasks = [asked(scheduler, translator, "null")]
        await settle()
        texts = [word for number in range(6) for word in (f"w{number}", f"lang {number} " * 6)]
        for number, text in enumerate(texts):
            with by(str(number)):
                tasks.append(asked(scheduler, translator, text))
                await settle()
        translator.gate.set()
        await asyncio.gather(*tasks)

    run(scenario, batch_tokens=2 * 6 * 40)
    for batch in translator.batches[1:]:
        assert len({text.startswith("lang") for text in batch}) == 1, translator.batches


LASTING = SearchOptions(beam_size=2, max_length_ratio=10.0, min_length_ratio=10.0)


def stepping(translator: Watched, between: Callable[[Ask, Callable[[], Any]], Any]) -> None:
    """Has `between` called between two steps of a batch, with its ask and what the scheduler does then."""

    def attempt(ask: Ask, **named: Any) -> list[SentenceTranslation | InputError]:
        own = {**named, "dropped": lambda: between(ask, named["dropped"])}
        return Watched.attempt(translator, ask, **own)

    translator.attempt = attempt  # type: ignore[method-assign]


def test_what_is_dropped_leaves_the_running_batch_and_its_mates_stay_as_they_are(translator: Watched) -> None:
    alone = [translator.translate_sentences([text], LASTING, attention=False)[0] for text in SENTENCES[:4]]

    async def scenario(scheduler: Scheduler) -> None:
        held = asked(scheduler, translator, "null")
        await settle()
        leaving = asked(scheduler, translator, *SENTENCES[:2], options=LASTING)
        staying = asked(scheduler, translator, *SENTENCES[2:4], options=LASTING)
        await settle()
        loop, in_the_middle, steps = asyncio.get_running_loop(), asyncio.Event(), []

        def between(ask: Ask, dropped: Callable[[], Any]) -> Any:
            steps.append(len(ask.sentences))
            if steps.count(4) == 3:
                loop.call_soon_threadsafe(in_the_middle.set)
                wait_until(lambda: bool(dropped()), seconds=30)
            return dropped()

        stepping(translator, between)
        translator.gate.set()
        await in_the_middle.wait()
        leaving.cancel()
        assert [one.text for one in await staying] == [one.text for one in alone[2:]]
        assert leaving.cancelled()
        await held

    metrics = run(scenario)
    assert metrics.registry.get_sample_value("nmt_interrupted_sentences_total") == 2


def test_a_batch_that_nobody_waits_for_ends_at_its_next_step(translator: Watched) -> None:
    steps: list[float] = []

    async def scenario(scheduler: Scheduler) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def between(_ask: Ask, dropped: Callable[[], Any]) -> Any:
            steps.append(time.monotonic())
            if len(steps) == 2:
                loop.call_soon_threadsafe(begun.set)
                wait_until(lambda: bool(dropped()), seconds=30)
            return dropped()

        stepping(translator, between)
        translator.gate.set()
        task = asked(scheduler, translator, " ".join(SENTENCES), options=LASTING)
        await begun.wait()
        task.cancel()
        while scheduler.running:
            await asyncio.sleep(0.01)
        assert task.cancelled()

    run(scenario)
    assert len(steps) == 3  # the last is no step, but the look at whose results are still wanted


@pytest.mark.slow
def test_a_short_sentence_is_let_in_between_the_steps_of_a_long_batch(translator: Watched) -> None:
    text = " ".join(SENTENCES)
    long_alone = translator.translate_sentences([text], LASTING, attention=False)[0]
    short_alone = translator.translate_sentences(["Wort"], QUICK, attention=False)[0]

    def between(ask: Ask, dropped: Callable[[], Any]) -> Any:
        time.sleep(0.003 if ask.sentences[0].text == text else 0.0)
        return dropped()

    stepping(translator, between)
    translator.gate.set()

    async def scenario(scheduler: Scheduler) -> None:
        with by("patient"):
            long = asked(scheduler, translator, text, options=LASTING)
            await asyncio.sleep(0.02)
        with by("brief"):
            short = asked(scheduler, translator, "Wort")
        assert (await short)[0].text == short_alone.text
        assert not long.done()
        assert (await long)[0].text == long_alone.text

    run(scenario)


def test_guests_that_start_meanwhile_are_no_hindrance_to_a_look_at_all_batches() -> None:
    guests = [Batch([], is_guest=True) for _ in range(3)]
    batch = Batch([], guests=deque(guests))
    scheduler = Scheduler(Settings(), Metrics(), ThreadPoolExecutor(1))
    scheduler.running.append(batch)
    look = scheduler._batches()
    assert [next(look), next(look)] == [batch, guests[0]]
    batch.guests.popleft()  # as the thread of the batch does
    assert list(look) == guests[1:]


def test_no_sentences_are_no_work(translator: Watched) -> None:
    async def scenario(scheduler: Scheduler) -> None:
        assert await asked(scheduler, translator) == []

    run(scenario)
    assert translator.batches == []
