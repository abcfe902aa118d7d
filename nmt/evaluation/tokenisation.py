"""The tokeniser that BLEU takes for a target language: the one that `sacrebleu -l` takes, where that has one of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

from nmt.errors import InputError

_DOWNLOADED = ("flores101", "flores200", "spBLEU-1K", "spm")
TOKENIZATIONS = ("13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none", *_DOWNLOADED)
"""SacreBLEU's tokenisers. The last ones, of spBLEU, need a vocabulary that sacreBLEU has downloaded."""

# ISO 639-3 codes of languages that sacreBLEU knows by two letters, and Chinese languages written as Chinese is.
_BASE = dict.fromkeys(("zho", "chi", "cmn", "yue", "wuu", "nan", "hak", "lzh"), "zh") | {"jpn": "ja", "kor": "ko"}

# Written without spaces between words: Thai, Lao, Khmer, Burmese, Shan, Mon, Tibetan, Dzongkha and neighbours.
_UNSPACED = {"th", "tha", "tts", "nod", "sou", "lo", "lao", "km", "khm", "my", "mya", "bur", "shn", "mnw", "ksw"}
_UNSPACED |= {"bo", "bod", "tib", "dz", "dzo"}

# A letter of Thai, Lao, Tibetan, Burmese, Khmer, Chinese or Japanese.
_UNSPACED_LETTER = re.compile(
    "[\u0e01-\u0e30\u0e81-\u0eb0\u0f40-\u0f6c\u1000-\u102a\u1780-\u17b3\u3041-\u30ff\u3400-\u9fff]"
)
_SAMPLED = 1000  # references, by which their script is known

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


def usual_tokenization(language: str, asked: str | None) -> str | None:
    """The tokeniser that sacreBLEU takes for text in `language`, where it can be made here; `char` is none of these.

    Where no language is known, a tokeniser that is `asked` for may be that of a language.
    """
    usual = asked if not language and asked in ("zh", *_PACKAGES) else tokenization_of(language)
    return None if usual == "char" else usual


def words_complaint(tokenization: str, references: Iterable[str]) -> str:
    """A sentence for people where the tokeniser takes spaces for the ends of words that have none; else nothing."""
    if tokenization not in ("13a", "intl"):
        return ""
    sample = "".join(islice(references, _SAMPLED))
    letters, unspaced = sum(map(str.isalpha, sample)), len(_UNSPACED_LETTER.findall(sample))
    if 2 * unspaced <= letters:
        return ""
    return (
        f"BLEU's tokeniser {tokenization} finds words by spaces, which the references are written without; name their "
        "language, as in --language zh, or a tokeniser"
    )


def check_installed(tokenization: str) -> None:
    """Raise InputError where there is no such tokeniser, or what it needs is missing."""
    if tokenization not in TOKENIZATIONS:
        raise InputError(f"tokeniser {tokenization}: unknown; should be one of {', '.join(TOKENIZATIONS)}")
    if tokenization in _DOWNLOADED:
        _check_vocabulary(tokenization)
    if not is_installed(tokenization):
        raise InputError(
            f"tokeniser {tokenization}: MeCab is missing; install it by: pip install '{_PACKAGES[tokenization]}'"
        )


def _check_vocabulary(tokenization: str) -> None:
    """Raise InputError where the vocabulary of a tokeniser of spBLEU is not on this disk, or is none."""
    from sacrebleu.tokenizers.tokenizer_spm import SPM_MODELS
    from sacrebleu.utils import SACREBLEU_DIR
    from sentencepiece import SentencePieceProcessor

    url = SPM_MODELS[tokenization]["url"]
    path = Path(SACREBLEU_DIR, "models", url.rpartition("/")[2])
    if not path.exists():
        raise InputError(
            f"tokeniser {tokenization}: {path} is missing, and nmt downloads nothing; put there what is at {url}"
        )
    try:
        SentencePieceProcessor().Load(str(path))
    except (OSError, RuntimeError) as error:
        raise InputError(f"tokeniser {tokenization}: {path} is no vocabulary; put there what is at {url}") from error


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
