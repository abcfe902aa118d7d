"""Python as people write it: what may be handed over, what is refused, and the examples of the documentation."""

from __future__ import annotations

import asyncio
import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_overloads, get_type_hints

import pytest

import nmt
from nmt import SearchOptions, Translation, Translator
from nmt.errors import ConfigurationError, InputError, NmtError

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "checkpoints" / "broad-de-en-fast"
GERMAN, ENGLISH = "Wo ist der Bahnhof?", "Where is the station?"
pytestmark = pytest.mark.skipif(not MODEL.is_dir(), reason="the shipped models are not here")


@pytest.fixture(scope="module")
def translator() -> Translator:
    return nmt.load("broad-de-en-fast", device="cpu")


def test_a_text_has_one_translation_and_a_list_a_list(translator: Translator) -> None:
    one = translator.translate(GERMAN)
    assert one == translator.translate([GERMAN])[0]
    assert (one.text, str(one)) == (ENGLISH, ENGLISH)
    assert translator.translate(text for text in (GERMAN, "")) == [one, translator.translate("")]
    assert translator.translate([]) == []


def test_options_are_the_same_by_object_by_mapping_and_by_name(translator: Translator) -> None:
    expected = translator.translate(GERMAN, SearchOptions(beam_size=3, n_best=2, forbidden=("station",)))
    assert len(expected.texts) == 2
    assert translator.translate(GERMAN, {"beam_size": 3, "n_best": 2, "forbidden": ["station"]}) == expected
    assert translator.translate(GERMAN, {"beam_size": 3}, n_best=2, forbidden=["station"]) == expected
    assert translator.translate(GERMAN, SearchOptions(beam_size=3), n_best=2, forbidden=("station",)) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bset": 3}, "unknown option n_bset; did you mean n_best?"),
        ({"glosary": None}, "unknown option glosary; did you mean glossary?"),
        ({"options": {"beamsize": 3}}, "options: unknown key beamsize; did you mean beam_size?"),
        ({"beam_size": 0}, "options: beam_size: Input should be greater than or equal to 1, not 0"),
        ({"n_best": 9}, "options: n_best 9 is more than beam_size 5; ask for at most beam_size"),
        ({"forbidden": "station"}, "options: forbidden: Input should be a valid array, not 'station'"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(translator: Translator, options: dict, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        translator.translate(GERMAN, **options)
    assert str(error.value) == message


def test_what_is_no_text_is_refused(translator: Translator) -> None:
    with pytest.raises(InputError, match="a text should be a string, not int"):
        translator.translate([GERMAN, 5])  # type: ignore[list-item]
    with pytest.raises(InputError, match=r"lines should be an iterable of lines, not one text"):
        next(translator.translate_lines(GERMAN))


def test_pairs_are_scored_whatever_holds_them(translator: Translator) -> None:
    sources, targets = ("Haus", "Guten Tag.", ""), ("house", "Good day.", "")
    pairs = list(zip(sources, targets, strict=True))
    expected = translator.score(pairs)
    assert all(score > -5.0 for score in expected)
    assert translator.score(zip(sources, targets, strict=True)) == expected
    assert translator.score([list(pair) for pair in pairs]) == expected  # type: ignore[misc]
    assert [one.log_probability for one in translator.score_pairs(pair for pair in pairs)] == expected
    forced = translator.force(pair for pair in pairs)
    assert [decoding and len(decoding.log_probabilities) for decoding in forced] == [2, 5, None]


def test_a_markup_has_a_name_and_a_glossary_may_be_a_dict(translator: Translator) -> None:
    assert translator.translate("<b>Nein.</b>", markup="html").text == "<b>No.</b>"
    terms = {"Bahnhof": "depot"}
    assert translator.translate(GERMAN, glossary=terms) == translator.translate(
        GERMAN, glossary=nmt.Glossary.parse("Bahnhof\tdepot", "tsv")
    )
    assert [str(one) for one in translator.translate_lines([GERMAN], glossary={})] == [ENGLISH]
    assert translator.translate([GERMAN], prefixes=iter(["Hey"])) == translator.translate([GERMAN], prefixes=["Hey"])


def test_what_is_of_a_wrong_kind_is_a_mistake_in_one_line(translator: Translator) -> None:
    """Never an exception of Python's own."""
    anything: list[Any] = [None, 3, b"Haus", [3], [None], {3: 4}, [["Haus"]]]
    no_pairs: list[Any] = ["Haus", [("a", "b", "c")], ["ab"], [("a",)], [("a", 3)], {"a": "b"}]
    takes: list[tuple[Callable[[Any], Any], list[Any]]] = [
        (translator.translate, anything),
        (lambda given: list(translator.translate_lines(given)), anything),
        (translator.score, anything + no_pairs),
        (translator.force, anything + no_pairs),
        (translator.score_pairs, anything + no_pairs),
        (translator.split, anything),
        (translator.pieces, anything),
        (lambda given: translator.translate("Haus", given), anything[1:]),
        (lambda given: translator.translate("Haus", markup=given), [*anything, "htm"]),
        (lambda given: translator.translate("Haus", glossary=given), [*anything[1:], "Haus", {"a": 1}]),
        (lambda given: translator.translate(["Haus"], prefixes=given), [*anything, "T"]),
        (lambda given: translator.translate("Haus", batch_tokens=given), [0, None, "3"]),
        (lambda given: next(translator.translate_lines(["Haus"], window=given)), [*anything[2:], 0, None, "3"]),
        (nmt.load, anything),
        (lambda given: nmt.load("broad-de-en-fast", threads=given), [*anything[2:], "3"]),
        (lambda given: nmt.Glossary.parse(given, "tsv"), anything),
    ]
    for number, (take, given) in enumerate(takes):
        for one in given:
            with pytest.raises(NmtError) as error:
                take(one)
            assert "\n" not in str(error.value), (number, one)


def test_lines_are_read_as_they_are_asked_for_with_the_settings_of_texts(translator: Translator) -> None:
    read = []

    def lines() -> Iterator[str]:
        for line in (f"<b>{GERMAN}</b>", "<i>Nein.</i>", "<i>Ja.</i>"):
            read.append(line)
            yield line

    translations = translator.translate_lines(lines(), window=1, beam_size=2, markup=nmt.Markup(format="html"))
    assert next(translations).text == f"<b>{ENGLISH}</b>"
    assert len(read) == 1
    assert [one.text for one in translations] == ["<i>No.</i>", "<i>Yes.</i>"]
    with pytest.raises(ConfigurationError, match="did you mean beam_size"):
        next(translator.translate_lines(lines(), beamsize=1))


def test_an_event_loop_goes_on_while_texts_are_translated(translator: Translator) -> None:
    async def both() -> list[Translation]:
        tasks = (asyncio.to_thread(translator.translate, text, beam_size=2) for text in (GERMAN, "Ja."))
        return list(await asyncio.gather(*tasks))

    assert [one.text for one in asyncio.run(both())] == [ENGLISH, "Yes."]


def test_a_translation_as_json_is_a_line_of_the_command(translator: Translator, tmp_path: Path) -> None:
    (tmp_path / "text").write_text(f"{GERMAN}\n", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("nmt")), "translate", "-m", str(MODEL), "--format", "jsonl"]
    command += ["--device", "cpu", "text"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout) == {"line": 1, **json.loads(translator.translate(GERMAN).to_json())}


def test_type_checkers_know_what_comes_back() -> None:
    hints = [get_type_hints(overload) for overload in get_overloads(Translator.translate)]
    returned = {hint["texts"]: hint["return"] for hint in hints}
    assert returned == {str: Translation, Iterable[str]: list[Translation]}
    assert (ROOT / "nmt" / "py.typed").exists()


def test_a_tab_shows_the_public_names_alone() -> None:
    code = "import nmt; print(*dir(nmt)); [getattr(nmt, name) for name in dir(nmt)]; print(*dir(nmt))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    before, after = done.stdout.splitlines()
    assert before.split() == sorted(nmt.__all__)
    assert after == before


MODULES = (
    "nmt",
    "nmt.config.search",
    "nmt.translate.glossary",
    "nmt.translate.markup.options",
    "nmt.translate.result",
    "nmt.translate.translator",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_are_so(name: str, translator: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = {"nmt": nmt, "translator": translator}
    found = doctest.testmod(import_module(name), extraglobs=names, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_everything_public_has_an_example() -> None:
    """Classes, and the methods that the reference of the manual names."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    members = page.partition("members: [")[2].partition("]")[0].split(", ")
    things = [getattr(nmt, name) for name in nmt.__all__ if inspect.isclass(getattr(nmt, name)) and name != "NmtError"]
    things += [getattr(Translator, member) for member in members]
    assert len(things) > 10
    assert [thing.__qualname__ for thing in things if ">>>" not in (thing.__doc__ or "")] == []
