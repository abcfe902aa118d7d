"""Prints fingerprints of what each instruction set of this processor computes: one object of JSON.

    python tests/arm/fingerprints.py MODEL TEXT

`products` is of matrix products of many sizes, `translations` of the n best of each line of TEXT, their scores to the bit.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from nmt.config.search import SearchOptions
from nmt.runtime import _kernel, kernels
from nmt.translate.translator import Translator

WIDTHS = [1, 3, 4, 17, 60, 64, 67, 129, 256, 300]
ROWS = [1, 2, 3, 4, 5, 6, 7, 13, 16, 33, 63]


def products() -> str:
    random, made = np.random.default_rng(1), hashlib.sha256()
    for width in WIDTHS:
        for outputs in (1, 16, 63, 64, 130):
            weight = random.normal(size=(outputs, width)).astype(np.float32)
            matrix = kernels.Matrix(weight, random.normal(size=outputs).astype(np.float32), widths=[width])
            for rows in ROWS:
                inputs = random.normal(size=(rows, width)).astype(np.float32)
                made.update(matrix(rows, kernels.Rows(inputs)).tobytes())
    return made.hexdigest()


def translations(model: Path, text: Path) -> str:
    lines = text.read_text(encoding="utf-8").splitlines()
    translator, found = Translator.load(model), []
    changed = SearchOptions(beam_size=3, no_repeat_ngram=2, coverage_penalty=0.1, forbidden=("the",))
    for options in (SearchOptions(beam_size=4, n_best=4), SearchOptions(beam_size=1), changed):
        for result in translator.translate(lines, options):
            hypotheses = [one for sentence in result.sentences for one in sentence.hypotheses]
            found += [[one.text, one.score.hex(), one.log_probability.hex()] for one in hypotheses]
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def main() -> None:
    model, text = map(Path, sys.argv[1:])
    names, found = _kernel.names(), {}
    for name in names:
        _kernel.choose(name)
        found[name] = {"products": products(), "translations": translations(model, text)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
