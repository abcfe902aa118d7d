"""Times CTranslate2's decoding in one thread; run by decoding_peer.py with the peer's own Python.

    python ctranslate2_decode.py < WORK

WORK is JSON: `tokenizer` (SentencePiece), `layers`, `size` and `compute` of a Transformer with random weights, and
`settings`, each with `beam`, `batch`, `rounds`, `texts`, and `lengths`, the tokens that each text's translation has. Prints
a JSON list: of each setting the sentences per second of each round.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import ctranslate2
import sentencepiece
from ctranslate2_app import vocabulary_of, write_model


def main() -> None:
    work = json.load(sys.stdin)
    pieces = sentencepiece.SentencePieceProcessor(model_file=work["tokenizer"])
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder), vocabulary_of(pieces), layers=work["layers"], size=work["size"], compute=work["compute"])
        translator = ctranslate2.Translator(
            folder, device="cpu", compute_type=work["compute"], inter_threads=1, intra_threads=1
        )
    speeds = []
    for setting in work["settings"]:
        texts, lengths, batch = setting["texts"], setting["lengths"], setting["batch"]
        tokens = [pieces.encode(text, out_type=str) for text in texts]
        # Sentences of about one length are in a batch, all of which write its mean: no place of a batch is for nothing.
        order = sorted(range(len(texts)), key=lengths.__getitem__) if batch > 1 else list(range(len(texts)))
        own = []
        for _ in range(setting["rounds"]):
            began = time.perf_counter()
            for start in range(0, len(order), batch):
                group = order[start : start + batch]
                length = round(sum(lengths[number] for number in group) / len(group))
                translator.translate_batch(
                    [tokens[number] for number in group],
                    beam_size=setting["beam"],
                    min_decoding_length=length,
                    max_decoding_length=length,
                )
            own.append(len(texts) / (time.perf_counter() - began))
        speeds.append(own)
    json.dump(speeds, sys.stdout)


if __name__ == "__main__":
    main()
