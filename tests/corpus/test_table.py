"""Tables by other hands: quoted, with names of columns, with lines that are no rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nmt.config.preparation import CorpusConfig, TextConfig
from nmt.corpus.parallel import ReadingReport, SentencePair, read_pairs
from nmt.errors import CorpusError

PAIRS = [(f"Der Zug {number} fährt ab.", f"Train {number} departs.") for number in range(50)]
SAID = [('Er sagte "Guten Tag" und ging.', 'He said "hello" and left.'), ('"Nein", sagte er.', '"No," he said.')]


def written(rows: list[tuple[str, ...]], quoting: int) -> str:
    """As a spreadsheet or a library writes a table."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter="\t", quoting=quoting, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def read(folder: Path, text: str, **settings: Any) -> tuple[list[SentencePair], ReadingReport]:
    (folder / "t.tsv").write_text(text, encoding="utf-8", newline="")
    report = ReadingReport()
    return list(read_pairs(CorpusConfig(path=Path("t.tsv"), **settings), folder, report)), report


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_quoting_is_recognised_and_undone_only_where_it_is_asked_for(tmp_path: Path, quoting: int) -> None:
    rows = [*PAIRS, *SAID]
    text = written(rows, quoting)
    assert '""' in text
    with pytest.raises(CorpusError, match=r"t\.tsv: its cells seem to be in quotes .* say `quoting: true`"):
        read(tmp_path, text)
    assert read(tmp_path, text, quoting=True)[0] == rows
    assert read(tmp_path, text, quoting=False)[0] == [tuple(line.split("\t")) for line in text.splitlines()]


def test_text_with_quotes_is_not_taken_for_a_quoted_table(tmp_path: Path) -> None:
    whole = ('"Ich komme morgen."', '"I am coming tomorrow."')
    for rows in (
        [*PAIRS, *SAID],
        [*PAIRS, whole],
        [*PAIRS, *[whole] * 20],
        [*PAIRS, ('Das ist 5" lang.', 'This is 5" long.')],
        [*SAID * 10, ('"Das ""Haus"" brennt."', '"The ""house"" burns."')],  # one among many that no program wrote
    ):
        text = "".join(f"{source}\t{target}\n" for source, target in rows)
        assert read(tmp_path, text)[0] == rows


def test_a_quoted_cell_of_several_lines_is_one_line_and_a_quote_that_is_never_closed_is_counted(tmp_path: Path) -> None:
    text = written([("Zeile eins\nzwei", "Line one\ntwo"), *PAIRS], csv.QUOTE_ALL)
    assert read(tmp_path, text, quoting=True)[0] == [("Zeile eins zwei", "Line one two"), *PAIRS]
    many = written(PAIRS * 3000, csv.QUOTE_ALL).splitlines(keepends=True)
    many[10] = '"Er sagte: Nein.\t"He said no."\n'  # a quote too few: nothing is sure until the next
    pairs, _ = read(tmp_path, "".join(many), quoting=True)
    assert 0 < len(many) - len(pairs) <= 0.01 * len(many)
    assert pairs[:10] == PAIRS[:10]
    assert pairs[-1] == PAIRS[-1]


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"]), min_size=1)] * 2),
        min_size=1,
    )
)
def test_any_quoted_table_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = written(rows, csv.QUOTE_ALL)
    assert read(tmp_path_factory.mktemp("table"), text, quoting=True, header=False)[0] == rows


@pytest.mark.parametrize(
    "names", [("source", "target"), ("de", "en"), ("German", "English"), ("text_de", "text_en"), ("SRC", "TGT")]
)
def test_names_of_columns_are_recognised(tmp_path: Path, names: tuple[str, str]) -> None:
    text = "\t".join(names) + "\n" + "".join(f"{source}\t{target}\n" for source, target in PAIRS)
    with pytest.raises(CorpusError, match=rf"t\.tsv, line 1: {names[0]} and {names[1]} seem to be names of columns"):
        read(tmp_path, text)
    assert read(tmp_path, text, header=True)[0] == PAIRS
    assert read(tmp_path, text, header=False)[0] == [names, *PAIRS]


def test_a_first_line_of_words_is_text(tmp_path: Path) -> None:
    for first in (("Ja", "Yes"), ("Text", "A text"), ("", "source"), ("123", "123")):
        text = "\t".join(first) + "\n" + "Nein\tNo\n"
        assert read(tmp_path, text)[0][0] == first


def test_blank_lines_are_left_out_and_counted_and_a_few_lines_that_are_no_rows_too(tmp_path: Path) -> None:
    text = "".join(f"{source}\t{target}\n" for source, target in PAIRS * 4)
    pairs, report = read(tmp_path, text + "\n\n  \n\t\n")
    assert [pair for pair in pairs if pair.source] == PAIRS * 4
    assert (report.blank, report.malformed) == (3, 0)  # a tab makes a row, which a filter drops as empty
    pairs, report = read(tmp_path, "# a comment\n" + text + "Nein   No\n\n")
    assert pairs == PAIRS * 4
    assert (report.blank, report.malformed) == (1, 2)
    with pytest.raises(CorpusError, match=r"t\.tsv, line 1: 1 columns between tabs; should be at least 2, as in 3 lines"):
        read(tmp_path, "#\n#\n#\n" + text)


def test_a_table_of_other_columns_is_refused_long_before_its_end(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("Ja,Yes\n" * 200_000)
    report = ReadingReport()
    with pytest.raises(CorpusError, match=r"t\.tsv, line 1: 1 columns between tabs; should be at least 2"):
        list(read_pairs(CorpusConfig(path=path), tmp_path, report))
    assert report.malformed == 101


def test_a_column_of_text_is_a_table_too(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(written([("id", "text"), ("1", 'Er sagte "ja".')], csv.QUOTE_ALL), encoding="utf-8")
    text = TextConfig(path=Path("t.tsv"), column=2, header=True, quoting=True)
    assert list(read_pairs(text, tmp_path, ReadingReport())) == [('Er sagte "ja".', 'Er sagte "ja".')]


def test_keys_of_a_table_are_for_tables() -> None:
    with pytest.raises(ValidationError, match="header is for a path"):
        CorpusConfig(source=Path("a"), target=Path("b"), header=True)
    with pytest.raises(ValidationError, match="header and quoting need column"):
        TextConfig(path=Path("a"), quoting=True)
    with pytest.raises(CorpusError, match="-: should be a file; text to train on is read more than once"):
        list(read_pairs(CorpusConfig(path=Path("-")), Path(), ReadingReport()))


@pytest.mark.parametrize("key", ["include_domains", "exclude_domains"])
def test_a_domain_that_a_table_does_not_have_is_told(key: str, tmp_path: Path) -> None:
    """A mistyped domain would leave out what was asked for, or leave in what was not."""
    (tmp_path / "a.tsv").write_text("Ja.\tYes.\tchat\nNein.\tNo.\tnews\n", encoding="utf-8")
    corpus = CorpusConfig.model_validate({"path": Path("a.tsv"), "domain_column": 3, key: ("chat",)})
    assert len(list(read_pairs(corpus, tmp_path, ReadingReport()))) == 1
    mistyped = corpus.model_copy(update={key: ("chat", "nevs")})
    with pytest.raises(
        CorpusError, match=r"a\.tsv: no line is of the domain nevs; column 3 should name it, or the recipe not"
    ):
        list(read_pairs(mistyped, tmp_path, ReadingReport()))
