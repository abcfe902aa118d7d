"""The model card: facts that a person should know before using a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nmt.checkpoint.info import AnyInfo, ModelInfo
from nmt.config.licence import TextSource, duties, hub_licence
from nmt.config.yaml import to_yaml
from nmt.model.statistics import ModelStatistics


def model_card(info: AnyInfo, *, cost: ModelStatistics, limitations: str) -> str:
    """Markdown with languages, data, licence, scores with signatures, and the command that made the model.

    It begins with the facts as model hubs read them: YAML between two lines of dashes.
    """
    corpora = "\n".join(f"| `{name}` | `{checksum}` |" for name, checksum in info.training.corpora.items())
    scores = "\n".join(
        f"| {score.test_set} | {score.metric} | {score.shown} | {score.beam_size or '–'} |" for score in info.scores
    )
    # Not in the table: a signature is full of the bars that divide its cells.
    signatures = "\n".join(
        f"- {metric}: `{text}`" for metric, text in dict.fromkeys((s.metric, s.signature) for s in info.scores)
    )
    notes = "".join(
        f"\nOn {test_set}: {note}.\n"
        for test_set, note in dict.fromkeys((s.test_set, s.note) for s in info.scores if s.note)
    )
    repeated = "".join(
        f"\nThe search alone made them, without what `nmt translate` does before and after it: `{command}`.\n"
        for command in dict.fromkeys(score.made_by for score in info.scores if score.made_by)
    )
    training = info.training
    synthetic = "".join(
        f"\nOf `{name}` a machine wrote one side: `{how}`\n" for name, how in training.machine_written.items()
    )
    picked = "".join(f"\n- {line}" for line in training.picked)
    picks = f"\n`recipe: auto` picked by the size of the text:\n{picked}\n" if picked else ""
    parts = "\n".join(f"- {label}: {value}" for label, value in cost.architecture)
    card = f"""---
{to_yaml(_front_matter(info))}---

# {info.name}

{info.description}

{info.purpose}; {cost.parameters:,} parameters, {cost.flops_per_token / 1e6:.1f} MFLOP per token.

{parts}

Licence: {info.licence}
{origins(info.sources)}
## Scores

| test set | metric | score | beam |
|---|---|---|---|
{scores}

{signatures}
{notes}{repeated}
## How it was made

`{training.command}`: {training.updates:,} updates on {training.sentence_pairs:,} {info.examples} in
{training.minutes:.0f} minutes on {training.machine}, in {training.precision}.

| text | sha256 |
|---|---|
{corpora}
{synthetic}{picks}"""
    return f"{card}\n## What it gets wrong\n\n{limitations.strip()}\n" if limitations.strip() else card


def origins(sources: Sequence[TextSource]) -> str:
    """Sources of a model's text in Markdown, each with its licence, its authors and its licence's duties; "" for none."""
    if not sources:
        return ""
    rows = "\n".join(
        f"| {f'[{source.text}]({source.url})' if source.url else source.text} | {source.licence} | {source.authors} "
        f"| {duties(source.licence)} |"
        for source in sources
    )
    return f"""
## Text that it learned from

The licences ask those who pass the model on for what the last column says in a few words; the licences themselves decide.

| text | licence | authors | asks you to |
|---|---|---|---|
{rows}
"""


def _front_matter(info: AnyInfo) -> dict[str, Any]:
    task = "translation" if isinstance(info, ModelInfo) else "text-generation"
    licence = hub_licence(info.licence)
    results = [
        {
            "task": {"type": task},
            "dataset": {"name": score.test_set, "type": score.test_set},
            "metrics": [{"type": score.metric.lower(), "value": score.value, "name": score.metric, "args": score.signature}],
        }
        for score in info.scores
    ]
    return {
        "language": [info.source_language, info.target_language] if isinstance(info, ModelInfo) else [info.language],
        **({"license": licence} if licence else {"license": "other", "license_name": info.licence}),
        "pipeline_tag": task,
        "library_name": "nmt",
        "tags": ["lstm", "recurrent"],
        "model-index": [{"name": info.name, "results": results}],
    }
