"""What decoding reaches on a CUDA device, beside what the device could do: one run, a few minutes.

    python tests/benchmarks/gpu.py [--model checkpoints/broad-de-en --input TEXT] [--output gpu.md]

With a model and text (one sentence in each line) it first compares translations of the CUDA runtime with those of the
reference runtime. Speed is measured with random weights and a forced length: each sentence has 24 source tokens and gets 32
target tokens, of which the last is END; a target token is one of the best hypothesis. `--tiny --device cpu` tries the
script itself out, where there is no device.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nmt.checkpoint.directory import load_model
from nmt.config.network import ModelConfig
from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.model.build import build_seq2seq
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime.cuda import captured, half
from nmt.runtime.graph import GraphScorer
from nmt.runtime.reference import ReferenceScorer
from nmt.search import Scorer, search

SOURCE, TARGET, BEAM = 24, 32, 5
LENGTH = {"max_length_ratio": 1.0, "max_length_offset": TARGET - SOURCE}
OPTIONS = SearchOptions(beam_size=BEAM, **LENGTH)  # type: ignore[arg-type]
PEERS = ModelConfig(encoder_bidirectional="all", attention_size=512)
GNMT = ModelConfig(
    embedding_size=1024,
    encoder_layers=4,
    encoder_hidden_size=1024,
    decoder_layers=4,
    decoder_hidden_size=1024,
    attention="additive",
    attention_size=1024,
    tied_embeddings="target-output",
)
SHAPES = {"peers, 2 × 512, 8,000 tokens": (PEERS, 8000), "GNMT, 4 × 1024, 32,000 tokens": (GNMT, 32_000)}
TINY = ModelConfig(embedding_size=16, encoder_hidden_size=16, decoder_hidden_size=16, attention_size=16)


@dataclass(frozen=True)
class Limits:
    product: float  # floating-point operations in a second, of a large product in half precision
    bandwidth: float  # bytes in a second, read and written
    launch: float  # seconds for each of many small kernels, one after the other
    replay: float  # the same, in a graph


class Device:
    def __init__(self, name: str, tiny: bool) -> None:
        self.device, self.tiny = torch.device(name), tiny
        self.real = self.device.type == "cuda"

    def wait(self) -> None:
        if self.real:
            torch.cuda.synchronize()

    def seconds(self, work: Callable[[], object], *, repeat: int) -> float:
        """The median of `repeat` runs after one that does not count."""
        taken = []
        for _ in range(1 + (1 if self.tiny else repeat)):
            self.wait()
            began = time.perf_counter()
            work()
            self.wait()
            taken.append(time.perf_counter() - began)
        return statistics.median(taken[1:])

    def captured(self, scorer: Scorer) -> GraphScorer:
        # On a processor nothing is captured, but all that is written for graphs runs.
        return captured(scorer) if self.real else GraphScorer(scorer, lambda: lambda function: function)

    def half(self, model: Seq2Seq) -> Seq2Seq:
        return half(model) if self.real else model


def limits(on: Device) -> Limits:
    size = 64 if on.tiny else 8192
    dtype = torch.float16 if on.real else torch.float32
    left, right = (torch.randn(size, size, device=on.device, dtype=dtype) for _ in range(2))
    product = 2 * size**3 / on.seconds(lambda: left @ right, repeat=20)
    numbers = torch.randn(2**16 if on.tiny else 2**28, device=on.device)
    bandwidth = 2 * 4 * numbers.numel() / on.seconds(numbers.clone, repeat=20)
    one, kernels = torch.zeros(32, device=on.device), 1000

    def small() -> None:
        for _ in range(kernels):
            one.add_(1.0)

    launch = on.seconds(small, repeat=5) / kernels
    replay = launch
    if on.real:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            small()
        replay = on.seconds(graph.replay, repeat=20) / kernels
    return Limits(product, bandwidth, launch, replay)


def network(config: ModelConfig, vocabulary: int, device: torch.device) -> Seq2Seq:
    """Random weights that never end a sentence of their own accord."""
    torch.manual_seed(1)
    with torch.device(device):
        model = build_seq2seq(config, vocabulary_size=vocabulary).eval().requires_grad_(False)
        model.output.bias[END_ID] = -1e4
    return model


def step_weights(model: Seq2Seq) -> int:
    """Numbers that each hypothesis is multiplied with at each step."""
    once = {*model.decoder.attention.key_projection.parameters()}  # type: ignore[union-attr,operator]
    once |= set() if model.decoder.initial is None else {*model.decoder.initial.parameters()}
    products = [module for module in model.decoder.modules() if isinstance(module, (torch.nn.Linear, torch.nn.LSTM))]
    weights = {weight for module in (*products, model.output) for weight in module.parameters(recurse=False)} - once
    return sum(weight.numel() for weight in weights if weight.dim() == 2)


@torch.inference_mode()
def plain_loop(model: Seq2Seq, source: Tensor, lengths: Tensor) -> Tensor:
    """Beam search as it is usually written, each hypothesis with its own copy of the memory: (B, T) int64."""
    batch, device = len(source), source.device
    rows = torch.arange(batch, device=device).repeat_interleave(BEAM)
    memory = model.encode(source, lengths).keep(rows)
    state = model.start(memory)
    tokens = torch.full((batch * BEAM, 1), BEGIN_ID, device=device)
    scores = torch.full((batch, BEAM), -torch.inf, device=device)
    scores[:, 0] = 0.0
    for step in range(1, TARGET + 1):
        logits, state, _ = model.step(tokens[:, -1:], state, memory)
        found = logits[:, 0].float().log_softmax(dim=1)
        if step < TARGET:
            found[:, END_ID] = -torch.inf
        else:
            found[:, torch.arange(found.shape[1], device=device) != END_ID] = -torch.inf
        scores, places = (scores.view(-1, 1) + found).view(batch, -1).topk(BEAM, dim=1)
        parents = (torch.arange(batch, device=device)[:, None] * BEAM + places // found.shape[1]).flatten()
        tokens = torch.cat((tokens[parents], (places % found.shape[1]).view(-1, 1)), dim=1)
        state = state.select(parents)
        if bool((tokens[:, -1] == END_ID).all()):
            break
    return tokens.view(batch, BEAM, -1)[:, 0, 1:]


def kernels_of(scorer: Scorer, source: Tensor) -> float:
    """Kernels that a written step launches, about: those of a whole search by its steps."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
        search(scorer, source.tolist(), OPTIONS, device=source.device.type, attention=False)
    names = ("cudaLaunchKernel", "cuLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernelEx")
    return sum(event.count for event in profiler.key_averages() if event.key in names) / TARGET


def measure(on: Device, name: str, config: ModelConfig, vocabulary: int, limit: Limits) -> list[str]:
    model = network(config, vocabulary, on.device)
    halved = on.half(model)
    graphs, written, reference = on.captured(ReferenceScorer(halved)), ReferenceScorer(halved), ReferenceScorer(model)
    weights, lines = step_weights(model), []
    for batch in (4 if on.tiny else 512, 1):
        source = torch.randint(4, vocabulary, (batch, SOURCE), device=on.device)
        lengths = torch.full((batch,), SOURCE, device=on.device)

        def run(scorer: Scorer, source: Tensor = source) -> None:
            found = search(scorer, source.tolist(), OPTIONS, device=source.device.type, attention=False)
            assert {len(candidates[0].tokens) for candidates in found} == {TARGET - 1}

        systems: dict[str, Callable[[], object]] = {
            "graphs, float16": lambda run=run: run(graphs),  # type: ignore[misc]
            "the same steps as written": lambda run=run: run(written),  # type: ignore[misc]
            "reference, float32": lambda run=run: run(reference),  # type: ignore[misc]
            "plain loop, float16": lambda s=source, n=lengths: plain_loop(halved, s, n),  # type: ignore[misc]
        }
        began = time.perf_counter()
        systems["graphs, float16"]()
        first = time.perf_counter() - began
        taken = {system: on.seconds(work, repeat=5 if batch > 1 else 20) for system, work in systems.items()}
        step = taken["graphs, float16"] / TARGET
        flops = 2 * weights * batch * BEAM / step / limit.product
        bytes_read = 2 * weights / step / limit.bandwidth
        kernels = kernels_of(written, source) if on.real else 0.0
        for system, seconds in taken.items():
            rate, ratio = batch * TARGET / seconds, taken["plain loop, float16"] / seconds
            lines.append(f"| {name} | {batch} | {system} | {rate:,.0f} | {1e6 * seconds / TARGET:,.0f} | {ratio:.2f} |")
        lines.append(
            f"| {name} | {batch} | *limits* | first run {first:.2f} s | {kernels:.0f} kernels, "
            f"{1e6 * kernels * limit.replay:,.0f} µs as empty ones | "
            f"product {flops:.0%}, weights' bytes {bytes_read:.0%} |"
        )
    return lines


def top_k(on: Device) -> list[str]:
    """Where a step's time may go: ways to find the 2K best of K · V numbers."""
    lines = []
    for rows, vocabulary in ((1, 8000), (1, 32_000), (512, 8000), (512, 32_000)):
        values = torch.randn(2 if on.tiny and rows > 1 else rows, BEAM * vocabulary, device=on.device)
        strips = values.view(len(values), 250 if vocabulary % 250 == 0 else 1, -1)

        def two(values: Tensor = values, strips: Tensor = strips) -> None:
            columns = strips.amax(dim=1).topk(2 * BEAM).indices
            places = columns[:, None] + torch.arange(0, values.shape[1], strips.shape[2], device=values.device)[:, None]
            values.gather(1, places.flatten(1)).topk(2 * BEAM)

        ways = {
            "topk": lambda values=values: values.topk(2 * BEAM),  # type: ignore[misc]
            "maxima of strips first": two,
            "log_softmax": lambda values=values: values.log_softmax(dim=1),  # type: ignore[misc]
        }
        shares = ", ".join(f"{name} {1e6 * on.seconds(way, repeat=50):,.0f} µs" for name, way in ways.items())
        lines.append(f"- {rows} × {BEAM} × {vocabulary}: {shares}")
    return lines


def compare(on: Device, directory: str, text: str) -> str:
    """Translations of the two runtimes, sentence by sentence."""
    loaded = load_model(directory, device=on.device)
    sources = [loaded.tokenizer.encode(line) for line in Path(text).read_text(encoding="utf-8").splitlines()]
    sources = sorted(filter(None, sources), key=len)[: 8 if on.tiny else 2000]
    found: list[list[tuple[list[int], float]]] = []
    for scorer in (on.captured(ReferenceScorer(on.half(loaded.model))), ReferenceScorer(loaded.model)):
        found.append([])
        for start in range(0, len(sources), 128):
            part = sources[start : start + 128]
            results = search(scorer, part, SearchOptions(), device=on.device.type, attention=False)
            found[-1] += [(candidates[0].tokens, candidates[0].score) for candidates in results]
    same = sum(one == other for (one, _), (other, _) in zip(*found, strict=True))
    worst = max(abs(one - other) for (_, one), (_, other) in zip(*found, strict=True))
    return f"{same} of {len(sources)} translations are the reference's, token by token; scores differ by {worst:.4f} at most"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="directory of a model to compare runtimes with")
    parser.add_argument("--input", help="its text, one sentence in each line")
    parser.add_argument("--output", type=Path, help="where the report goes, besides the screen")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--tiny", action="store_true", help="try the script out")
    given = parser.parse_args()
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("PyTorch finds no CUDA device here")
    on = Device(given.device, given.tiny)
    name = torch.cuda.get_device_name() if on.real else "a processor, to try this out"
    report = ["# Decoding on a CUDA device", "", f"{name}; torch {torch.__version__}; beam {BEAM}", ""]
    if given.model and given.input:
        report += [compare(on, given.model, given.input), ""]
    limit = limits(on)
    report += [
        f"Limits: product in float16 {limit.product / 1e12:.1f} TFLOP/s; memory {limit.bandwidth / 1e9:.0f} GB/s; "
        f"a small kernel {1e6 * limit.launch:.2f} µs, in a graph {1e6 * limit.replay:.2f} µs",
        "",
        "| shape | batch | system | target tokens/s | µs for a step | times the plain loop |",
        "|---|---|---|---|---|---|",
    ]
    shapes = {"tiny": (TINY, 100)} if given.tiny else SHAPES
    for shape, (config, vocabulary) in shapes.items():
        report += measure(on, shape, config, vocabulary, limit)
    report += ["", "Top-k and softmax alone:", "", *top_k(on)]
    if on.real:
        report += ["", f"Most memory used: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB"]
    text = "\n".join(report) + "\n"
    print(text)
    if given.output:
        given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
