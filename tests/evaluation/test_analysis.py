"""Buckets, n-grams and faults against compare-mt where it has them, and against cases by hand elsewhere."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nmt.cli.every import app
from nmt.evaluation.analysis import Evidence, analyse
from nmt.evaluation.carried import Emails, Names, Numbers, Placeholders, Terms, Urls, carried, normalised_number
from nmt.evaluation.comparison import Measurement, System, compare
from nmt.evaluation.diagnostics import DIAGNOSTICS, diagnostics, language_of
from nmt.evaluation.documents import Consistency
from nmt.evaluation.explanation import analysis_record
from nmt.evaluation.metrics import METRICS, MetricOptions, TestSet
from nmt.evaluation.ngrams import matched, salient
from nmt.evaluation.overlap import overlap
from nmt.evaluation.resampling import Resampling
from nmt.evaluation.segments import DIFFERENCES, LENGTHS, bound_labels, by_bounds, by_label, by_tercile
from nmt.evaluation.words import PLACES, WordTable, by_frequency, by_place, counts, f1, frequency_labels, matches

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "house",
    "sees",
    "likes",
    "old",
    "big",
    "of",
    "in",
    "and",
    "not",
    "Berlin",
    "17",
    ",",
    ".",
]


def texts(seed: int, *, lines: int = 60) -> tuple[list[list[str]], list[list[list[str]]]]:
    """References of words, and translations by two systems that lose, add and swap some."""
    chance = random.Random(seed)
    references = [chance.choices(WORDS, k=chance.randint(1, 70)) for _ in range(lines)]
    systems = []
    for share in (0.1, 0.4):
        system = []
        for reference in references:
            line = [word if chance.random() > share else chance.choice(WORDS) for word in reference]
            line += chance.choices(WORDS, k=chance.choice([0, 0, 1, 6, 25]))
            system.append(line[chance.choice([0, 0, 2]) :] or ["cat"])
        systems.append(system)
    return references, systems


# --- against compare-mt ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_words_by_frequency_are_compare_mts(seed: int) -> None:
    bucketers = pytest.importorskip("compare_mt.bucketers")
    references, systems = texts(seed)
    chance = random.Random(seed)
    frequencies = {word: chance.choice([0, 1, 2, 3, 4, 7, 50, 500, 5000]) for word in WORDS}
    theirs = bucketers.FreqWordBucketer(freq_counts=frequencies)
    expected, *_ = theirs.calc_statistics(references, systems)
    assert len(frequency_labels()) == len(theirs.bucket_strs)
    for system, rows in zip(systems, expected, strict=True):
        found = sum(
            counts(reference, line, by_frequency(frequencies), buckets=9)
            for reference, line in zip(references, system, strict=True)
        )
        for (match, wanted, have, *_, f), row in zip(rows, np.asarray(found), strict=True):
            assert row.tolist() == [match, have, wanted]
            assert f1(row[None])[0] == pytest.approx(100 * f)


@pytest.mark.parametrize("seed", range(5))
def test_segments_in_buckets_are_compare_mts(seed: int) -> None:
    bucketers = pytest.importorskip("compare_mt.bucketers")
    references, systems = texts(seed)
    lengths = [len(reference) for reference in references]
    for system in systems:
        for theirs, values, bounds in (
            (bucketers.LengthSentenceBucketer(), lengths, LENGTHS),
            (
                bucketers.LengthDiffSentenceBucketer(),
                [len(line) - length for line, length in zip(system, lengths, strict=True)],
                DIFFERENCES,
            ),
        ):
            expected = [bucket[0] for bucket in theirs.create_bucketed_corpus(system, ref=references)]
            assert len(expected) == len(bound_labels(bounds))
            found = [[system[segment] for segment in group.segments] for group in by_bounds(values, bounds)]
            assert found == [bucket for bucket in expected if bucket]


@pytest.mark.parametrize("seed", range(5))
def test_salient_ngrams_are_compare_mts(seed: int) -> None:
    theirs = pytest.importorskip("compare_mt.ngram_utils")
    features = pytest.importorskip("compare_mt.stat_utils")
    references, systems = texts(seed, lines=20)
    expected = [theirs.compare_ngrams(references, system)[1] for system in systems]
    found = [matched(references, system) for system in systems]
    for ours, counted in zip(found, expected, strict=True):
        assert dict(ours) == dict(counted)
    shares = features.extract_salient_features(*expected)
    first = salient(found[0], found[1], count=50)
    best = sorted(shares.values(), reverse=True)[:50]
    assert [one.share for one in first] == pytest.approx(best)
    assert all(shares[tuple(one.ngram.split(" "))] == one.share for one in first)


# --- words and groups by hand ------------------------------------------------------------------------------------------


def test_words_by_hand() -> None:
    reference, hypothesis = ["the", "cat", "saw", "the", "dog"], ["a", "cat", "the", "the", "the"]
    assert matches(reference, hypothesis) == [-1, 1, 0, 3, -1]
    found = counts(reference, hypothesis, by_place, buckets=3)
    # Of the reference: the cat | saw the | dog. Of the translation: a | the (twice, of the first and second) ...
    assert found[:, 2].tolist() == [2, 2, 1]
    assert found[:, 0].tolist() == [2, 1, 0]
    assert found[:, 1].sum() == 5
    assert [by_place("", place, 1) for place in (0,)] == [0]


def test_labels_name_all_numbers_once() -> None:
    assert frequency_labels() == ["0", "1", "2", "3", "4", "5-9", "10-99", "100-999", "1,000+"]
    assert bound_labels((10, 20, 21)) == ["< 10", "10 to 19", "20", ">= 21"]
    assert [group.segments for group in by_bounds([5, 10, 19, 20, 99], (10, 20, 21))] == [(0,), (1, 2), (3,), (4,)]


def test_groups_by_label_and_tercile() -> None:
    assert [(group.label, group.segments) for group in by_label(["b", "a", "b"])] == [("b", (0, 2)), ("a", (1,))]
    terciles = by_tercile(np.array([0.5, 0.1, 0.9, 0.2, 0.5, 0.5]))
    assert [group.segments for group in terciles] == [(1, 3), (0, 4), (2, 5)]
    assert [group.segments for group in by_tercile(np.zeros(2))] == [(0,), (1,)]


# --- carried over ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1'234.50", "1234.50"), ("1\u00a0234", "1234")),
        *(("3,5", "3.5"), ("3.5", "3.5"), ("0.125", "0.125"), ("1.234.567", "1234567"), ("17", "17")),
        *(("12.03.2024", "12.03.2024"), ("1.2.3", "1.2.3"), ("10,000", "10000")),
    ],
)
def test_numbers_of_both_languages_are_one(written: str, number: str) -> None:
    assert normalised_number(written) == number


def carried_one(kind: type[Numbers], source: str, hypothesis: str, reference: str = "") -> tuple[float, float, float]:
    found = kind(TestSet(references=([reference],), sources=[source])).statistics([hypothesis])[0]
    return found[0], found[1], found[2]


def test_numbers_are_a_multiset() -> None:
    source = "Am 3. Mai stiegen 1.250 Menschen in 2 Züge, 2 in keinen."
    assert carried_one(Numbers, source, "On 3 May 1,250 people boarded 2 trains, 2 none.") == (4, 4, 4)
    assert carried_one(Numbers, source, "On 4 May 1,250 people boarded 2 trains.") == (2, 3, 4)
    metric = Numbers(TestSet(references=([""],), sources=[source]))
    [failure] = metric.failures(["On 4 May 1,250 people boarded 2 trains."])
    assert (failure.segment, sorted(failure.missing), failure.extra) == (0, ["2", "3"], ("4",))


def test_names_are_capitalised_inside_a_sentence_and_the_same_in_the_reference() -> None:
    test_set = TestSet(references=(["Yesterday Anna met Tom in Cologne."],), sources=["Gestern traf Anna den Tom in Köln."])
    names = Names(test_set)
    assert names.count == 2  # not Gestern, which begins the sentence, and not Köln, which is Cologne
    assert names.statistics(["Yesterday Anna met him in Cologne."])[0].tolist() == [1, 1, 2]
    assert names.failures(["Yesterday Anna met him in Cologne."])[0].missing == ("Tom",)
    # A name at the beginning of a second sentence is not one: every word has a capital there.
    assert Names(TestSet(references=(["Yes. Tom."],), sources=["Ja. Tom."])).count == 0


@pytest.mark.parametrize(
    ("kind", "source", "good", "bad"),
    [
        (Urls, "Siehe https://a.example/x?y=1&z=2.", "See https://a.example/x?y=1&z=2.", "See https://a.example/x?y=1."),
        (Urls, "(www.a.example/b)", "(www.a.example/b)", "(www.a.example)"),
        (Emails, "An jo.doe+x@mail.example.org!", "To jo.doe+x@mail.example.org!", "To jo.doe@mail.example.org!"),
        (Placeholders, "Hallo {name}, %s und %(n)d", "Hi {name}, %s and %(n)d", "Hi {Name}, %s and %(n)d"),
        (Placeholders, "${id} {{ x }} <1>fett</1>", "${id} {{ x }} <1>bold</1>", "${id} {{x}} <1>bold</1>"),
    ],
)
def test_addresses_and_placeholders_are_the_same_to_the_byte(kind: type[Urls], source: str, good: str, bad: str) -> None:
    matched_good, found, wanted = carried_one(kind, source, good)  # type: ignore[arg-type]
    assert matched_good == found == wanted > 0
    matched_bad, _, wanted = carried_one(kind, source, bad)  # type: ignore[arg-type]
    assert matched_bad == wanted - 1


def test_terms_of_a_glossary() -> None:
    test_set = TestSet(references=(["x"] * 3,), sources=["Der Zug und der Zug.", "Der Aufzug.", "Kein Wort."])
    terms = Terms(test_set, terms=[("Zug", "train"), ("Wort", "word")])
    assert terms.statistics(["The train and the train.", "The train.", "No train."]).tolist() == [
        [2, 2, 2],
        [0, 0, 0],
        [0, 0, 1],
    ]
    assert [failure.segment for failure in terms.failures(["The train.", "", "No word."])] == [0]
    assert carried(test_set, [("Schiff", "ship")]) == []


# --- faults ------------------------------------------------------------------------------------------------------------

GERMAN = "Der Vorsitzende hat gestern im Parlament über die neuen Gesetze gesprochen und dafür viel Beifall bekommen."
ENGLISH = "Yesterday the chairman spoke in parliament about the new laws and received a lot of applause for that."


def fault(name: str, hypothesis: str, *, source: str = GERMAN, reference: str = ENGLISH) -> float:
    test_set = TestSet(references=([reference],), language="en", sources=[source], source_language="de")
    metric = DIAGNOSTICS[name](test_set)
    return metric.aggregate(metric.statistics([hypothesis])[0])


def test_length_faults_are_beyond_half_and_twice() -> None:
    assert fault("over-translated", "ab cd e", reference="ab") == 100.0
    assert fault("over-translated", "ab cd", reference="ab") == 0.0
    assert fault("under-translated", "ab", reference="ab cd") == 0.0
    assert fault("under-translated", "a", reference="ab cd") == 100.0
    assert fault("under-translated", "", reference="ab cd") == 100.0
    assert fault("over-translated", "x", reference="") == 100.0
    test_set = TestSet(references=(["abcdefgh"], ["ab"]))
    assert DIAGNOSTICS["under-translated"](test_set).statistics(["ab"])[0, 0] == 0.0, "one of the references is as short"


def test_repetition_is_beyond_the_references() -> None:
    # 9 4-grams of 12 words; 5 are there again.
    assert fault("repetition", "a b c d " * 3) == pytest.approx(100 * 5 / 9)
    assert fault("repetition", "a b c d " * 3, reference="a b c d " * 3) == 0.0
    assert fault("repetition", "a b c") == 0.0


def test_a_copy_of_the_source_is_one_where_the_reference_is_none() -> None:
    assert fault("copied source", GERMAN) == 100.0
    assert fault("copied source", ENGLISH) == 0.0
    assert fault("copied source", "Tom Miller", source="Tom Miller", reference="Tom Miller") == 0.0


def test_the_wrong_language_is_told_where_it_can_be() -> None:
    assert language_of(GERMAN)[0] == "de"
    assert language_of("Ja.") == ("", 0.0)
    assert fault("wrong language", GERMAN) == 100.0
    assert fault("wrong language", ENGLISH) == 0.0
    assert fault("wrong language", "Ja.") == 0.0
    assert fault("wrong language", GERMAN, reference=GERMAN) == 0.0, "the reference is in that language, too"


def test_diagnostics_are_those_that_can_be_had() -> None:
    assert [one.name for one in diagnostics(TestSet(references=(["a"],)))] == [
        "over-translated",
        "under-translated",
        "repetition",
    ]
    assert len(list(diagnostics(TestSet(references=(["a"],), language="en", sources=["b"])))) == 5


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_and_cut_translations_are_found(seed: int) -> None:
    """The sums of any segments give their score, and what is wrong with a text shows."""
    references, _ = texts(seed)
    lines = [" ".join(words) for words in references]
    test_set = TestSet(references=(lines,), language="en", sources=lines)
    cut = System("cut", ([line[: len(line) // 3] for line in lines],))
    loops = System("loops", ([f"{line} {line} {line}" for line in lines],))
    for name, system in (("under-translated", cut), ("over-translated", loops), ("repetition", loops)):
        kind = DIAGNOSTICS[name](test_set)
        whole = System("whole", (lines,))
        result = compare([whole, system], [kind], resampling=Resampling(test="bs", samples=100)).results[0]
        good, bad = result.estimates
        assert good.score < 1.0
        assert bad.score > 50.0
        assert bad.corrected is not None
        assert bad.corrected < 0.05


# --- training text and documents ---------------------------------------------------------------------------------------


def test_the_nearest_training_source_is_that_of_an_exhaustive_search() -> None:
    chance = random.Random(4)
    training = [(" ".join(chance.choices(WORDS, k=chance.randint(3, 12))), f"target {number}") for number in range(300)]
    sources = [" ".join(chance.choices(WORDS, k=8)) for _ in range(20)] + [training[7][0], "zzzzzz qqqqqq", ""]
    found = overlap(sources, training)

    def grams(text: str) -> set[str]:
        return {text[start : start + 4] for start in range(len(text) - 3)}

    for segment, source in enumerate(sources[:21]):
        lowered = grams(source.lower())
        shares = [len(lowered & grams(text.lower())) / len(lowered) for text, _ in training]
        assert found.similarity[segment] == pytest.approx(max(shares))
        assert shares[training.index((found.nearest[segment], found.memory[segment]))] == pytest.approx(max(shares))
    assert found.memory[20] == "target 7"
    assert found.similarity[20:].tolist() == [1.0, 0.0, 0.0]
    assert (found.memory[21], found.memory[22], found.pairs) == ("", "", 300)


def test_a_word_is_consistent_where_it_is_translated_as_most_often() -> None:
    """Function words are in all segments and go with no term; Bericht is translated in two ways by one system."""
    sources = ["Der Bericht ist lang"] * 4 + [f"Der Rest ist etwas{number}" for number in range(60)]
    documents = ["one"] * 4 + ["two"] * 60
    metric = Consistency(TestSet(references=(sources,), sources=sources), documents=documents)
    others = [f"The rest is long something{number}" for number in range(60)]
    same = ["The report is long"] * 3 + ["The Reports is long"] + others
    mixed = ["The report is long"] * 3 + ["The statement is long"] + others
    assert metric.aggregate(metric.statistics(same).sum(axis=0)) == 100.0
    assert metric.inconsistencies(same) == []
    assert metric.statistics(mixed)[:5].tolist() == [[2, 2], [2, 2], [2, 2], [0, 2], [0, 0]]  # of Bericht and of lang
    assert metric.aggregate(metric.statistics(mixed).sum(axis=0)) == 75.0
    found = {one.term: one for one in metric.inconsistencies(mixed)}
    assert (found["Bericht"].document, found["Bericht"].translations) == ("one", (("report", 3), ("statement", 1)))


# --- all of it ---------------------------------------------------------------------------------------------------------


def written(path: Path, lines: Sequence[str]) -> str:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_an_analysis_is_made_of_the_same_statistics_as_the_scores() -> None:
    references, systems = texts(1)
    lines = [" ".join(words) for words in references]
    named = [System(name, ([" ".join(words) for words in text],)) for name, text in zip("ab", systems, strict=True)]
    domains = ["news" if number % 3 else "mail" for number in range(len(lines))]
    test_set = TestSet(references=(lines,), language="en", sources=lines)
    chrf = METRICS["chrf"](test_set)
    comparison = compare(named, [chrf])
    training = [(line, line) for line in lines[:20]]
    evidence = Evidence(training=iter(training), domains=domains, documents=["d"] * len(lines), terms=[("cat", "cat")])
    found = analyse(comparison, named, test_set, evidence, resampling=Resampling(test="bs", samples=50))
    charts = {chart.title: chart for chart in found.charts}
    domain = charts["score by domain"]
    for bar in domain.bars:
        rows = [number for number, name in enumerate(domains) if name == bar.label]
        part = METRICS["chrf"](TestSet(references=([lines[row] for row in rows],)))
        for system, estimate in zip(named, bar.results[0].estimates, strict=True):
            assert estimate.score == pytest.approx(part.score([system.runs[0][row] for row in rows]).value)
        assert bar.count == len(rows)
    frequency = charts["accuracy of words by their frequency in the training text"]
    counted = Counter(word for line, _ in training for word in line.split())
    table = WordTable(test_set, by_frequency(counted), frequency_labels())
    for bar in frequency.bars:
        number = frequency_labels().index(bar.label)
        assert bar.results[0].estimates[0].score == f1(table.statistics(named[0].runs[0]).sum(axis=0)[None, number])[0]
        assert bar.results[0].estimates[1].p_value is not None
    assert sum(bar.count for bar in frequency.bars) == sum(map(len, references))
    assert found.overlap is not None
    assert found.overlap.similarity[:20].tolist() == [1.0] * 20
    assert found.memory[0].estimates[0].score == pytest.approx(chrf.score(found.overlap.memory).value)
    [pair] = found.pairs
    gains = comparison.measurements["chrF2"][1].segment_scores - comparison.measurements["chrF2"][0].segment_scores
    assert pair.losses[0] == int(np.argmin(gains))
    assert all(gains[segment] > 0 for segment in pair.gains)
    assert len(PLACES) == len(charts["accuracy of words by their place in the sentence"].bars)
    assert json.loads(json.dumps(analysis_record(found)))["training"]["pairs"] == 20


def test_runs_are_averaged_in_diagnostics() -> None:
    test_set = TestSet(references=(["a b c d"] * 2,))
    metric = DIAGNOSTICS["under-translated"](test_set)
    measured = Measurement.of(System("s", (["a", "a b c d"], ["a b c d", "a b c d"])), metric)
    assert measured.score == 25.0


def test_the_command_explains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    references, systems = texts(2)
    for name, text in (("ref", references), ("src", references), ("a", systems[0]), ("b", systems[1])):
        written(Path(name), [" ".join(words) for words in text])
    written(Path("domains"), ["x", "y"] * 30)
    written(Path("docs"), ["d", "e"] * 30)
    written(Path("train"), [f"{' '.join(words)}\t{' '.join(words)}" for words in references[:9]])
    written(Path("terms"), ["cat\tcat", "dog\tdog"])
    more = ("--source", "src", "--domains", "domains", "--documents", "docs", "--train", "train", "--glossary", "terms")
    command = ["evaluate", "ref", "-i", "a", "b", "-l", "de-en", *more, "--explain", "-pbs", "-pbsn", "20"]
    for form in ("text", "markdown", "latex"):
        done = CliRunner().invoke(app, [*command, "-f", form])
        assert done.exit_code == 0, done.exception
        for title in ("Score by domain", "Carried over from the source", "Translation memory of 9", "N-grams that b gets"):
            assert title in done.stdout
    done = CliRunner().invoke(app, [*command, "-f", "text", "--json", "report.json"])
    figures = json.loads(Path("report.json").read_text(encoding="utf-8"))["analysis"]
    assert {row["metric"] for row in figures["faults"]} >= {
        "numbers",
        "names",
        "glossary terms",
        "consistency",
        "repetition",
    }
    assert "has no room for" in str(CliRunner().invoke(app, [*command, "-f", "json"]).exception)
    short = written(Path("short"), ["x"])
    done = CliRunner().invoke(app, [*command[:7], "--domains", short, "--explain", "-f", "text"])
    assert "short 1;" in str(done.exception)
    assert MetricOptions().tokenize is None
