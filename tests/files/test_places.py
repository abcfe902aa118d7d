"""Places by all of their names: paths, links, numbers of open streams, and "-"."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.streams import stream

from nmt.errors import ConfigurationError
from nmt.files.places import TextInput, TextOutput, refuse_overwriting, refuse_sharing


def test_a_stream_has_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        (tmp_path / "-").write_text("a file that is called so")
        output = TextOutput(name)
        assert (output.descriptor, output.path, output.file, output.new_file) == (1, None, None, None)
    assert TextInput("-").descriptor == 0
    assert TextInput("./-").file == Path("-")
    assert TextOutput("new").new_file == tmp_path / "new"
    assert TextOutput("/dev/null").new_file is None


@pytest.mark.parametrize("kind", ["same", "relative", "symbolic link", "hard link", "link to the folder"])
def test_one_file_is_known_by_every_name(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    text = folder / "text"
    text.write_text("Bus\n")
    monkeypatch.chdir(folder)
    other = tmp_path / "other"
    match kind:
        case "same":
            other = text
        case "relative":
            other = Path("../folder/text")
        case "symbolic link":
            other.symlink_to(text)
        case "hard link":
            other.hardlink_to(text)
        case _:
            other.symlink_to(folder)
            other /= "text"
    for given in ([TextInput(str(other))], [None, TextInput("nothing"), other], [folder]):
        with pytest.raises(ConfigurationError, match=r"text and .* are one file; the output would overwrite the input"):
            refuse_overwriting(TextOutput(str(text)), given)
    refuse_overwriting(TextOutput("text.new"), [TextInput("text"), folder])


def test_a_redirected_stream_is_the_file_behind_it(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("Bus\n")
    with (
        stream(1, text, os.O_WRONLY | os.O_APPEND),
        pytest.raises(ConfigurationError, match=r"standard output and .*text are one"),
    ):
        refuse_overwriting(TextOutput("-"), [TextInput(str(text))])
    with stream(0, text, os.O_RDONLY), pytest.raises(ConfigurationError, match="text and standard input are one file"):
        refuse_overwriting(TextOutput(str(text)), [TextInput("-")])
    with stream(0, Path("/dev/null"), os.O_RDONLY), stream(1, Path("/dev/null"), os.O_WRONLY):
        refuse_overwriting(TextOutput("-"), [TextInput("-")])  # a terminal is both, too


def test_a_stream_is_read_once() -> None:
    for names in (("-", "-"), ("-", "/dev/stdin"), ("/dev/fd/7", "/dev/fd/7")):
        with pytest.raises(ConfigurationError, match="two inputs are"):
            refuse_sharing(*map(TextInput, names))
    refuse_sharing(TextInput("text"), TextInput("text"), TextInput("-"), None)
