"""BLEU as papers on Multi30k report it: on lower-cased text in Moses' tokens, which is easier than on text as it is.

    python tests/benchmarks/published_bleu.py de HYPOTHESES REFERENCE

Both sides are lower-cased, then normalised in punctuation, then split into tokens, as `lc.norm.tok` in the names of the
set's own prepared files says; once as those files are, and once with hyphens split off as well, as some papers have it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sacrebleu.metrics.bleu import BLEU
from sacremoses import MosesPunctNormalizer, MosesTokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", help="of both files, such as de")
    parser.add_argument("hypotheses", type=Path)
    parser.add_argument("reference", type=Path)
    arguments = parser.parse_args()
    for hyphens in (False, True):
        hypotheses, reference = (
            tokens(path, arguments.language, hyphens=hyphens) for path in (arguments.hypotheses, arguments.reference)
        )
        metric = BLEU(tokenize="none", force=True)  # force: sacreBLEU warns of text that looks split already, as it is
        score = metric.corpus_score(hypotheses, [reference])
        print(f"{score.score:.2f}  {metric.get_signature()}  {'hyphens split' if hyphens else 'hyphens kept'}")


def tokens(path: Path, language: str, *, hyphens: bool) -> list[str]:
    normalizer, tokenizer = MosesPunctNormalizer(lang=language), MosesTokenizer(lang=language)
    lines = path.read_text(encoding="utf-8").removesuffix("\n").lower().split("\n")
    return [
        tokenizer.tokenize(normalizer.normalize(line), return_str=True, aggressive_dash_splits=hyphens) for line in lines
    ]


if __name__ == "__main__":
    main()
