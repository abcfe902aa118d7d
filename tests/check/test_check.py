"""The suite of texts that do harm: its verdicts on translators known to be right or wrong, and on shipped models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nmt import Translator
from nmt.check.cases import cases
from nmt.check.judge import judged
from nmt.errors import InputError

ROOT = Path(__file__).parents[2]


def values(translate, source: str = "de") -> dict[str, float]:  # type: ignore[no-untyped-def]
    return {result.kind: result.value for result in judged(cases(source), translate)}


@pytest.mark.parametrize("source", ["de", "en"])
def test_there_are_more_than_a_thousand_cases_for_each_direction_and_they_do_not_change(source: str) -> None:
    assert len(cases(source)) >= 1000
    assert cases(source) == cases(source)
    assert all(case.text.count(span) == 1 for case in cases(source) for span in case.keeps)


def test_a_translator_that_changes_nothing_keeps_every_span_but_not_the_same_text() -> None:
    found = values(lambda texts: list(texts))
    assert found["protected spans"] == found["numbers"] == found["nothing to translate"] == found["odd characters"] == 100
    assert found["ALL CAPS"] == pytest.approx(100)
    assert found["NBSP, soft hyphens"] == 0


@pytest.mark.parametrize(
    ("kind", "harm"),
    [
        ("protected spans", lambda text: text.replace("{", "(")),
        ("protected spans", lambda text: f"{text} {text}"),
        ("numbers", lambda text: text.replace("1", "7")),
        ("nothing to translate", lambda text: text.lower() + "."),
        ("odd characters", lambda text: text[:0]),
        ("odd characters", lambda text: text * 50),
    ],
)
def test_harm_is_found(kind: str, harm) -> None:  # type: ignore[no-untyped-def]
    assert values(lambda texts: [harm(text) for text in texts])[kind] < 100


def test_a_translator_that_leaves_texts_out_is_an_error() -> None:
    with pytest.raises(InputError, match="should be one for each"):
        values(lambda texts: list(texts)[1:])


@pytest.mark.parametrize("name", ["broad-de-en-fast", "broad-en-de-fast"])
def test_a_shipped_model_keeps_what_is_promised(name: str) -> None:
    translator = Translator.load(ROOT / "checkpoints" / name, device="cpu")

    def translate(texts: Sequence[str]) -> list[str]:
        return [one.text for one in translator.translate_lines(texts)]

    results = judged(cases(translator.source_language), translate)
    assert {result.kind for result in results if not result.is_kept} == set()
