"""What a user does with a network past the LSTM: train, translate on each runtime, and read what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sample import RECIPE, prepared
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.runtime.kernels import AVAILABLE

TEXT = "Wo ist der Bahnhof?\nIch habe Hunger.\n\nGuten Morgen, wie geht es dir heute?\n"
KINDS = {
    "blocks": (
        ["encoder_kind=blocks", "encoder_cell=olrn", "encoder_layers=2", "feed_forward_size=96"],
        "encoder BlockEncoder",
        "2 residual blocks of oLRN, 1 × 64 units",
    ),
    "self-attention": (
        ["encoder_attention_layers=1"],
        "encoder AttendingEncoder",
        "then self-attention, 4 heads of 16 units",
    ),
    "Transformer": (
        ["encoder_kind=transformer", "decoder_kind=transformer", "decoder_layers=2", "feed_forward_size=96"],
        "encoder BlockEncoder",
        "2 Transformer layers of 64 units, with feed-forward, 96 units",
    ),
}


def nmt(*arguments: object) -> str:
    """What the command prints, and the message of its error."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.output if done.exception is None else f"nmt: error: {done.exception}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_trains_translates_on_the_reference_and_says_what_it_is(kind: str, tmp_path: Path) -> None:
    settings, refused, description = KINDS[kind]
    model = prepared(tmp_path / "model")
    changes = [f"--set=model.{setting}" for setting in settings]
    short = ["--set=training.max_updates=40", "--set=training.validate_every=40"]
    nmt("train", RECIPE, "--output", model, *changes, *short)
    source = tmp_path / "source"
    source.write_text(TEXT, encoding="utf-8")
    found = {}
    for runtime, options in {"auto": [], "reference": [], "greedy": ["--beam-size=1"]}.items():
        output = tmp_path / runtime
        asked = "reference" if runtime == "greedy" else runtime
        nmt("translate", "--model", model, "--runtime", asked, "--input", source, "--output", output, *options)
        found[runtime] = output.read_text(encoding="utf-8")
    assert found["auto"] == found["reference"]
    assert [len(text.splitlines()) for text in found.values()] == [4, 4, 4]
    reason = f"it has no code for the {refused}" if AVAILABLE else "the compiled kernel is not installed"
    told = nmt("translate", "--model", model, "--runtime", "int8", "--input", source)
    assert told.startswith(f"nmt: error: runtime int8 cannot run this model: {reason}")
    assert f"runtime reference, several times slower than int8: {reason}" in (info := nmt("info", model))
    assert description in info
    assert description in (model / "README.md").read_text(encoding="utf-8")


def test_a_bad_size_is_one_line_that_names_the_key(tmp_path: Path) -> None:
    model = prepared(tmp_path / "model")
    changes = ["--set=model.encoder_kind=transformer", "--set=model.attention_heads=5"]
    told = nmt("train", RECIPE, "--output", model, *changes)
    assert "attention_heads 5 must divide encoder_hidden_size 64" in told
    assert "\n" not in told
