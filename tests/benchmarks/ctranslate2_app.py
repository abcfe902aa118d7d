"""CTranslate2 behind a plain FastAPI; run by service_peer.py with the peer's own Python.

    python ctranslate2_app.py TOKENIZER LAYERS SIZE COMPUTE WORKERS BEAM LENGTHS

A Transformer of LAYERS encoder and decoder layers of SIZE, with the vocabulary of TOKENIZER (SentencePiece), weights drawn
at random, and COMPUTE (float32 or int8). It takes as long as a trained one that writes as many tokens: LENGTHS, a JSON file,
has how many of each sentence. WORKERS batches are translated at a time, in one thread each, asked for from FastAPI's
pool of threads.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import ctranslate2
import numpy
import sentencepiece
import uvicorn
from ctranslate2.specs import TransformerSpec
from fastapi import FastAPI
from pydantic import BaseModel


class Question(BaseModel):
    text: list[str]
    source: str
    target: str


def vocabulary_of(pieces: sentencepiece.SentencePieceProcessor) -> list[str]:
    """The pieces by their numbers, of which the first three have the names that CTranslate2 asks for."""
    return ["<blank>", "<s>", "</s>", *(pieces.id_to_piece(number) for number in range(3, len(pieces)))]


def write_model(directory: Path, vocabulary: list[str], *, layers: int, size: int, compute: str) -> None:
    """A Transformer as Vaswani et al. (2017) have it: feed-forward layers of 4 x size, heads of 64."""
    spec = TransformerSpec.from_config(num_layers=layers, num_heads=max(1, size // 64), pre_norm=True)
    draw = numpy.random.default_rng(1)

    def fill(linear: Any, outputs: int, inputs: int = size) -> None:
        linear.weight = draw.normal(0.0, inputs**-0.5, (outputs, inputs)).astype(numpy.float32)
        if hasattr(linear, "bias"):
            linear.bias = numpy.zeros(outputs, numpy.float32)

    def normalise(norm: Any) -> None:
        norm.gamma, norm.beta = numpy.ones(size, numpy.float32), numpy.zeros(size, numpy.float32)

    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        fill(embeddings, len(vocabulary))
        normalise(side.layer_norm)
        for layer in side.layer:
            fill(layer.self_attention.linear[0], 3 * size)
            fill(layer.self_attention.linear[1], size)
            fill(layer.ffn.linear_0, 4 * size)
            fill(layer.ffn.linear_1, size, 4 * size)
            norms = [layer.self_attention.layer_norm, layer.ffn.layer_norm]
            if side is spec.decoder:
                for linear, outputs in zip(layer.attention.linear, (size, 2 * size, size), strict=True):
                    fill(linear, outputs)
                norms.append(layer.attention.layer_norm)
            for norm in norms:
                normalise(norm)
    fill(spec.decoder.projection, len(vocabulary))
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    if compute == "int8":
        spec.optimize(quantization="int8")
    spec.save(str(directory))


def main() -> None:
    tokenizer, layers, size, compute, workers, beam, lengths_file = sys.argv[1:]
    pieces = sentencepiece.SentencePieceProcessor(model_file=tokenizer)
    lengths: dict[str, int] = json.loads(Path(lengths_file).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder), vocabulary_of(pieces), layers=int(layers), size=int(size), compute=compute)
        translator = ctranslate2.Translator(
            folder, device="cpu", compute_type=compute, inter_threads=int(workers), intra_threads=1
        )
    app = FastAPI()

    @app.post("/v1/translate")
    def translate(question: Question) -> dict[str, list[str]]:
        length = max(lengths[text] for text in question.text)
        found = translator.translate_batch(
            [pieces.encode(text, out_type=str) for text in question.text],
            beam_size=int(beam),
            min_decoding_length=length,
            max_decoding_length=length,
        )
        return {"translations": [pieces.decode(result.hypotheses[0]) for result in found]}

    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    # A socket made from a descriptor knows its protocol, without which asyncio would not turn off Nagle's algorithm.
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listener.detach())])


if __name__ == "__main__":
    main()
