"""The store of glossaries, against a dictionary of Python's that is told the same."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nmt.translate.glossary import Entry, Glossary
from service import glossaries
from service.errors import UnknownGlossary
from service.glossaries import Glossaries, combined
from service.state import State

PAIRS = [("de", "en"), ("en", "de"), ("de", "fr")]


def dictionary(entries: dict[str, str], pair: tuple[str, str]) -> Glossary:
    return Glossary(tuple(Entry(*entry) for entry in entries.items()), *pair)


def as_dict(glossary: Glossary) -> dict[str, str]:
    return {entry.source: entry.target for entry in glossary.entries}


@pytest.mark.parametrize("seed", range(5))
def test_it_holds_what_it_was_told(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    store = Glossaries(State(tmp_path))
    expected: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for step in range(120):
        pair = chance.choice(PAIRS)
        entries = {f"t{chance.randrange(6)}": f"x{chance.randrange(9)}" for _ in range(chance.randrange(1, 4))}
        known = chance.choice(list(expected)) if expected else None
        match chance.choice(["create", "put", "extend", "remove", "delete", "reopen"]):
            case "create":
                expected[store.create(f"g{step}", {pair: dictionary(entries, pair)}).id] = {pair: entries}
            case "put" if known:
                store.put(known, pair, dictionary(entries, pair))
                expected[known][pair] = entries
            case "extend" if known:
                store.change(known, {pair: dictionary(entries, pair)})
                expected[known][pair] = expected[known].get(pair, {}) | entries
            case "remove" if known and pair in expected[known]:
                store.remove(known, pair)
                del expected[known][pair]
            case "delete" if known and chance.random() < 0.3:
                store.delete(known)
                del expected[known]
            case "reopen":
                store = Glossaries(State(tmp_path))
        assert [one.id for one in store.list()] == list(expected)
        for identifier, dictionaries in expected.items():
            assert store.find(identifier).sizes == {pair: len(own) for pair, own in dictionaries.items()}
            for own_pair, own in dictionaries.items():
                assert as_dict(store.dictionary(identifier, own_pair)) == own


def test_what_is_not_there_is_named() -> None:
    store = Glossaries(State(None))
    one = store.create("a", {("de", "en"): dictionary({"a": "b"}, ("de", "en"))})
    for ask in (store.find, store.delete, lambda name: store.change(name, {}, name="b")):
        with pytest.raises(UnknownGlossary, match="there is no glossary 'none'"):
            ask("none")
    with pytest.raises(UnknownGlossary, match=f"'{one.id}' with a dictionary for en→de"):
        store.dictionary(one.id, ("en", "de"))
    with pytest.raises(UnknownGlossary, match="with a dictionary for en→de"):
        store.remove(one.id, ("en", "de"))


def test_threads_and_processes_may_share_it(tmp_path: Path) -> None:
    stores = [Glossaries(State(tmp_path)), Glossaries(State(tmp_path))]
    pair = ("de", "en")

    def fill(store: Glossaries) -> None:
        for number in range(20):
            store.create(str(number), {pair: dictionary({"a": "b"}, pair)})

    threads = [threading.Thread(target=fill, args=(store,)) for store in [*stores, *stores]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(store.list()) for store in stores] == [80, 80]


def test_an_entry_that_reads_like_a_header_stays_an_entry() -> None:
    store = Glossaries(State(None))
    for entries in ({"source": "target", "a": "b"}, {"de": "en", "a": "b"}, {"de": "fr"}):
        one = store.create("a", {("de", "en"): dictionary(entries, ("de", "en"))})
        assert as_dict(store.dictionary(one.id, ("de", "en"))) == entries


def test_of_several_dictionaries_the_first_counts() -> None:
    pair = ("de", "en")
    first, second = dictionary({"a": "1", "b": "1"}, pair), dictionary({"b": "2", "c": "2"}, pair)
    assert as_dict(combined([first, second])) == {"a": "1", "b": "1", "c": "2"}
    assert combined([first]) is first


def test_dictionaries_that_are_ready_are_those_that_are_stored() -> None:
    store, pair = Glossaries(State(None)), ("de", "en")
    first, second = ({"a": "1", "b": "1"}, {"b": "2", "c": "2"})
    names = [store.create("a", {pair: dictionary(entries, pair)}).id for entries in (first, second)]
    assert as_dict(store.ready(names, pair)) == {"a": "1", "b": "1", "c": "2"}
    assert as_dict(store.ready(names[::-1], pair)) == {"a": "1", "b": "2", "c": "2"}
    assert store.ready(names, pair) is store.ready(names, pair)
    store.change(names[0], {pair: dictionary({"a": "3"}, pair)})
    assert as_dict(store.ready(names, pair)) == {"a": "3", "b": "1", "c": "2"}
    with pytest.raises(UnknownGlossary, match="there is no glossary 'none'"):
        store.ready([names[0], "none"], pair)


def test_a_glossary_that_is_named_several_times_is_made_ready_once() -> None:
    store = Glossaries(State(None))
    first, second = (store.create("a", {PAIRS[0]: dictionary({word: "x"}, PAIRS[0])}).id for word in "ab")
    assert store.ready([first, first, first], PAIRS[0]) is store.ready([first], PAIRS[0])
    assert store.ready([second, first, second], PAIRS[0]) is store.ready([second, first], PAIRS[0])


def test_dictionaries_are_kept_ready_up_to_so_many_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossaries, "_READY", 10_000)
    store, pair = Glossaries(State(None)), ("de", "en")
    long, small, longest = (
        store.create("a", {pair: dictionary({f"{name}{number}": "x" for number in range(size)}, pair)}).id
        for name, size in (("a", 500), ("b", 10), ("c", 2_000))
    )
    ready = {name: store.ready([name], pair) for name in (long, small)}
    assert [store.ready([name], pair) is ready[name] for name in (long, small)] == [True, True]
    assert len(store.ready([longest], pair).entries) == 2_000, "too long to be kept, and made all the same"
    assert store._ready._characters == 0
    assert store.ready([small], pair) is not ready[small]
    assert 1_000 < store._ready._characters < 1_100


def test_requests_that_come_at_once_make_a_dictionary_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store, pair = Glossaries(State(None)), ("de", "en")
    name, prepare, prepared = store.create("a", {pair: dictionary({"a": "b"}, pair)}).id, Glossary.prepare, []

    def counted(self: Glossary) -> None:
        prepared.append(self)
        time.sleep(0.1)
        prepare(self)

    monkeypatch.setattr(Glossary, "prepare", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: store.ready([name], pair), range(4)))
    assert len({id(one) for one in found}) == len(prepared) == 1
