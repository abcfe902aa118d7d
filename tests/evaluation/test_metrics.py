"""Scores agree with sacreBLEU's own command line and with sums done by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command import error_of, nmt, output_of

from nmt.errors import ConfigurationError, InputError
from nmt.evaluation.metrics import METRICS, MetricOptions, Score, TestSet, find_metrics
from nmt.evaluation.tokenisation import is_installed, tokenization_of
from nmt.text.tokenizer import train_tokenizer

HYPOTHESES = ["The cat sat on the mat.", "It's raining, isn't it?", "He bought three red apples yesterday morning."]
REFERENCES = ["The cat is sitting on the mat.", "It is raining, isn't it?", "Yesterday morning he bought three red apples."]
OTHERS = ["On the mat sat the cat.", "It rains, doesn't it?", "He bought three apples, red ones, yesterday."]

TEXTS = {
    "zh": (
        ["我喜欢在公园散步。", "他昨天去北京看朋友了。", "今天天气很好, 我们去 Berlin 吧。"],
        ["我喜欢在公园里散步。", "他昨天去了北京看他的朋友。", "今天天气非常好，我们去 Berlin。"],
    ),
    "ja": (
        ["私は公園を散歩することが好きです。", "昨日彼は友達に会いに京都へ行った。"],
        ["私は公園を散歩するのが好きです。", "彼は昨日友達に会いに京都へ行きました。"],
    ),
    "ko": (
        ["나는 공원에서 걷기를 좋아합니다.", "그는 어제 친구를 만나러 서울에 갔다."],
        ["나는 공원에서 산책하는 것을 좋아합니다.", "그는 어제 친구를 만나러 서울에 갔습니다."],
    ),
    "th": (
        ["ฉันชอบเดินเล่นในสวน", "เมื่อวานเขาไปกรุงเทพเพื่อพบเพื่อน"],
        ["ฉันชอบเดินในสวนสาธารณะ", "เมื่อวานนี้เขาไปกรุงเทพฯ เพื่อพบเพื่อนของเขา"],
    ),
    "de": (
        ["Ich gehe gern im Park spazieren.", "Gestern fuhr er nach Köln, um Freunde zu sehen."],
        ["Ich gehe gerne im Park spazieren.", "Er ist gestern nach Köln gefahren, um seine Freunde zu sehen."],
    ),
}
"""Hypotheses and references made up for this test."""

lines = st.lists(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"])), min_size=1, max_size=5)


def write(path: Path, text: list[str]) -> str:
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return str(path)


def sacrebleu(tmp_path: Path, hypotheses: list[str], *references: list[str], options: list[str]) -> dict[str, object]:
    """The JSON that the `sacrebleu` program prints of one metric."""
    files = [write(tmp_path / f"reference{number}", text) for number, text in enumerate(references)]
    command = [*files, "-i", write(tmp_path / "hypothesis", hypotheses), *options, "-w", "6"]
    done = subprocess.run([sys.executable, "-m", "sacrebleu", *command], capture_output=True, check=True)
    printed: dict[str, object] = json.loads(done.stdout)
    return printed


def score(name: str, hypotheses: list[str], *references: list[str], language: str = "", **options: object) -> Score:
    test_set = TestSet(references=references, language=language)
    return METRICS[name](test_set, MetricOptions(**options)).score(hypotheses)  # type: ignore[arg-type]


# --- against sacreBLEU's program ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("references", [[REFERENCES], [REFERENCES, OTHERS]], ids=["one reference", "two"])
@pytest.mark.parametrize(
    ("name", "lowercase", "flags"),
    [
        *((name, None, []) for name in METRICS),
        ("bleu", True, ["--lowercase"]),
        ("chrf", True, ["--chrf-lowercase"]),
        ("ter", False, ["--ter-case-sensitive"]),
    ],
)
def test_a_score_is_what_the_sacrebleu_program_prints(
    name: str, lowercase: bool | None, flags: list[str], references: list[list[str]], tmp_path: Path
) -> None:
    printed = sacrebleu(tmp_path, HYPOTHESES, *references, options=["-m", name, *flags])
    found = score(name, HYPOTHESES, *references, lowercase=lowercase)
    assert f"{found.value:.6f}" == f"{printed['score']:.6f}"
    assert (found.name, found.signature) == (printed["name"], printed["signature"])
    assert str(found) == f"{printed['name']} {found.value:.2f}  {printed['signature']}"


@pytest.mark.parametrize("language", TEXTS)
def test_the_command_agrees_with_sacrebleu_on_the_words_of_a_language(language: str, tmp_path: Path) -> None:
    """By `-l` where sacreBLEU knows the language, and by its tokeniser of characters for Thai, which it does not know."""
    wanted = {"ja": "ja-mecab", "ko": "ko-mecab"}.get(language)
    if wanted and not is_installed(wanted):
        pytest.skip(f"MeCab is not installed, and sacreBLEU scores no {language} without it")
    hypotheses, references = TEXTS[language]
    options = ["-m", "bleu", *(["-tok", "char"] if language == "th" else ["-l", f"en-{language}"])]
    printed = sacrebleu(tmp_path, hypotheses, references, options=options)
    files = ("--hypothesis", tmp_path / "hypothesis", "--reference", tmp_path / "reference0")
    stdout = output_of("evaluate", *files, "--metric", "bleu", "--language", language)
    assert stdout == f"BLEU {printed['score']:.2f}  {printed['signature']}\n"
    assert isinstance(printed["score"], float)
    assert printed["score"] > 10.0
    if language in ("zh", "th"):  # what everybody gets who says nothing of the language
        stdout = output_of("evaluate", *files, "--metric", "bleu")
        assert "tok:13a" in stdout
        assert float(stdout.split()[1]) < printed["score"]


# --- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("zh", "zh-Hant", "zh_CN", "ZH", "zho", "cmn", "yue"), "zh"),
        (("th", "tha", "lo", "lao", "km", "khm", "my", "my-MM", "mya", "bo"), "char"),
        (("de", "en-GB", "ru", "ar", "hi", "vi", "xx", ""), "13a"),
    ],
)
def test_words_are_those_of_the_language(codes: tuple[str, ...], expected: str) -> None:
    assert {tokenization_of(code) for code in codes} == {expected}


def test_without_mecab_japanese_and_korean_are_scored_by_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nmt.evaluation.tokenisation.is_installed", lambda name: "mecab" not in name)
    for language in ("ja", "ko", "jpn", "ko-KR"):
        assert tokenization_of(language) == "char"
        assert "|tok:char|" in score("bleu", *TEXTS[language[:2].replace("jp", "ja")], language=language).signature
    with pytest.raises(InputError, match=r"tokeniser ja-mecab: MeCab is missing; install it by: pip install 'sacrebleu"):
        score("bleu", *TEXTS["ja"], tokenize="ja-mecab")
    monkeypatch.setattr("nmt.evaluation.tokenisation.is_installed", lambda _: True)
    assert [tokenization_of(language) for language in ("ja", "jpn", "ko")] == ["ja-mecab", "ja-mecab", "ko-mecab"]


def test_the_tokeniser_may_be_named(tmp_path: Path) -> None:
    assert "tok:char" in score("bleu", HYPOTHESES, REFERENCES, language="zh", tokenize="char").signature
    with pytest.raises(InputError, match=r"tokeniser 14a: unknown; should be one of 13a, intl"):
        score("bleu", HYPOTHESES, REFERENCES, tokenize="14a")
    files = ("--hypothesis", write(tmp_path / "h", HYPOTHESES), "--reference", write(tmp_path / "r", REFERENCES))
    assert "|tok:intl|" in output_of("evaluate", *files, "--tokenize", "intl")
    assert error_of("evaluate", *files, "--tokenize", "14a").startswith("tokeniser 14a: unknown; ")


@pytest.mark.parametrize("name", ["flores101", "flores200", "spm"])
def test_a_vocabulary_of_spbleu_is_taken_where_it_is_and_never_downloaded(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in ("utils", "tokenizers.tokenizer_spm"):
        monkeypatch.setattr(f"sacrebleu.{module}.SACREBLEU_DIR", str(tmp_path))
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_spm.download_file", pytest.fail)
    file = "flores200sacrebleuspm" if name == "flores200" else "sacrebleu_tokenizer_spm.model"
    with pytest.raises(InputError, match=rf"models/{file} is missing, and nmt downloads nothing; put there what is at http"):
        score("bleu", HYPOTHESES, REFERENCES, tokenize=name)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / file).write_bytes(b"no vocabulary")
    with pytest.raises(InputError, match=rf"models/{file} is no vocabulary; put there what is at http"):
        score("bleu", HYPOTHESES, REFERENCES, tokenize=name)
    vocabulary = train_tokenizer(HYPOTHESES + REFERENCES, vocabulary_size=60, kind="unigram", character_coverage=1.0)
    (tmp_path / "models" / file).write_bytes(vocabulary.model_bytes)
    found = score("bleu", HYPOTHESES, REFERENCES, tokenize=name)
    assert f"|tok:{'flores101' if name == 'spm' else name}|" in found.signature
    assert found.value > score("bleu", HYPOTHESES, REFERENCES).value > 0.0  # parts of words agree where words do not


@pytest.mark.parametrize(
    ("name", "language", "options", "references", "curve"),
    [
        ("bleu", "", {}, 1, "BLEU"),
        ("bleu", "de", {"tokenize": "13a", "force": True}, 1, "BLEU"),
        ("bleu", "zh", {}, 1, "BLEU"),
        ("bleu", "", {"tokenize": "zh"}, 1, "BLEU"),
        ("bleu", "de", {"tokenize": "zh"}, 1, ""),
        ("bleu", "zh", {"tokenize": "13a"}, 1, ""),
        ("bleu", "th", {}, 1, ""),  # by characters, which sacreBLEU does not
        ("bleu", "", {"tokenize": "intl"}, 1, ""),
        ("bleu", "", {"lowercase": True}, 1, ""),
        ("bleu", "", {"smooth_method": "floor"}, 1, ""),
        ("bleu", "", {}, 2, ""),
        ("chrf", "de", {}, 1, "chrF2"),
        ("chrf", "de", {"word_order": 2}, 1, ""),
        ("chrf", "de", {"char_order": 5}, 1, ""),
        ("chrf", "de", {"beta": 1}, 1, ""),
        ("chrf", "de", {"lowercase": True}, 1, ""),
        ("chrf", "de", {"whitespace": True}, 1, ""),
        ("chrf", "de", {"eps_smoothing": True}, 1, ""),
        ("chrf", "de", {}, 2, ""),
        ("ter", "de", {}, 1, ""),
    ],
)
def test_a_curve_of_people_is_for_the_scores_that_it_was_fitted_to(
    name: str, language: str, options: dict[str, Any], references: int, curve: str
) -> None:
    test_set = TestSet(references=(REFERENCES, OTHERS)[:references], language=language)
    assert METRICS[name](test_set, MetricOptions(**options)).curve == curve


def test_words_without_spaces_need_a_language() -> None:
    four_alike = ["a b c d", *TEXTS["zh"][0]]  # so that BLEU is not 0
    for language in ("zh", "ja", "th"):
        references = ["a b c d", *TEXTS[language][1]]
        said = score("bleu", four_alike[: len(references)], references).note
        assert said.startswith("BLEU's tokeniser 13a finds words by spaces, which the references are written without; name ")
        assert score("bleu", four_alike[: len(references)], references, tokenize="char").note == ""
        assert score("bleu", four_alike[: len(references)], references, language="zh").note == ""
    for language in ("de", "ko"):
        assert score("bleu", *TEXTS[language], tokenize="13a").note == ""
    assert score("bleu", REFERENCES, [*REFERENCES[:2], "He lives in 北京 (Beijing)."]).note == ""


# --- by hand -----------------------------------------------------------------------------------------------------------


def test_bleu_by_hand() -> None:
    # Precisions 5/6, 4/5, 3/4, 2/3 and no brevity penalty.
    expected = 100 * (5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** (1 / 4)
    assert score("bleu", ["a b c d e f"], ["a b c d e g"]).value == pytest.approx(expected)
    # All n-grams right, but 4 words for 6.
    assert score("bleu", ["a b c d"], ["a b c d e f"]).value == pytest.approx(100 * math.exp(1 - 6 / 4))
    # By characters: 5 of 6, 4 of 5, 3 of 4, 2 of 3 again, with no space between them.
    assert score("bleu", ["กขคงจฉ"], ["กขคงจช"], language="th").value == pytest.approx(expected)


def test_ter_by_hand() -> None:
    assert score("ter", ["a b x d"], ["a b c d e"]).value == pytest.approx(100 * 2 / 5)  # one substitution, one insertion
    assert not METRICS["ter"].higher_is_better


def test_case_counts_unless_told_otherwise() -> None:
    assert score("bleu", ["THE CAT SAT DOWN"], ["the cat sat down"]).value < 1
    lower = score("bleu", ["THE CAT SAT DOWN"], ["the cat sat down"], lowercase=True)
    assert lower.value == pytest.approx(100)
    assert "case:lc" in lower.signature
    assert score("chrf", ["ABC"], ["abc"]).value == 0
    assert score("chrf", ["ABC"], ["abc"], lowercase=True).value == pytest.approx(100)


def test_a_bleu_of_0_for_want_of_a_4_gram_says_so(tmp_path: Path) -> None:
    files = ("--hypothesis", write(tmp_path / "h", ["Save file"]), "--reference", write(tmp_path / "r", ["Save file"]))
    done = nmt("evaluate", *files)
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    assert stdout.startswith("BLEU 0.00  ")
    assert "chrF2 100.00" in stdout
    assert stderr.startswith("nmt: warning: BLEU is 0 because no translation has four words in a row; ")
    assert stderr.count("\n") == 1
    assert "13a" in stderr
    assert score("bleu", ["a b c x", "d"], ["e f g h", "d"]).note == ""  # as bad, but there is a 4-gram
    assert score("bleu", ["a b c d"], ["e f g h"]).note == ""


# --- statistics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METRICS)
def test_the_score_of_any_segments_is_that_of_the_sum_of_their_statistics(name: str, tmp_path: Path) -> None:
    """As a bootstrap draws them: some twice, some not at all. Against sacreBLEU's program on the text so drawn."""
    drawn = [2, 0, 2, 2, 1]
    metric = METRICS[name](TestSet(references=(REFERENCES, OTHERS)))
    statistics = metric.statistics(HYPOTHESES)
    assert len(statistics) == 3
    texts = ([text[index] for index in drawn] for text in (HYPOTHESES, REFERENCES, OTHERS))
    printed = sacrebleu(tmp_path, *texts, options=["-m", name])
    for _ in range(2):  # nothing of the first is left in the second
        assert metric.aggregate(statistics[drawn].sum(axis=0)) == pytest.approx(printed["score"], abs=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_numbers_of_lines_that_differ_are_named(name: str) -> None:
    with pytest.raises(InputError, match="3 hypotheses but 2 references"):
        score(name, HYPOTHESES, REFERENCES[:2])
    with pytest.raises(InputError, match="nothing to score"):
        score(name, [], [])
    with pytest.raises(InputError, match="references of 3, 2 lines"):
        score(name, HYPOTHESES, REFERENCES, OTHERS[:2])


def test_a_metric_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="metric blue: unknown; should be one of bleu, chrf, ter, use"):
        find_metrics(["chrf", "blue"])
    files = ("--hypothesis", write(tmp_path / "h", HYPOTHESES), "--reference", write(tmp_path / "r", REFERENCES))
    assert error_of("evaluate", *files, "-m", "blue").startswith("metric blue: unknown; ")
    assert [line.split()[0] for line in output_of("evaluate", *files, "-m", "ter", "-m", "chrf").splitlines()] == [
        "TER",
        "chrF2",
    ]


@given(lines)
def test_any_text_scores_between_0_and_100_and_equal_text_100(text: list[str]) -> None:
    other = [line[::-1] + "x" for line in text]
    words = [f"{line} one two three four" for line in text]  # BLEU needs a 4-gram to be more than 0
    for name in ("bleu", "chrf"):
        assert 0 <= score(name, other, text).value <= 100 + 1e-6
        assert score(name, words, words).value == pytest.approx(100)
    assert score("ter", words, words).value == 0
