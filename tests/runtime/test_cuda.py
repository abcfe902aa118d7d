"""The runtime for CUDA devices against the reference runtime, on a device."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from support.searching import search
from support.small_networks import OPTIONS, SHAPES, check_alike, network, sentences
from torch import Tensor

from nmt.checkpoint.directory import load_model
from nmt.config.machine import RuntimeName
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.model.padding import pad
from nmt.runtime import graph
from nmt.runtime.build import build_scorers
from nmt.runtime.cuda import captured, half, half_scorer
from nmt.runtime.graph import GraphScorer
from nmt.runtime.reference import ReferenceScorer
from nmt.search import Candidate, Scorer
from nmt.translate.translator import Translator

ROOT = Path(__file__).parents[2]
on_a_device = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def on_device(batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return batch[0].cuda(), batch[1].cuda()


@pytest.fixture
def no_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing failed to be captured, and no memory ran out."""
    yield
    assert [record.getMessage() for record in caplog.records] == []


@pytest.fixture(autouse=True)
def _full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default cuDNN computes float32 LSTMs with 10 bits of precision, in another order for another size of batch."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def test_weights_too_large_for_half_precision_are_refused() -> None:
    model = network()
    with torch.no_grad():
        model.decoder.readout.bias[0] = 1e6
    with pytest.raises(InputError, match=r"weights decoder\.readout\.bias are too large for half precision"):
        half(model)
    assert model.decoder.readout.bias.dtype == torch.float32


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_graphs_find_what_written_steps_find(shape: str, options: str) -> None:
    reference, asked = ReferenceScorer(network(shape).cuda()), SearchOptions(**OPTIONS[options])  # type: ignore[arg-type]
    graphs = captured(reference)
    for count, seed in ((11, 1), (1, 2), (11, 3)):
        batch = on_device(sentences(count, seed=seed))
        check_alike(search(graphs, *batch, asked), search(reference, *batch, asked))


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
def test_nothing_waits_for_the_device_between_looks() -> None:
    scorer = captured(half_scorer(network().cuda()))
    batch, asked = on_device(sentences(8)), SearchOptions(beam_size=4)
    truth = search(scorer, *batch, asked)  # captures
    run = graph.GraphSteps.run

    def watched(*arguments):  # type: ignore[no-untyped-def]
        torch.cuda.set_sync_debug_mode("error")
        try:
            return run(*arguments)
        finally:
            torch.cuda.set_sync_debug_mode("default")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph.GraphSteps, "run", watched)
        check_alike(search(scorer, *batch, asked), truth)


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
def test_threads_may_share_a_scorer() -> None:
    reference = ReferenceScorer(network().cuda())
    graphs, asked = captured(reference), SearchOptions(beam_size=3, n_best=3)
    batches = [on_device(sentences(1 + seed % 9, seed=seed)) for seed in range(24)]
    with ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda batch: search(graphs, *batch, asked), batches)
        for one, batch in zip(found, batches, strict=True):
            check_alike(one, search(reference, *batch, asked))


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
def test_graphs_that_go_give_their_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MOST_GRAPHS", 4)
    scorer, asked = captured(half_scorer(network().cuda())), SearchOptions(beam_size=3)
    used = []
    for _ in range(4):
        for count, longest in itertools.product((1, 3, 9, 17, 33), (5, 20, 40)):
            search(scorer, *on_device(sentences(count, longest=longest)), asked)
        torch.cuda.synchronize()
        used.append(torch.cuda.memory_reserved())
    assert used[-1] <= 1.1 * used[0]


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
def test_half_precision_on_graphs_translates_as_the_reference_does() -> None:
    """A shipped model on our own sentences: where a text differs, the reference finds the two equally good."""
    loaded = load_model(ROOT / "checkpoints" / "broad-de-en", device=torch.device("cuda"))
    lines = [
        line.split("\t")[0]
        for name in ("train.tsv", "valid.tsv")
        for line in (ROOT / "data" / "sample-de-en" / name).read_text(encoding="utf-8").splitlines()
    ]
    sources = sorted((loaded.tokenizer.encode(line) for line in lines), key=len)
    reference, ours = ReferenceScorer(loaded.model), captured(half_scorer(loaded.model))

    def translate(scorer: Scorer) -> list[Candidate]:
        found = []
        for start in range(0, len(sources), 64):
            part = sources[start : start + 64]
            batch = pad(part).cuda(), torch.tensor([len(source) for source in part]).cuda()
            found += [candidates[0] for candidates in search(scorer, *batch, SearchOptions(), attention=False)]
        return found

    pairs = list(zip(translate(ours), translate(reference), strict=True))
    assert sum(one.tokens == other.tokens for one, other in pairs) >= 0.98 * len(pairs)
    for one, other in pairs:
        assert one.score == pytest.approx(other.score, abs=0.02)


@pytest.mark.gpu
@on_a_device
@pytest.mark.usefixtures("no_warnings")
def test_a_translator_takes_it_by_default() -> None:
    model = ROOT / "checkpoints" / "broad-de-en"
    default = Translator.load(model, device="cuda")
    assert default.runtime == "graphs"
    assert isinstance(default._decoder.scorers.whole, GraphScorer)
    texts = ["Wo ist der Bahnhof?", "Mein Fahrrad steht im Garten, und es regnet.", ""]
    expected = Translator.load(model, device="cuda", runtime="reference").translate(texts)
    assert [one.text for one in default.translate(texts)] == [one.text for one in expected]
    ensemble = Translator.load(model, model, device="cuda")
    assert [one.text for one in ensemble.translate(texts)] == [one.text for one in expected]


@pytest.mark.parametrize("runtime", ["auto", "reference"])
def test_on_a_processor_nothing_is_captured(runtime: RuntimeName) -> None:
    found = build_scorers([network()], runtime=runtime)
    assert not isinstance(found.whole, GraphScorer)
    assert found.runtime != "graphs"


@pytest.mark.gpu
@on_a_device
def test_as_the_reference_nothing_is_captured() -> None:
    found = build_scorers([network().cuda()], runtime="reference")
    assert isinstance(found.whole, ReferenceScorer)
    assert build_scorers([network().cuda()]).runtime == "graphs"
