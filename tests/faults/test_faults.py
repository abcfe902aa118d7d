"""The list of deliberate faults fits the code of now; `make faults` tries them out."""

from __future__ import annotations

from pathlib import Path

from faults.faults import read_faults

ROOT = Path(__file__).parents[2]


def test_the_text_that_a_fault_changes_is_there_once() -> None:
    assert [
        (fault.file, fault.reason)
        for fault in read_faults()
        if (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) != 1 or fault.old == fault.new
    ] == []


def test_the_tests_that_should_find_a_fault_are_there() -> None:
    named = {test.partition("::")[0] for fault in read_faults() for test in fault.tests}
    assert [test for test in named if not (ROOT / test).exists()] == []
