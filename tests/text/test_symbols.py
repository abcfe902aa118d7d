"""Symbols for spans in training text and in vocabularies."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from nmt.text.symbols import SYMBOLS, with_symbols
from nmt.text.tokenizer import Tokenizer, train_tokenizer

EIGHT = SYMBOLS[:8]
ANY = re.compile(f"[{EIGHT[0]}-{EIGHT[-1]}]")


def restored(text: str, spans: dict[str, str]) -> str:
    return ANY.sub(lambda match: spans[match[0]], text)


def test_a_placeholder_that_both_sides_have_becomes_the_same_symbol_on_both() -> None:
    source, target = with_symbols("Hallo {name}, %d neue Nachrichten.", "Hello {name}, %d new messages.", EIGHT)
    (first, second) = ANY.findall(source)
    assert first != second
    assert source == f"Hallo {first}, {second} neue Nachrichten."
    assert target == f"Hello {first}, {second} new messages."


def test_each_symbol_is_learned_as_often_as_the_others() -> None:
    pairs = [(f"Hallo {{name}}, du bist Nummer {n} hier.", f"Hello {{name}}, you are number {n} here.") for n in range(800)]
    found = Counter(ANY.findall(with_symbols(*pair, EIGHT)[0])[0] for pair in pairs)
    assert all(70 < found[symbol] < 135 for symbol in EIGHT)


def test_spans_may_change_places() -> None:
    source, target = with_symbols("{a} von {b}", "{b} has {a}", EIGHT)
    first, second = ANY.findall(source)
    assert ANY.findall(target) == [second, first]


def test_the_same_span_twice_gets_two_symbols_in_order() -> None:
    source, target = with_symbols("von %s bis %s", "from %s to %s", EIGHT)
    assert len(set(ANY.findall(source))) == 2
    assert ANY.findall(source) == ANY.findall(target)


def test_a_span_of_one_side_alone_stays() -> None:
    for source, target in (("Öffne /tmp/a.txt", "Open the file"), ("%s von %s", "of %s"), ("<b>Ja</b>", "<i>Yes</i>")):
        changed, _ = with_symbols(source, target, EIGHT)
        assert ANY.sub("", changed).strip(" :()") == source


def test_a_span_that_touches_a_letter_stays() -> None:
    source, target = with_symbols("die {n}te von {m} Seiten", "the {n}th of {m} pages", EIGHT)
    assert source.startswith("die {n}te von ")
    assert target.startswith("the {n}th of ")
    assert ANY.findall(source) == ANY.findall(target) != []


def test_long_numbers_are_symbols_and_short_ones_at_times() -> None:
    def share(numbers: range) -> float:
        return sum(
            bool(ANY.search(with_symbols(f"Es sind {n} Stück.", f"There are {n} pieces.", EIGHT)[0])) for n in numbers
        ) / len(numbers)

    assert share(range(10_000, 10_300)) == 1.0
    assert 0.1 < share(range(1000, 1900)) < 0.25


def test_text_without_spans_has_symbols_seldom_and_all_of_them_alike() -> None:
    pairs = [(f"Die Katze {'sehr ' * (n % 7)}schläft {n % 10}.", f"The cat {'very ' * (n % 7)}sleeps.") for n in range(70)]
    words = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "acht", "neun", "zehn", "elf", "zwölf"]
    pairs = [(f"{a} und {b} mit {c} da", f"{a}, {b}, {c}!") for a in words for b in words for c in words]
    found = Counter(symbol for pair in pairs for symbol in ANY.findall(with_symbols(*pair, EIGHT)[0]))
    assert set(found) == set(EIGHT)
    assert 0.01 * len(pairs) < found.total() < 0.06 * len(pairs)


def test_a_language_models_text_is_its_own_source() -> None:
    source, target = with_symbols("", "Hello {name}!", EIGHT)
    assert source == ""
    assert re.fullmatch(f"Hello {ANY.pattern}!", target)


def test_without_symbols_text_stays() -> None:
    assert with_symbols("Hallo {name}!", "Hello {name}!", ()) == ("Hallo {name}!", "Hello {name}!")


SPANS = st.sampled_from(
    ["{name}", "%s", "%1$s", "https://example.org/a?b=1", "a@example.org", "12345", "v1.2.3", "`x`", "<br/>"]
)
WORDS = st.sampled_from(["Haus", "und", "Tom", "geht", "schön", "–", "5"])
TEXTS = st.lists(st.one_of(SPANS, WORDS), min_size=1, max_size=14).map(" ".join)


@given(TEXTS, st.integers(0, 8))
def test_both_sides_have_the_same_symbols_once_each_and_what_they_stand_for_is_the_text(text: str, count: int) -> None:
    source, target = with_symbols(text, text, EIGHT[:count])
    assert (source, target) == with_symbols(text, text, EIGHT[:count])
    assert source == target
    symbols = ANY.findall(source)
    assert len(symbols) == len(set(symbols)) <= count
    # Between symbols the text is as it was, or one symbol was added before or after it.
    parts = [re.escape(part) for part in ANY.split(source)]
    is_added = len(symbols) == 1 and text in source
    assert is_added or re.fullmatch(".+".join(parts), text, re.DOTALL)


def test_a_vocabulary_has_each_symbol_with_a_blank_before_it_and_without() -> None:
    sentences = ["Hallo Welt, wie geht es dir?", "Hello world, how are you?"] * 5
    tokenizer = train_tokenizer(sentences, vocabulary_size=60, kind="bpe", character_coverage=1.0, symbols=EIGHT)
    assert tokenizer.symbols == EIGHT
    assert Tokenizer.from_bytes(tokenizer.model_bytes).symbols == EIGHT
    for text in (EIGHT[0], f"Hallo {EIGHT[3]}?", f"dir{EIGHT[7]}Welt{EIGHT[2]} du"):
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        spelled = [piece.removeprefix("\u2581") for piece in tokenizer.pieces(ids) if ANY.search(piece)]
        assert spelled == ANY.findall(text)


def test_digits_are_pieces_of_their_own() -> None:
    sentences = [f"Im Jahr {year} kamen {year} Leute." for year in range(1900, 2000)]
    split = train_tokenizer(sentences, vocabulary_size=50, kind="bpe", character_coverage=1.0, split_digits=True)
    whole = train_tokenizer(sentences, vocabulary_size=50, kind="bpe", character_coverage=1.0)
    assert max(sum(map(str.isdigit, piece)) for piece in split.pieces(range(50))) == 1
    assert max(sum(map(str.isdigit, piece)) for piece in whole.pieces(range(50))) > 1
