"""Model cards as a model hub's own program reads them, and the licences that they tell."""

from __future__ import annotations

import pytest
from huggingface_hub import ModelCard

from nmt.checkpoint.card import model_card
from nmt.checkpoint.info import LanguageModelInfo, ModelInfo, ReportedScore, Training
from nmt.config.licence import TextSource, duties
from nmt.config.network import LanguageModelConfig, ModelConfig
from nmt.config.yaml import parse
from nmt.errors import ConfigurationError
from nmt.model.statistics import statistics

TRAINING = Training(command="none", updates=0, minutes=0.0, machine="any", corpora={}, sentence_pairs=1)
SIZES = {"embedding_size": 8, "encoder_hidden_size": 16, "decoder_hidden_size": 24}
SOURCES = (
    TextSource(text="sentences", licence="LicenseRef-CC-BY-2.0-FR", authors='Ann: "and" Bob\'s', url="https://example.org"),
    TextSource(text="manuals", licence="gpl-2.0-or-later", authors="their writers"),
)


def _card(**facts: object) -> str:
    values = {
        "name": "x",
        "source_language": "de",
        "target_language": "en",
        "description": "German: 'to' English",
        "licence": "x",
        "model": ModelConfig.model_validate(SIZES),
        "training": TRAINING,
        "scores": (),
    }
    info = ModelInfo(**(values | facts))  # type: ignore[arg-type]
    return model_card(info, cost=statistics(info.build(vocabulary_size=40)), limitations="")


def test_a_hub_reads_the_facts_of_a_card() -> None:
    score = {"signature": "nrefs:1|case:mixed|eff:no", "beam_size": 5}
    scores = (
        ReportedScore(test_set="tatoeba: all", metric="BLEU", value=31.25, **score),  # type: ignore[arg-type]
        ReportedScore(test_set="tatoeba: all", metric="chrF2", value=55.5, **score),  # type: ignore[arg-type]
        ReportedScore(test_set="news", metric="BLEU", value=12.0, **score),  # type: ignore[arg-type]
    )
    data = ModelCard(_card(scores=scores)).data
    assert data.language == ["de", "en"]
    assert data.pipeline_tag == "translation"
    assert data.library_name == "nmt"
    found = {(one.dataset_name, one.metric_name): one.metric_value for one in data.eval_results}
    assert found == {("tatoeba: all", "BLEU"): 31.25, ("tatoeba: all", "chrF2"): 55.5, ("news", "BLEU"): 12.0}
    assert {one.metric_args for one in data.eval_results} == {score["signature"]}


def test_a_hub_reads_the_facts_of_a_language_model() -> None:
    config = LanguageModelConfig(embedding_size=8, hidden_size=16)
    info = LanguageModelInfo(
        name="x", language="en", description="x", licence="x", model=config, training=TRAINING, scores=()
    )
    data = ModelCard(model_card(info, cost=statistics(info.build(vocabulary_size=40)), limitations="")).data
    assert data.language == ["en"]
    assert data.pipeline_tag == "text-generation"


@pytest.mark.parametrize(
    ("licence", "license", "name"),
    [
        ("Apache-2.0", "apache-2.0", None),
        ("cc-by-4.0", "cc-by-4.0", None),
        ("several: see below", "other", "several: see below"),
        ("MIT OR Apache-2.0", "other", "MIT OR Apache-2.0"),
        ("LicenseRef-Ours", "other", "LicenseRef-Ours"),
    ],
)
def test_a_hub_gets_a_licence_that_it_knows(licence: str, license: str, name: str | None) -> None:
    data = ModelCard(_card(licence=licence)).data
    assert data.license == license
    assert data.to_dict().get("license_name") == name


def test_a_card_names_each_source_its_licence_its_authors_and_its_duties() -> None:
    card = _card(sources=SOURCES)
    first = '| [sentences](https://example.org) | LicenseRef-CC-BY-2.0-FR | Ann: "and" Bob\'s | name the authors |'
    assert first in card.splitlines()
    second = (
        "| manuals | GPL-2.0-or-later | their writers | pass on what you make of it under the same licence, with its source"
    )
    assert f"{second} |" in card.splitlines()
    assert "Text that it learned from" not in _card()


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC0-1.0", "do nothing"),
        ("CC-BY-SA-3.0", "name the authors; pass on what you make of it under the same licence"),
        ("MIT OR Apache-2.0", "keep the notice and the licence with it, or: keep the notices and the licence with it"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", duties("GPL-2.0-only")),
        ("(GPL-2.0-or-later AND CC0-1.0)", f"{duties('GPL-2.0-only')}; do nothing"),
        ("LicenseRef-Unheard-Of", "see its terms"),
    ],
)
def test_duties_follow_the_licence(licence: str, expected: str) -> None:
    assert duties(licence) == expected


def test_a_licence_that_spdx_lacks_is_refused_by_its_place() -> None:
    tree = {"text": "x", "licence": "GPL 2", "authors": "x"}
    with pytest.raises(ConfigurationError, match=r"^r: licence: should be a name of https://spdx.org.*not 'GPL 2'$"):
        parse(TextSource, tree, where="r")
