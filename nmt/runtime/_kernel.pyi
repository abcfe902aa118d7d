"""kernel/kernel.c. Every integer is a number or the address of a contiguous tensor, 0 for none. Keywords have an order."""

from nmt.search.dropped import Dropped

def linear(
    *,
    plan: int,
    rows: int,
    first: int,
    first_index: int,
    second: int,
    second_index: int,
    third: int,
    third_index: int,
    out: int,
) -> None: ...
def start(
    *,
    network: int,
    batch: int,
    steps: int,
    source: int,
    lengths: int,
    states: int,
    keys: int,
    values: int,
    state: int,
) -> None: ...
def lists(
    *,
    shortlist: int,
    batch: int,
    steps: int,
    source: int,
    lengths: int,
    tokens: int,
    counts: int,
    scale: int,
    bias: int,
) -> int: ...
def decode(
    *,
    decoder: int,
    memory: int,
    batch: int,
    beam: int,
    sentences: int,
    tokens: int,
    rows: int,
    count: int,
    before: int,
    after: int,
    weights: int,
) -> None: ...
def log_probabilities(
    *, plan: int, lists: int, counts: int, batch: int, beam: int, sentences: int, readout: int, out: int
) -> None: ...
def best(
    *,
    plan: int,
    lists: int,
    counts: int,
    batch: int,
    beam: int,
    sentences: int,
    readout: int,
    out: int,
    scores: int,
    only: int,
    first: int,
    count: int,
    best: int,
    rows: int,
    tokens: int,
) -> None: ...
def search(
    *,
    network: int,
    batch: int,
    steps: int,
    source: int,
    lengths: int,
    limits: int,
    minimums: int,
    divisors: int,
    coverage_penalty: int,
    greedy: bool,
    beam: int,
    n_best: int,
    attention: int,
    begin: int,
    end: int,
    no_repeat_ngram: int,
    max_repeats: int,
    prefix_first: int,
    prefix_starts: int,
    prefix_tokens: int,
    forbidden_first: int,
    forbidden_starts: int,
    forbidden_tokens: int,
    required_first: int,
    required_starts: int,
    required_tokens: int,
    dropped: Dropped | None,
) -> tuple[bytearray, ...]: ...
def layouts() -> dict[str, tuple[str, ...]]: ...
def names() -> list[str]: ...
def choose(name: str, /) -> None: ...
