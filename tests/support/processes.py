"""Processes that are forks of one that has loaded the libraries and nmt, which takes longer than what tests do in them."""

from __future__ import annotations

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["nmt.offline.documents", "nmt.offline.run", "nmt.runtime.build", "torch._dynamo"])
