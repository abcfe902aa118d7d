"""Columns of Parquet tables, row group by row group; all others, the schema and its metadata go through as they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Unpack

from nmt.errors import ConfigurationError, InputError, MissingPackageError
from nmt.files.lines import Version, version
from nmt.files.output import not_writable, open_whole, partial_path
from nmt.files.places import TextInput, TextOutput, refuse_overwriting
from nmt.offline.columns import Columns
from nmt.offline.engine import Machines, open_engine
from nmt.offline.job import TranslationJob, segment_window, segments_of
from nmt.offline.run import OnProgress
from nmt.offline.windows import Windows
from nmt.translate.translator import WINDOW

if TYPE_CHECKING:
    import pyarrow.parquet


def is_parquet(place: TextInput) -> bool:
    """Whether a file of this name is a table of Parquet."""
    return place.path is not None and place.path.suffix.lower() == ".parquet"


def translate_parquet(
    job: TranslationJob,
    *,
    input: TextInput,
    output: TextOutput,
    columns: Columns | None,
    resume: bool = False,
    window: int = WINDOW,
    progress: OnProgress = lambda _: None,
    **machines: Unpack[Machines],
) -> list[str | None]:
    """Translate columns of text to a new file with the same row groups, which is whole or not there; the warnings.

    Raises ConfigurationError, InputError, ModelDirectoryError, DeviceError, OfflineError.
    """
    source, final = input.file, output.new_file
    if columns is None or columns.kind == "jsonl":
        raise ConfigurationError(f"--input {input}: is a table; name a column of it with --column")
    if source is None or final is None or final.suffix.lower() != ".parquet":
        raise ConfigurationError(f"--input {input} and --output {output} should both be files that end in .parquet")
    if resume:
        raise ConfigurationError("--resume is for lines and documents; a Parquet file is written in one run")
    refuse_overwriting(output, [input, *job.directories])
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise MissingPackageError("Parquet", package="pyarrow", extra="parquet") from error
    before, done = version(input), 0
    try:
        with pyarrow.parquet.ParquetFile(source) as table:
            names = [_column(table, name, str(input)) for name in columns.names]
            with (
                open_engine(job.for_segments(), **machines) as running,
                open_whole(final, name=output.name, inputs=[input]),
                pyarrow.parquet.ParquetWriter(partial_path(final), table.schema_arrow, **_settings(table)) as writer,
            ):
                for group in _translated(running, table, names, window):
                    writer.write_table(group, row_group_size=max(len(group), 1))
                    progress(done := done + len(group))
                _check_version(input, before, done)
                return [running.loaded.complaint]
    except (pyarrow.ArrowException, OSError) as error:
        _check_version(input, before, done)
        raise _explained(error, input, output) from error


def _check_version(input: TextInput, before: Version | None, done: int) -> None:
    """Raise InputError where the table is another one than it was at the beginning."""
    if version(input) != before:
        raise InputError(f"{input}: was changed or replaced while it was read, found after row {done}; run it again")


def _explained(error: Exception, input: TextInput, output: TextOutput) -> InputError:
    """The error of the user for one of reading or writing tables."""
    if isinstance(error, OSError) and error.errno is not None:
        return not_writable(str(output), error)
    return InputError(f"{input}: cannot be read or written as Parquet: {error}")


def _column(table: pyarrow.parquet.ParquetFile, name: str, where: str) -> str:
    """The name of a column of text. Raises InputError."""
    import pyarrow

    schema = table.schema_arrow
    if name not in schema.names and name.isdecimal() and int(name) <= len(schema.names):
        name = schema.names[int(name) - 1]
    if name not in schema.names:
        raise InputError(f"{where}: has no column {name!r}; it has {', '.join(schema.names)}")
    if schema.names.count(name) > 1:
        raise InputError(f"{where}: has {schema.names.count(name)} columns {name!r}; each should have a name of its own")
    kind = schema.field(name).type
    if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
        raise InputError(f"{where}: column {name!r} holds {kind}; it should hold strings")
    return name


def _settings(table: pyarrow.parquet.ParquetFile) -> dict[str, Any]:
    """The compression of each column."""
    if not table.num_row_groups:
        return {}
    group = table.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    names = {one.path_in_schema: one.compression for one in columns}
    return {"compression": {path: "NONE" if name == "UNCOMPRESSED" else name for path, name in names.items()}}


def _translated(running: Any, table: pyarrow.parquet.ParquetFile, names: list[str], window: int) -> Iterator[Any]:
    """Each row group with its translations."""
    import pyarrow

    held: deque[tuple[Any, dict[str, list[str | None]], int]] = deque()

    def supply() -> Windows:
        first = 1
        for number in range(table.num_row_groups):
            group = table.read_row_group(number)
            values = {name: group.column(name).to_pylist() for name in names}
            texts = [text for name in names for text in values[name] if text and text.strip()]
            pieces = [texts[start : start + window] for start in range(0, len(texts), window)] or [[""]]
            held.append((group, values, len(pieces)))
            for piece in pieces:
                yield segment_window(first, piece)
                first += len(piece)

    translations: list[str] = []
    windows = 0
    for _, output in running.translate(supply()):
        translations += segments_of(output)
        windows += 1
        group, values, needed = held[0]
        if windows < needed:
            continue
        held.popleft()
        rest = iter(translations)
        for name in names:
            new = [next(rest) if text and text.strip() else text for text in values[name]]
            place = group.schema.get_field_index(name)
            field = group.schema.field(place)
            group = group.set_column(place, field, pyarrow.array(new, type=field.type))
        yield group
        translations, windows = [], 0
