"""Workers that start at once, for tests of what they do and not of how they start."""

from __future__ import annotations

import pytest
from support.processes import PROCESSES


@pytest.fixture
def forked_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nmt.offline.workers._CONTEXT", PROCESSES)
