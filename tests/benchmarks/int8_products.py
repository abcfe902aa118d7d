"""The int8 matrix products that there are for a CPU, on the shapes that a decoder asks for.

    python tests/benchmarks/int8_products.py --threads 1 > products.md

M hypotheses of one step times the (K, N) gates of a decoder's layer: 1 is greedy search of one sentence, 5 a beam of one
sentence, 64 and 320 the same for a batch of 64. A candidate that this machine or installation has not is left out, with the
reason; onnxruntime and onnx are for this alone (pip install onnxruntime onnx).

"inputs" says what a candidate is given: float32, so that quantising it is in its time, or int8, so that the caller still
has to do that and, for int32 results, to scale them.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nmt.bench.machine import this_machine
from nmt.runtime.limits import fastest

ROWS = (1, 5, 64, 320)
SHAPES = ((768, 2048), (1536, 2048))  # K, N: the first layer's gates and the second's, embeddings of 256, 512 units
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Problem:
    """y = x W': x (M, K) float32, W (N, K), and both in integers: x + 128 in uint8, W in int8, one scale each."""

    x: Tensor
    w: Tensor

    @property
    def x_integers(self) -> Tensor:
        return (self.x / self.x_scale).round().add(128).clamp(0, 255).to(torch.uint8)

    @property
    def w_integers(self) -> Tensor:
        return (self.w / self.w_scale).round().clamp(-127, 127).to(torch.int8)

    @property
    def x_scale(self) -> float:
        return float(self.x.abs().max() / 127)

    @property
    def w_scale(self) -> float:
        return float(self.w.abs().max() / 127)

    def error(self, y: Tensor) -> float:
        """Of y, as a share of the size of the exact result."""
        exact = self.x @ self.w.t()
        return float((y - exact).norm() / exact.norm())


@dataclass(frozen=True)
class Candidate:
    inputs: str
    prepare: Callable[[Problem], Callable[[], Tensor]]
    """Does once what can be done once; what it returns multiplies, and gives float32 results."""


def fp32(problem: Problem) -> Callable[[], Tensor]:
    linear = torch.nn.functional.linear
    return lambda: linear(problem.x, problem.w)


def bf16(problem: Problem) -> Callable[[], Tensor]:
    linear, weight = torch.nn.functional.linear, problem.w.to(torch.bfloat16)
    return lambda: linear(problem.x.to(torch.bfloat16), weight)


def fbgemm(problem: Problem) -> Callable[[], Tensor]:
    """Deprecated, and announced to be removed."""
    quantised = torch.quantize_per_tensor(problem.w, problem.w_scale, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantised, None)
    return lambda: torch.ops.quantized.linear_dynamic(problem.x, packed)


def onednn(problem: Problem) -> Callable[[], Tensor]:
    packed = torch.ops.onednn.qlinear_prepack(problem.w_integers, None)
    columns = len(problem.w)
    scales, zeros = torch.full((columns,), problem.w_scale), torch.zeros(columns, dtype=torch.int64)
    x, scale, product = problem.x_integers, problem.x_scale, torch.ops.onednn.qlinear_pointwise.default
    return lambda: product(x, scale, 128, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], "")


def onednn_quantising(problem: Problem) -> Callable[[], Tensor]:
    """onednn as a runtime would have to call it: what is multiplied comes in float32."""
    packed = torch.ops.onednn.qlinear_prepack(problem.w_integers, None)
    columns = len(problem.w)
    scales, zeros = torch.full((columns,), problem.w_scale), torch.zeros(columns, dtype=torch.int64)
    product = torch.ops.onednn.qlinear_pointwise.default

    def run() -> Tensor:
        scale = float(problem.x.abs().max()) / 127
        x = (problem.x * (1 / scale)).round_().add_(128).to(torch.uint8)
        return product(x, scale, 128, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], "")

    return run


def int_mm(problem: Problem) -> Callable[[], Tensor]:
    x, w = (problem.x_integers.to(torch.int16) - 128).to(torch.int8), problem.w_integers.t()
    scale = problem.x_scale * problem.w_scale
    return lambda: torch._int_mm(x, w) * scale


def compiled(problem: Problem) -> Callable[[], Tensor]:
    """What torch.compile makes of quantising, torch._int_mm and scaling."""
    w, w_scale = problem.w_integers.t(), problem.w_scale

    def run(x: Tensor) -> Tensor:
        scale = x.abs().max() / 127
        return torch._int_mm((x / scale).round().to(torch.int8), w) * (scale * w_scale)

    fast = torch.compile(run, dynamic=False)
    return lambda: fast(problem.x)


def onnx_dynamic(problem: Problem) -> Callable[[], Tensor]:
    """DynamicQuantizeLinear, MatMulInteger and the scaling, which onnxruntime makes one operator of."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]),
        helper.make_node("MatMulInteger", ["xq", "w", "xz"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["xs", "ws"], ["scale"]),
        helper.make_node("Mul", ["float", "scale"], ["y"]),
    ]
    return onnx_session(problem, nodes, "x", problem.x, TensorProto.FLOAT)


def onnx_integer(problem: Problem) -> Callable[[], Tensor]:
    from onnx import TensorProto, helper

    zero = helper.make_node("Constant", [], ["xz"], value=helper.make_tensor("z", TensorProto.UINT8, [], [128]))
    scale = helper.make_tensor("s", TensorProto.FLOAT, [], [problem.x_scale])
    nodes = [
        zero,
        helper.make_node("Constant", [], ["xs"], value=scale),
        helper.make_node("MatMulInteger", ["x", "w", "xz"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["xs", "ws"], ["scale"]),
        helper.make_node("Mul", ["float", "scale"], ["y"]),
    ]
    return onnx_session(problem, nodes, "x", problem.x_integers, TensorProto.UINT8)


def onnx_session(problem: Problem, nodes: list[Any], name: str, given: Tensor, kind: int) -> Callable[[], Tensor]:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weights = [
        numpy_helper.from_array(problem.w_integers.t().contiguous().numpy(), "w"),
        helper.make_tensor("ws", TensorProto.FLOAT, [], [problem.w_scale]),
    ]
    inputs = [helper.make_tensor_value_info(name, kind, list(given.shape))]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [len(problem.x), len(problem.w)])]
    graph = helper.make_graph(nodes, "product", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = torch.get_num_threads(), 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {name: given.numpy()}
    return lambda: torch.from_numpy(session.run(None, feed)[0])


def our_kernel(problem: Problem) -> Callable[[], Tensor]:
    from nmt.runtime.kernels import AVAILABLE, Matrix, Rows

    if not AVAILABLE:
        raise RuntimeError("it is not compiled here")
    if torch.get_num_threads() > 1:
        raise RuntimeError("it has one thread; run it in several processes")
    matrix, rows = Matrix(problem.w.numpy(), None, widths=[problem.w.shape[1]]), Rows(problem.x.numpy())
    return lambda: torch.from_numpy(matrix(len(problem.x), rows))


CANDIDATES = {
    "torch, float32": Candidate("float32", fp32),
    "torch, bfloat16": Candidate("float32", bf16),
    "torch, quantized.linear_dynamic (fbgemm)": Candidate("float32", fbgemm),
    "torch, onednn.qlinear_pointwise": Candidate("int8", onednn),
    "the same with quantising in PyTorch": Candidate("float32", onednn_quantising),
    "torch._int_mm": Candidate("int8", int_mm),
    "torch.compile around torch._int_mm": Candidate("float32", compiled),
    "onnxruntime, MatMulInteger": Candidate("int8", onnx_integer),
    "onnxruntime, DynamicQuantizeMatMul": Candidate("float32", onnx_dynamic),
    "our kernel": Candidate("float32", our_kernel),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each figure")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")  # PyTorch says at each call that fbgemm is deprecated
    machine = this_machine()
    print(f"{machine.processor}, {' '.join(machine.features)}; torch {machine.torch}, {arguments.threads} threads.")
    print("GFLOP/s (an int8 multiplication and addition counted as two, too), fastest of repeated calls.")
    for inner, columns in SHAPES:
        print(f"\n### K = {inner}, N = {columns}\n")
        print("| product | inputs | " + " | ".join(f"M = {rows}" for rows in ROWS) + " | error |")
        print("|---|---|" + "---:|" * (len(ROWS) + 1))
        left_out = []
        for name, candidate in CANDIDATES.items():
            try:
                cells = figures(candidate, inner, columns, arguments.seconds)
            except Exception as error:  # whatever a library raises where a product is not to be had
                left_out.append(f"Left out: {name}: {type(error).__name__}: {' '.join(str(error).split())[:100]}")
                continue
            print(f"| {name} | {candidate.inputs} | {' | '.join(cells)} |", flush=True)
        print("\n" + "\n".join(left_out))


def figures(candidate: Candidate, inner: int, columns: int, seconds: float) -> list[str]:
    """GFLOP/s for each number of rows, and the largest error."""
    speeds, errors = [], []
    for rows in ROWS:
        torch.manual_seed(rows)
        problem = Problem(torch.randn(rows, inner), torch.randn(columns, inner))
        run = candidate.prepare(problem)
        errors.append(problem.error(run().float()))
        speeds.append(2.0 * rows * inner * columns / fastest(run, device=CPU, seconds=seconds))
    return [*(f"{speed / 1e9:.0f}" for speed in speeds), f"{max(errors):.1%}"]


if __name__ == "__main__":
    with torch.inference_mode():
        main()
