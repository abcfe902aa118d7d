"""The tokeniser that BLEU takes for a target language: the one that `sacrebleu -l` takes, where that has one of its own."""

from __future__ import annotations

import re
from functools import cache

from nmt.errors import InputError

TOKENIZATIONS = ("13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none")
"""SacreBLEU's tokenisers, but for those that download a vocabulary."""

# ISO 639-3 codes of languages that sacreBLEU knows by two letters, and Chinese languages written as Chinese is.
_BASE = dict.fromkeys(("zho", "chi", "cmn", "yue", "wuu", "nan", "hak", "lzh"), "zh") | {"jpn": "ja", "kor": "ko"}

# Written without spaces between words: Thai, Lao, Khmer, Burmese, Shan, Mon, Tibetan, Dzongkha and neighbours.
_UNSPACED = {"th", "tha", "tts", "nod", "sou", "lo", "lao", "km", "khm", "my", "mya", "bur", "shn", "mnw", "ksw"}
_UNSPACED |= {"bo", "bod", "tib", "dz", "dzo"}

_PACKAGES = {"ja-mecab": "sacrebleu[ja]", "ko-mecab": "sacrebleu[ko]"}


def tokenization_of(language: str) -> str:
    """The tokeniser for text in `language`, a code such as "zh", "zh-Hant" or "jpn"; "" is any language.

    As sacreBLEU: zh for Chinese, ja-mecab for Japanese, ko-mecab for Korean, 13a for all that it does not know. MeCab may be
    missing: then it is char, as it is for languages that are written without spaces.
    """
    from sacrebleu.metrics.bleu import BLEU  # not at the top: `nmt --help` reads this file and should answer at once

    code = re.split("[-_]", language.lower())[0]
    code = _BASE.get(code, code)
    if code in _UNSPACED:
        return "char"
    wanted: str = BLEU._TOKENIZER_MAP.get(code, BLEU.TOKENIZER_DEFAULT)
    return wanted if is_installed(wanted) else "char"


def check_installed(tokenization: str) -> None:
    """Raise InputError where there is no such tokeniser, or what it needs is missing."""
    if tokenization not in TOKENIZATIONS:
        raise InputError(f"tokeniser {tokenization}: unknown; should be one of {', '.join(TOKENIZATIONS)}")
    if not is_installed(tokenization):
        raise InputError(
            f"tokeniser {tokenization}: MeCab is missing; install it by: pip install '{_PACKAGES[tokenization]}'"
        )


@cache
def is_installed(tokenization: str) -> bool:
    """Whether sacreBLEU can make this tokeniser here."""
    if tokenization not in _PACKAGES:
        return True
    from sacrebleu.metrics.bleu import BLEU

    try:
        BLEU(tokenize=tokenization)
    except (RuntimeError, ImportError, AssertionError):  # AssertionError: MeCab is there with another dictionary
        return False
    return True
