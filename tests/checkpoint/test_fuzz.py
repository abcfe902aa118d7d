"""Model directories with damage of every kind, sealed anew: each translates, or is refused in one line, and nothing else.

`NMT_FUZZ_SECONDS` and `NMT_FUZZ_SEED` make it longer, and another. A failure names the seed and the number of its case.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
import yaml
from safetensors.numpy import load_file, save_file
from support.fuzzing import Damage, damaged_bytes, damaged_tree
from support.untrained import write_small_model
from support.untrusted import header_of, seal, with_header

from nmt.checkpoint.directory import MANIFEST, NETWORK, SHORTLIST, add_shortlist, load_model, load_tokenizer
from nmt.config.machine import RuntimeName
from nmt.errors import NmtError
from nmt.model.shortlist import Shortlist
from nmt.runtime import kernels
from nmt.translate.translator import Translator

SECONDS = float(os.environ.get("NMT_FUZZ_SECONDS", "2"))  # of each kind of damage
SEED = int(os.environ.get("NMT_FUZZ_SEED", "1"))
RUNTIMES: list[RuntimeName] = ["reference", *(["int8"] if kernels.AVAILABLE else [])]
SLOWEST = 2.0  # seconds of one case
MEMORY = 256 << 10  # KiB that all cases of a kind may add to the peak


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The compiled kernel runs a model of so many units, and none of fewer.
    directory = write_small_model(tmp_path_factory.mktemp("whole") / "model", seed=1, units=32)
    size = load_tokenizer(directory).vocabulary_size
    pairs = np.arange(2 * size).reshape(-1, 2) % size
    add_shortlist(directory, Shortlist.build(common=np.arange(8), translations=pairs))
    for runtime in RUNTIMES:
        assert Translator.load(directory, device="cpu", runtime=runtime).translate(["Der Hund schläft."])
    return directory


def damaged_yaml(random: Random, data: bytes) -> bytes:
    return yaml.safe_dump(damaged_tree(random, yaml.safe_load(data)), allow_unicode=True).encode()


def damaged_json(random: Random, data: bytes) -> bytes:
    return json.dumps(damaged_tree(random, json.loads(data))).encode()


def damaged_header(random: Random, data: bytes) -> bytes:
    header, numbers = header_of(data)
    changed = damaged_tree(random, header)
    return with_header(changed, numbers)


def damaged_arrays(random: Random, data: bytes) -> bytes:
    """Numbers, sizes and types of a shortlist, in a file that is whole."""
    path = Path(os.environ["PYTEST_FUZZ_FILE"])
    path.write_bytes(data)
    arrays = load_file(path)
    name = random.choice(list(arrays))
    kind = random.choice((np.uint8, np.int32, np.int64, np.uint16, np.float32, arrays[name].dtype))
    array = arrays[name].astype(kind)
    match random.randrange(3):
        case 0 if array.size:
            array = array.copy()
            array.reshape(-1)[random.randrange(array.size)] = random.choice((0, 1, 7, 100, 127))
        case 1:
            array = np.resize(array, random.choice(((), (1,), (0,), (4, 4), (1000,))))
        case _:
            array = np.asarray(array + np.asarray(random.choice((1, 100)), kind))
    arrays[name] = array
    save_file(arrays, path)
    return path.read_bytes()


KINDS: list[tuple[str, str, Damage]] = [
    ("weights, bytes", "model.safetensors", damaged_bytes),
    ("weights, header", "model.safetensors", damaged_header),
    ("config, bytes", "config.yaml", damaged_bytes),
    ("config, values", "config.yaml", damaged_yaml),
    ("manifest, bytes", MANIFEST, damaged_bytes),
    ("manifest, values", MANIFEST, damaged_json),
    ("shortlist, bytes", SHORTLIST, damaged_bytes),
    ("shortlist, header", SHORTLIST, damaged_header),
    ("shortlist, arrays", SHORTLIST, damaged_arrays),
    ("plan, bytes", NETWORK, damaged_bytes),
    ("plan, values", NETWORK, damaged_json),
    ("tokenizer, bytes", "tokenizer.model", damaged_bytes),
]


@pytest.mark.parametrize(("name", "damage"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_a_damaged_directory_translates_or_is_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: Damage
) -> None:
    monkeypatch.setenv("PYTEST_FUZZ_FILE", str(tmp_path / "arrays"))
    directory = shutil.copytree(model, tmp_path / "model")
    whole = (directory / name).read_bytes()

    def cases() -> int:
        number, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end:
            number += 1
            progress.write_text(str(number))
            (directory / name).write_bytes(damage(Random(f"{SEED} {name} {number}"), whole))
            if name != MANIFEST:
                seal(directory)
            check(directory)
        return number

    progress = tmp_path / "progress"
    # The libraries that read these files are not Python: what ends a process ends a child.
    assert in_child(cases) == "", f"seed {SEED}, case {progress.read_text()}"
    assert int(progress.read_text()) >= 1


def load_model_alone(directory: Path) -> None:
    load_model(directory, device=torch.device("cpu"))


def translate(directory: Path, *, runtime: RuntimeName) -> None:
    Translator.load(directory, device="cpu", runtime=runtime).translate(["Der Hund schläft."])


def check(directory: Path) -> None:
    """Load a model, and translate with it in each runtime; each succeeds or is refused."""
    began = time.process_time()
    for work in (load_model_alone, *(partial(translate, runtime=runtime) for runtime in RUNTIMES)):
        try:
            work(directory)
        except NmtError as error:
            line = str(error)
            assert len(line.splitlines()) == 1, line
            assert line.isprintable(), line
    assert time.process_time() - began < SLOWEST


def in_child(work: Callable[[], object]) -> str:
    """How a fork of this process failed at `work`, by an exception, a signal or its memory; empty where it did not."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        reason = "?"
        try:
            signal.alarm(int(SECONDS) + 60)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            work()
            more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            reason = "" if more < MEMORY else f"took {more >> 10} MiB"
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, reason.encode(errors="replace")[:4000])
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        reason = stream.read().decode()
    _, status = os.waitpid(child, 0)
    return reason if os.waitstatus_to_exitcode(status) == 0 else f"ended by {os.waitstatus_to_exitcode(status)}"
