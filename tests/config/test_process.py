"""Settings of a process: made by the programs, never by an import."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

NAME = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
SHOW = f"import os, sys; print(os.environ.get('{NAME}'), 'torch' in sys.modules)"


def shown(*lines: str, **environment: str) -> str:
    """What a process that has run `lines` has in its environment, and whether it has loaded PyTorch."""
    clean = {name: value for name, value in os.environ.items() if name != NAME} | environment
    program = "\n".join((*lines, SHOW))
    done = subprocess.run([sys.executable, "-c", program], env=clean, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("given", [None, "7"])
def test_the_command_limits_the_cache_before_pytorch_is_there(given: str | None) -> None:
    run = (
        "import sys",
        "sys.argv = ['nmt', '--help']",
        "from nmt.cli import main",
        "try: main()",
        "except SystemExit: pass",
    )
    assert shown(*run, **({} if given is None else {NAME: given})) == f"{given or 64} False"


@pytest.mark.slow
def test_an_import_changes_no_environment() -> None:
    assert shown("import nmt.model.build, nmt.runtime.build, nmt.translate.translator") == "None True"
