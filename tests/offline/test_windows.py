"""Windows of a stream: full while lines come, closed when they pause, and given out before more is waited for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.windows import Pipe

from nmt.errors import CorpusError, InputError
from nmt.files.lines import InputLine, Lines
from nmt.files.places import TextInput
from nmt.offline.windows import LineWindow, Supply, windows


def test_a_line_that_is_followed_by_none_is_a_window() -> None:
    pipe = Pipe(size=100)
    pipe.write("one\n")
    assert pipe.next() in (None, ["one"])  # None where nothing had come yet
    for text in ("two\n", "three\nfour\n"):
        while pipe.next() is not None:
            pass
        pipe.write(text)
        assert pipe.next() == text.split()
    while pipe.next() is not None:
        pass
    pipe.write("the end")
    os.close(pipe.write_end)
    assert pipe.next() == ["the end"]
    assert list(pipe.windows) in ([], [None])


def test_a_stream_that_never_pauses_comes_in_full_windows() -> None:
    pipe = Pipe(size=500)
    text = "".join(f"line {number}\n" for number in range(5000))
    writer = threading.Thread(target=lambda: (pipe.write(text), os.close(pipe.write_end)))
    writer.start()
    found = [window for window in pipe.windows if window is not None]
    writer.join()
    assert [len(window.lines) for window in found] == [500] * 10
    assert [window.first for window in found] == [*range(1, 5000, 500)]


def test_a_stream_that_drips_is_not_waited_for_until_a_window_is_full() -> None:
    pipe = Pipe(size=10_000)
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.005):
            pipe.write("drop\n")
        os.close(pipe.write_end)

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    while not (lines := pipe.next()):
        pass
    took = time.monotonic() - began
    stop.set()
    dripping.join()
    assert 1 <= len(lines) < 10_000
    assert took < 30, "half a second, or more on a machine with much else to do"


def test_a_file_comes_in_windows_of_one_size_by_its_name_and_as_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("".join(f"line {number}\n" for number in range(25)))
    with path.open() as file:
        for name in (str(path), f"/dev/fd/{file.fileno()}"):
            found = list(windows(Lines(TextInput(name)), after=0, size=10))
            assert [len(window.lines) for window in found if window] == [10, 10, 5]
    [window] = windows(Lines(TextInput(str(path))), after=20, size=10)
    assert window is not None
    assert (window.first, window.last) == (21, 25)


def test_mistakes_in_a_stream_come_after_the_lines_before_them(tmp_path: Path) -> None:
    pipe = Pipe(size=10)
    pipe.write("one\n" + "".join(["\xe4\n"] * 3))
    os.write(pipe.write_end, b"\xe4\n" * 200)
    os.close(pipe.write_end)
    seen = []
    with pytest.raises(InputError, match="lines are not UTF-8"):
        seen.extend(pipe.windows)
    assert sum(len(window.lines) for window in seen if window) >= 100
    (tmp_path / "prefixes").write_text("a\n")
    read_end, write_end = os.pipe()
    os.write(write_end, b"one\ntwo\n")
    os.close(write_end)
    both = windows(
        Lines(TextInput(f"/dev/fd/{read_end}")), after=0, size=10, prefixes=Lines(TextInput(f"{tmp_path}/prefixes"))
    )
    with pytest.raises(CorpusError, match="prefixes ends after line 1"):
        list(both)


def window(number: int) -> LineWindow:
    return LineWindow(number, (InputLine(str(number), ""),))


def test_nothing_is_waited_for_while_translations_are_held() -> None:
    asked = []

    def stream() -> Iterator[LineWindow | None]:
        for item in (None, window(1), window(2), None, window(3), window(4), window(5)):
            asked.append(item)
            yield item

    supply = Supply(stream())
    assert list(supply.take(held=0, most=4)) == [window(1), window(2)]
    assert asked[-1] is None
    assert list(supply.take(held=2, most=4)) == []
    assert list(supply.take(held=1, most=4)) == []
    assert asked[-1] is None, "the stream has paused: it may take an hour to its next line"
    assert list(supply.take(held=0, most=2)) == [window(3), window(4)]
    assert list(supply.take(held=2, most=2)) == []
    assert list(supply.take(held=1, most=2)) == [window(5)]
    assert list(supply.take(held=0, most=2)) == []
