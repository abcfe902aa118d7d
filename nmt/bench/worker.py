"""A process that measures itself, so that its start and its memory are nobody else's.

It reads one request from standard input, a JSON object on a line, and answers likewise on standard output: "ready", and,
when it has been told to go with another line, "done". A mistake of the user is answered with "error" in place of either.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nmt.bench.machine import peak_memory
from nmt.errors import NmtError

if TYPE_CHECKING:
    from nmt.checkpoint.directory import LoadedModel

_NO_LIMIT = 10**9  # padded tokens: a batch is what it is given as


def main() -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the keyboard is the parent's to answer
    tasks: dict[str, Callable[..., None]] = {"translate": _translate, "limits": _limits, "cost": _cost}
    request = json.loads(sys.stdin.readline())
    try:
        tasks[request.pop("task")](**request)
    except NmtError as error:
        _answer({"error": str(error)})


def _translate(
    *,
    spawned: float,
    model: str,
    setting: dict[str, Any],
    batches: Sequence[Sequence[str]],
    warm_up: float,
) -> None:
    """Translate `batches`. Of times: `spawned` is what time.monotonic() was, `warm_up` is in seconds."""
    from nmt.config.process import available_threads
    from nmt.config.pytorch import find_device
    from nmt.config.search import SearchOptions
    from nmt.translate.translator import Translator

    torch_import = 0.0
    if setting["runtime"] == "reference" or find_device(setting["device"]) == "cuda":  # int8 does without, where it can
        began = time.monotonic()
        import torch  # noqa: F401

        torch_import = time.monotonic() - began
    options = SearchOptions(beam_size=setting["beam_size"])
    began = time.monotonic()
    translator = Translator.load(model, device=setting["device"], threads=setting["threads"], runtime=setting["runtime"])
    load = time.monotonic() - began
    translator.translate_sentences([min(batches[0], key=len)], options, attention=False)
    first = time.monotonic() - spawned
    began = time.monotonic()
    for batch in batches:
        # Graphs are captured when a shape is first seen, so there all are to be seen.
        if time.monotonic() - began >= warm_up and not (warm_up and translator.runtime == "graphs"):
            break
        translator.translate_sentences(batch, options, attention=False, batch_tokens=_NO_LIMIT)
    start = {"torch_import_seconds": torch_import, "load_seconds": load, "first_translation_seconds": first}
    ran = {"threads": available_threads(), "runtime": translator.runtime, "complaint": translator.complaint}
    _answer({"ready": start | ran})

    sys.stdin.readline()
    ends, translations = [time.monotonic()], []
    for batch in batches:
        translations += translator.translate_sentences(batch, options, attention=False, batch_tokens=_NO_LIMIT)
        ends.append(time.monotonic())
    _answer(
        {
            "done": {
                "ends": ends,
                "peak_memory_bytes": peak_memory(),
                "peak_gpu_memory_bytes": _peak_gpu_memory(translator.device),
                "translations": [one.text for one in translations],
                "source_tokens": sum(len(one.source_tokens) for one in translations),
                "target_tokens": sum(len(one.hypotheses[0].tokens) + 1 for one in translations),
            }
        }
    )


def _peak_gpu_memory(device: str) -> int:
    """Bytes; 0 on a CPU."""
    if device == "cpu":
        return 0
    import torch

    return int(torch.cuda.max_memory_allocated())


def _cost(*, model: str, sentences: Sequence[str], translated: Sequence[dict[str, int]], runtimes: Sequence[str]) -> None:
    """Floating-point operations that each of `translated`, arguments of translation_flops, cannot do without."""
    import torch

    from nmt.checkpoint.directory import load_model
    from nmt.model.statistics import statistics

    loaded = load_model(Path(model), device=torch.device("cpu"))
    cost, share = statistics(loaded.model), vocabulary_share(loaded, sentences)
    _answer({"ready": {}})
    sys.stdin.readline()
    flops = [
        cost.translation_flops(**one, vocabulary_share=share if runtime == "int8" else 1.0)
        for one, runtime in zip(translated, runtimes, strict=True)
    ]
    _answer({"done": {"flops": flops}})


def vocabulary_share(loaded: LoadedModel, sentences: Sequence[str]) -> float:
    """Share of the vocabulary in the list of a sentence's tokens, on average over source tokens."""
    import numpy as np

    from nmt.config.vocabulary import PADDING_ID
    from nmt.model.padding import pad

    if loaded.shortlist is None:
        return 1.0
    sources = [source for sentence in sentences if (source := loaded.tokenizer.encode(sentence))]
    lengths = np.array([len(source) for source in sources])
    lists = loaded.shortlist.tokens(pad(sources).numpy(), lengths)  # (B, L)
    sizes = (lists != PADDING_ID).sum(axis=1) + 1  # the first column is PADDING's own
    return float((sizes * lengths).sum() / lengths.sum()) / loaded.tokenizer.vocabulary_size


def _limits(*, model: str, rows: Sequence[int], device: str, threads: int | None) -> None:
    """Measure the machine. `rows` are those of the matrix products, which are gates of the model's decoder."""
    import torch

    from nmt.checkpoint.directory import load_model
    from nmt.config.pytorch import find_device
    from nmt.runtime.limits import copy_speed, int8_product_speed, launch_time, product_speed

    if threads is not None:
        torch.set_num_threads(threads)
    place = torch.device(find_device(device))
    loaded = load_model(Path(model), device=torch.device("cpu"))
    hidden = loaded.model.decoder.hidden_size
    _answer({"ready": {"threads": torch.get_num_threads(), "device": _device_name(place)}})

    sys.stdin.readline()
    products = []
    for count in rows:
        shape = (count, 2 * hidden, 4 * hidden)
        half = product_speed(*shape, device=place, dtype=torch.float16) if place.type == "cuda" else None
        products.append(
            {
                "shape": shape,
                "fp32": product_speed(*shape, device=place),
                "fp16": half,
                "int8": int8_product_speed(*shape) if place.type == "cpu" else None,
            }
        )
    _answer(
        {
            "done": {
                "products": products,
                "copy_bytes_per_second": copy_speed(device=place),
                "launch_seconds": launch_time(device=place),
            }
        }
    )


def _device_name(device: Any) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _answer(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
