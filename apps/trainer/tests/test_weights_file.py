import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from slipstream_train.graphs import Graph
from slipstream_train.onnx_file import ONNX, Weights, halve, write_graph


class Doubling(Graph):
    inputs, outputs = ("x",), ("y",)

    def __init__(self, dtype: torch.dtype):
        super().__init__()
        values = torch.randn(64, 32, generator=torch.Generator().manual_seed(0)).to(dtype)
        self.weight = nn.Parameter(values, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight.float()


class Normed(Graph):
    inputs, outputs = ("x",), ("y",)

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.norm, self.linear = nn.LayerNorm(1024), nn.Linear(1024, 1024)
        for parameter in self.norm.parameters():
            nn.init.normal_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.norm(x))


@pytest.mark.parametrize("kind", ["fp16", "bf16"])
def test_norms_and_biases_stay_fp32_however_wide_they_are(tmp_path, kind):
    graph, weights = Normed(), Weights(tmp_path / "weights.bin", kind)
    norm = graph.norm.weight.detach().clone()
    write_graph(halve(graph, kind), {"x": torch.randn(3, 1024)}, tmp_path / "graph.onnx", weights)
    assert torch.equal(graph.norm.weight, norm)
    large = [tensor for tensor in onnx.load(tmp_path / "graph.onnx").graph.initializer if max(tensor.dims, default=0) >= 1024]
    assert {(len(tensor.dims), tensor.data_type) for tensor in large} == {(1, onnx.TensorProto.FLOAT), (2, ONNX[kind])}


def test_weights_beyond_two_gibibytes_are_found(tmp_path):
    weights = Weights(tmp_path / "weights.bin", "fp32")
    with weights.path.open("r+b") as file:
        file.truncate(5 * 2**30)  # a hole takes no room on the disk
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        graph, x = Doubling(dtype), torch.randn(3, 64)
        write_graph(graph, {"x": x}, tmp_path / "graph.onnx", weights)
        places = [{each.key: each.value for each in tensor.external_data} for tensor in onnx.load(tmp_path / "graph.onnx", load_external_data=False).graph.initializer]
        assert min(int(place["offset"]) for place in places) >= 5 * 2**30
        session = onnxruntime.InferenceSession(str(tmp_path / "graph.onnx"), providers=["CPUExecutionProvider"])
        np.testing.assert_allclose(session.run(None, {"x": x.numpy()})[0], (x @ graph.weight.float()).numpy(), rtol=1e-5, atol=1e-5)
