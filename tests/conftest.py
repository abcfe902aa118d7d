"""Settings of all tests."""

import os
import signal
from collections import Counter

# Before torch is imported, here and in every process that a test starts: OpenMP threads wait by spinning, and two
# processes with two threads each on two cores slow each other tenfold.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

# What tests share asserts, too, and should say what was compared.
pytest.register_assert_rewrite("support")

# A shell that runs the tests in the background ignores interrupts, and what it starts would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that does other work beside the tests must not fail them by being slow. A property is tried with the same draws
# each time, so that a test that fails, fails by the change it is run for; `--hypothesis-profile new-draws` makes others.
settings.register_profile("new-draws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same-draws", settings.get_profile("new-draws"), derandomize=True)
settings.load_profile("same-draws")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with the most slow tests first: processes that share the files out then end at about the same time."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])
