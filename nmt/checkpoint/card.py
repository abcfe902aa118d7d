"""The model card: facts that a person should know before using a model."""

from __future__ import annotations

from nmt.checkpoint.info import AnyInfo
from nmt.model.statistics import ModelStatistics


def model_card(info: AnyInfo, *, cost: ModelStatistics, limitations: str) -> str:
    """Markdown with languages, data, licence, scores with signatures, and the command that made the model."""
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
    training = info.training
    origins = "".join(f"\nOf `{name}` a machine wrote one side: `{how}`\n" for name, how in training.machine_written.items())
    picked = "".join(f"\n- {line}" for line in training.picked)
    picks = f"\n`recipe: auto` picked by the size of the text:\n{picked}\n" if picked else ""
    parts = "\n".join(f"- {label}: {value}" for label, value in cost.architecture)
    card = f"""# {info.name}

{info.description}

{info.purpose}; {cost.parameters:,} parameters, {cost.flops_per_token / 1e6:.1f} MFLOP per token.

{parts}

Licence: {info.licence}

## Scores

| test set | metric | score | beam |
|---|---|---|---|
{scores}

{signatures}
{notes}
## How it was made

`{training.command}`: {training.updates:,} updates on {training.sentence_pairs:,} {info.examples} in
{training.minutes:.0f} minutes on {training.machine}, in {training.precision}.

| text | sha256 |
|---|---|
{corpora}
{origins}{picks}"""
    return f"{card}\n## What it gets wrong\n\n{limitations.strip()}\n" if limitations.strip() else card
