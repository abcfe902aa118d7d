"""The runtime for NVIDIA's devices: weights in half precision, the encoder by cuDNN, a step of search as one CUDA graph.

Why float16 and not bfloat16: an LSTM's states and what attention averages are bounded, and a trained network's logits lie
far inside ±65504, so the exponent of bfloat16 buys nothing, while its 8 bits of precision instead of 11 move eight times as
many near-ties to another token. Sums of products are formed in float32 by cuBLAS and cuDNN, softmax and scores in float32
here and in search. What a search does is in `nmt/search`, what a graph owns in `graph.py`; here is only what needs CUDA.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch

from nmt.errors import InputError
from nmt.model.seq2seq import Seq2Seq
from nmt.runtime.graph import GraphScorer
from nmt.runtime.reference import ReferenceScorer
from nmt.search.scorer import Scorer

_WARM_UPS = 2  # libraries choose their kernels, and ask for their workspaces, when they first see a shape


class CudaCapture:
    """Records what a function launches. Graphs of one CudaCapture share the memory of what they compute in between.

    That is safe since they are replayed one after the other on one stream, and since no replay reads what another left
    there: what lasts from replay to replay lies outside.
    """

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    def __call__(self, function: Callable[[], None]) -> Callable[[], None]:
        """Implements graph.Capture."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for _ in range(_WARM_UPS):
                function()
        torch.cuda.current_stream().wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads may use the device meanwhile: what they do is not recorded and does not break the recording.
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
            function()
        return graph.replay


def captured(scorer: Scorer) -> GraphScorer:
    """`scorer`, an ensemble or one fused with a language model too, with its searches run on CUDA graphs."""
    return GraphScorer(scorer, CudaCapture)


def half_scorer(model: Seq2Seq) -> ReferenceScorer:
    """A scorer for a copy of `model` in float16; the model stays as it is. Raises InputError as `half` does."""
    return ReferenceScorer(half(model))


def half(model: Seq2Seq) -> Seq2Seq:
    """A copy of `model` in float16. Raises InputError, naming the weights, where that is not enough."""
    halved = copy.deepcopy(model).half()
    for name, parameter in halved.named_parameters():
        if not bool(parameter.isfinite().all()):
            raise InputError(f"weights {name} are too large for half precision; use runtime reference")
    return halved
