"""Raw parallel text: reading it in every form, and what each filter drops."""

import gzip
import lzma
import threading
import tracemalloc
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.preparation import CorpusConfig, PreparationConfig
from nmt.corpus.batching import ahead
from nmt.corpus.clean import HeldOutPairs, clean, training_filters, validation_filters
from nmt.corpus.parallel import ReadingReport, SentencePair, read_pairs
from nmt.errors import CorpusError, InputError
from nmt.files.lines import Lines
from nmt.files.places import TextInput

WRITERS = {".txt": bytes, ".gz": gzip.compress, ".xz": lzma.compress}


def read(corpus: CorpusConfig, folder: Path) -> tuple[list[SentencePair], ReadingReport]:
    report = ReadingReport()
    return list(read_pairs(corpus, folder, report)), report


def table(folder: Path, content: bytes, **settings: object) -> tuple[list[SentencePair], ReadingReport]:
    (folder / "corpus.tsv").write_bytes(content)
    return read(CorpusConfig.model_validate({"path": "corpus.tsv", **settings}), folder)


# Reading


@pytest.mark.parametrize("suffix", WRITERS)
def test_two_files_plain_gzip_and_xz(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(WRITERS[suffix](b"Ja.\nNein, danke.\n"))
    (tmp_path / f"b{suffix}").write_bytes(WRITERS[suffix](b"Yes.\nNo, thanks."))
    pairs, report = read(CorpusConfig(source=Path(f"a{suffix}"), target=Path(f"b{suffix}")), tmp_path)
    assert pairs == [("Ja.", "Yes."), ("Nein, danke.", "No, thanks.")]
    assert report == ReadingReport(pairs=2)


def test_columns_and_domains_of_a_table(tmp_path: Path) -> None:
    content = b"talk\tYes.\tJa.\tx\nnews\tNo.\tNein.\tx\nchat\tHi.\tHallo.\tx\n"
    columns = {"source_column": 3, "target_column": 2}
    assert table(tmp_path, content, **columns)[0] == [("Ja.", "Yes."), ("Nein.", "No."), ("Hallo.", "Hi.")]
    pairs, report = table(tmp_path, content, **columns, domain_column=1, include_domains=["talk", "chat"])
    assert pairs == [("Ja.", "Yes."), ("Hallo.", "Hi.")]
    assert report == ReadingReport(pairs=2, other_domain=1)
    pairs, _ = table(tmp_path, content, **columns, domain_column=1, exclude_domains=["talk"])
    assert pairs == [("Nein.", "No."), ("Hallo.", "Hi.")]


def test_only_newlines_end_a_line(tmp_path: Path) -> None:
    odd = "a\u2028b\x85c\x0bd\x0ce\x1cf\rg"
    pairs, _ = table(tmp_path, f"{odd}\t{odd}\r\nJa.\tYes.\r\n".encode())
    assert pairs == [(odd, odd), ("Ja.", "Yes.")]


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\ufeff", exclude_categories=["Cs"])), min_size=1))
def test_any_lines_are_read_as_written(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("lines") / "lines.gz"
    path.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode()))
    assert list(Lines(TextInput(str(path))).texts()) == lines


def test_byte_order_mark_is_stripped(tmp_path: Path) -> None:
    assert table(tmp_path, b"\xef\xbb\xbfJa.\tYes.\n")[0] == [("Ja.", "Yes.")]


def test_invalid_utf8_is_replaced_and_counted(tmp_path: Path) -> None:
    pairs, report = table(tmp_path, b"Gr\xfc\xdfe\tGreetings\nJa.\tYes.\n")
    assert pairs[0] == ("Gr\ufffd\ufffde", "Greetings")
    assert report.invalid_utf8 == 1


def test_a_long_line_is_read_whole(tmp_path: Path) -> None:
    assert table(tmp_path, b"a" * 50_000 + b"\tb\n")[0] == [("a" * 50_000, "b")]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        (tmp_path / "big.tsv.gz").write_bytes(gzip.compress((b"Ja. " * 100 + b"\tYes.\n") * lines, compresslevel=1))
        tracemalloc.start()
        assert sum(1 for _ in read_pairs(CorpusConfig(path=Path("big.tsv.gz")), tmp_path, ReadingReport())) == lines
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # what is loaded once
    assert peak(60_000) < 1.2 * peak(20_000)


def test_too_few_columns_name_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.tsv, line 2: 1 columns .* at least 2"):
        table(tmp_path, b"Ja.\tYes.\nNein.\n")


@pytest.mark.parametrize(("source", "target"), [("Ja.\nNein.\nHallo.\n", "Yes.\n"), ("Ja.\n", "Yes.\nNo.\n")])
def test_unequal_line_counts_name_file_and_line(tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "a.de").write_text(source)
    (tmp_path / "a.en").write_text(target)
    long, short = ("a.de", "a.en") if len(source) > len(target) else ("a.en", "a.de")
    with pytest.raises(CorpusError, match=rf"{short} ends after line 1, but .*{long} goes on"):
        read(CorpusConfig(source=Path("a.de"), target=Path("a.en")), tmp_path)


def test_empty_corpora_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"corpus\.tsv: empty"):
        table(tmp_path, b"")
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"a: empty"):
        read(CorpusConfig(source=Path("a"), target=Path("a")), tmp_path)
    with pytest.raises(CorpusError, match="no line is of the domains"):
        table(tmp_path, b"Ja.\tYes.\tx\n", domain_column=3, include_domains=["y"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.tsv", None),
        ("short.gz", gzip.compress(b"Ja.\tYes.\n" * 9000)[:-20]),
        ("short.xz", lzma.compress(b"Ja.\tYes.\n" * 9000)[:-20]),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: cannot be read"):
        read(CorpusConfig(path=Path(name)), tmp_path)


# Cleaning

GOOD = SentencePair("Guten Morgen!", "Good morning!")


def cleaned(
    *pairs: tuple[str, str], validation: tuple[str, str] | None = None, **settings: object
) -> tuple[list[SentencePair], dict[str, int]]:
    config = PreparationConfig.model_validate({"train": [{"path": "x"}], "valid": [{"path": "x"}], **settings})
    held_out = {"validation": HeldOutPairs()}
    if validation:
        held_out["validation"].add(SentencePair(*validation))
    filters = training_filters(config, source_language="de", target_language="en", held_out=held_out)
    dropped: Counter[str] = Counter()
    kept = list(clean([GOOD, *(SentencePair(*pair) for pair in pairs)], filters, dropped))
    assert len(kept) + dropped.total() == 1 + len(pairs)
    return kept, dict(dropped)


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("empty", ("", "Yes.")),
        ("empty", ("Ja.", " \u00a0\u3000")),
        ("control characters", ("Ja\x00.", "Yes.")),
        ("control characters", ("Ja.", "Yes\x85.")),
        ("control characters", ("Ja.", "Yes.\r")),
        ("too long", ("Ja " * 200, "Yes " * 150)),
        ("length ratio", ("Ja.", "Yes, of course I will come along.")),
        ("identical to the source", ("Linux 2.0", "Linux 2.0")),
        ("wrong script", ("Доброе утро!", "Good morning to you!")),
        ("wrong script", ("Guten Morgen zusammen!", "Доброе утро!")),
        ("duplicate", tuple(GOOD)),
        ("duplicate", (" Guten Morgen! ", "Good morning!")),
    ],
)
def test_each_filter_drops_its_kind_and_counts_it(name: str, pair: tuple[str, str]) -> None:
    assert cleaned(pair) == ([GOOD], {name: 1})


def test_wrong_language_is_dropped_where_asked_for() -> None:
    swapped = ("This sentence is plainly not German at all.", "This is the translation of the sentence.")
    assert cleaned(swapped) == ([GOOD, swapped], {})
    assert cleaned(swapped, drop_wrong_language=True) == ([GOOD], {"wrong language": 1})


def test_right_and_short_sentences_pass_the_language_filter() -> None:
    pairs = [
        SentencePair("Das Wetter ist heute wirklich sehr schön.", "The weather is really very nice today."),
        SentencePair("OK, Restaurant!", "OK, restaurant!"),
        SentencePair("Der Zug nach Berlin fährt um zehn Uhr ab.", "The train to Berlin leaves at ten o'clock."),
    ]
    assert cleaned(*pairs, drop_wrong_language=True) == ([GOOD, *pairs], {})


def test_switches_switch_filters_off() -> None:
    pairs = [GOOD, SentencePair("Linux", "Linux"), SentencePair("Доброе утро!", "Good morning!")]
    kept, dropped = cleaned(*pairs, drop_duplicates=False, drop_identical=False, drop_wrong_script=False)
    assert kept == [GOOD, *pairs]
    assert dropped == {}


def test_lengths_differ_where_both_their_ratio_and_their_difference_are_large() -> None:
    """Short sentences may differ by any factor, and long ones by many characters."""
    short, long = SentencePair("Ja", "Yes, I do."), SentencePair("Wort " * 40, "word " * 60)
    settings = {"max_length_ratio": 2.0, "max_length_difference": 20}
    assert cleaned(short, long, **settings)[0] == [GOOD, short, SentencePair(*(side.strip() for side in long))]
    both = SentencePair("Wort " * 10, "word " * 21)
    assert cleaned(both, **settings) == ([GOOD], {"length ratio": 1})


def test_one_source_may_have_two_translations() -> None:
    other = SentencePair(GOOD.source, "Morning!")
    assert cleaned(other) == ([GOOD, other], {})


def test_validation_pairs_are_kept_out_of_training() -> None:
    assert cleaned(("Ja.", "Yes."), validation=("Ja.", "Yes.")) == ([GOOD], {"in validation": 1})


def test_validation_text_loses_only_what_cannot_be_measured() -> None:
    dropped: Counter[str] = Counter()
    pairs = [
        SentencePair("Linux", "Linux"),
        SentencePair("a" * 5000, "b"),
        SentencePair("", "b"),
        SentencePair("a\x01", "b"),
    ]
    assert list(clean(pairs, validation_filters(), dropped)) == pairs[:2]
    assert dropped == {"empty": 1, "control characters": 1}


def test_text_is_brought_to_normal_form() -> None:
    decomposed = unicodedata.normalize("NFD", "Schöne Grüße")
    kept, _ = cleaned((f"  {decomposed} ", "Kind regards"))
    assert kept[1] == ("Schöne Grüße", "Kind regards")


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=30))
def test_kept_pairs_fit_on_one_line_and_are_unique(pairs: list[tuple[str, str]]) -> None:
    kept, _ = cleaned(*pairs)
    assert len(set(kept)) == len(kept)
    for pair in kept:
        for side in pair:
            assert side.strip()
            assert "\n" not in side
            assert "\r" not in side
            side.encode()


def test_what_is_made_ahead_comes_in_order_and_so_does_what_goes_wrong() -> None:
    second = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2
        yield 3
        raise CorpusError("no more")

    stream = ahead(items())
    assert next(stream) == 1
    assert second.wait(timeout=60)  # made before anybody asks for it
    assert [next(stream), next(stream)] == [2, 3]
    with pytest.raises(CorpusError, match="no more"):
        next(stream)
