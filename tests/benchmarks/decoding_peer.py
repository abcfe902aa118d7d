"""How many sentences per second does a model decode beside CTranslate2, each in one thread of the same machine?

    python tests/benchmarks/decoding_peer.py checkpoints/NAME TEXT --peer-python PEER/bin/python

The peer's Python has ctranslate2, sentencepiece, fastapi and uvicorn. Its Transformer has weights drawn at random and writes
as many tokens for each sentence as our model does, so that it takes as long as a trained one. TEXT may be packed. Our time
has the segmentation into subwords in it; the peer's has not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nmt
from nmt.bench.machine import this_machine
from nmt.files.lines import Lines
from nmt.files.places import TextInput
from nmt.translate.translator import Translator

PEER = Path(__file__).with_name("ctranslate2_decode.py")
SETTINGS = ((5, 64), (1, 64), (5, 1), (1, 1))
"""Beam and batch; a batch of one is measured with the first ..."""
ONE_BY_ONE = 300


def written_tokens(translator: Translator, texts: Sequence[str], *, beam: int) -> list[int]:
    """How many tokens the model writes for each text."""
    found = translator.translate(texts, beam_size=beam, attention=False)
    return [sum(len(sentence.hypotheses[0].tokens) for sentence in one.sentences) for one in found]


def our_speeds(translator: Translator, setting: dict[str, Any]) -> list[float]:
    """Sentences per second of each round."""
    texts, speeds = setting["texts"], []
    groups = [[text] for text in texts] if setting["batch"] == 1 else [texts]
    for _ in range(setting["rounds"]):
        began = time.perf_counter()
        for group in groups:
            translator.translate(group, beam_size=setting["beam"], attention=False)
        speeds.append(len(texts) / (time.perf_counter() - began))
    return speeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("text", help="sentences, a line each")
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--peer-layers", type=int, default=3)
    parser.add_argument("--peer-size", type=int, default=256)
    parser.add_argument("--peer-compute", default="int8", choices=["int8", "float32"])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()

    os.environ["OMP_NUM_THREADS"] = "1"
    translator = nmt.load(arguments.model)
    texts = list(Lines(TextInput(arguments.text)).texts())
    lengths = {beam: written_tokens(translator, texts, beam=beam) for beam in {beam for beam, _ in SETTINGS}}
    settings: list[dict[str, Any]] = []
    for beam, batch in SETTINGS:
        count = ONE_BY_ONE if batch == 1 else len(texts)
        settings.append(
            {
                "beam": beam,
                "batch": batch,
                "rounds": arguments.rounds,
                "texts": texts[:count],
                "lengths": lengths[beam][:count],
            }
        )
    work = {
        "tokenizer": str(arguments.model / "tokenizer.model"),
        "layers": arguments.peer_layers,
        "size": arguments.peer_size,
        "compute": arguments.peer_compute,
        "settings": settings,
    }
    ours = [our_speeds(translator, setting) for setting in settings]
    done = subprocess.run(
        [arguments.peer_python, str(PEER)], input=json.dumps(work), stdout=subprocess.PIPE, text=True, check=True
    )
    theirs = json.loads(done.stdout)

    print(f"{this_machine().processor}, {len(texts)} sentences, medians of {arguments.rounds} rounds [lowest to highest]\n")
    print("| beam | batch | ours, sentences/s | CTranslate2 | times as fast |")
    print("|---|---|---:|---:|---:|")
    for setting, own, other in zip(settings, ours, theirs, strict=True):
        ratio = statistics.median(own) / statistics.median(other)
        print(f"| {setting['beam']} | {setting['batch']} | {spread(own)} | {spread(other)} | {ratio:.1f} |")


def spread(speeds: Sequence[float]) -> str:
    return f"{statistics.median(speeds):.0f} [{min(speeds):.0f} to {max(speeds):.0f}]"


if __name__ == "__main__":
    main()
