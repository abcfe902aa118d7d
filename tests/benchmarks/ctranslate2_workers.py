"""CTranslate2 on raw text, with so many workers of so many threads; run by peers.py with CTranslate2's own Python.

    python ctranslate2_workers.py SPM MODEL COMPUTE WORKERS THREADS IN OUT BEAM BATCH

COMPUTE is float32 or int8. With one worker a batch of one sentence is asked for on its own, as who waits for it would.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import ctranslate2
import sentencepiece

MAX_LENGTH = 100  # target tokens, as for the other peers


def main() -> None:
    vocabulary, model, compute, workers, threads, source, output, beam, batch = sys.argv[1:]
    pieces = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
    translator = ctranslate2.Translator(
        model, device="cpu", compute_type=compute, inter_threads=int(workers), intra_threads=int(threads)
    )
    lines = Path(source).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    sentences = [pieces.encode(line, out_type=str) for line in lines]
    requests = [[one] for one in sentences] if batch == workers == "1" else [sentences]
    began = time.monotonic()
    hypotheses = [
        result.hypotheses[0]
        for request in requests
        for result in translator.translate_batch(
            request, beam_size=int(beam), max_batch_size=int(batch), max_decoding_length=MAX_LENGTH
        )
    ]
    print(f"decode {time.monotonic() - began:.3f} s")
    Path(output).write_text("".join(f"{pieces.decode(one)}\n" for one in hypotheses), encoding="utf-8")


if __name__ == "__main__":
    main()
