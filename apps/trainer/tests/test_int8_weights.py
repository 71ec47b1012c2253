from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from published_maskgit import Sizes, base_state, write_published
from torch import Tensor

from slipstream_train import int8_weights
from slipstream_train.errors import TrainerError
from slipstream_train.graph_weights import load_weights
from slipstream_train.graphs import Graph
from slipstream_train.import_maskgit import import_maskgit
from slipstream_train.int8_weights import Int8Linear, dequantised, quantise, quantised
from slipstream_train.manifest import read_manifest
from slipstream_train.maskgit_model import MaskgitBase
from slipstream_train.maskgit_weights import load_maskgit
from slipstream_train.onnx_file import Weights, write_graph

SIZES = Sizes()


class Product(Graph):
    inputs, outputs = ("x",), ("y",)

    def __init__(self, wide_in: int):
        super().__init__()
        torch.manual_seed(0)
        self.linear = Int8Linear(torch.randn(48, wide_in), torch.nn.Parameter(torch.randn(48)))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


def test_no_weight_is_off_by_more_than_half_a_step_and_a_second_rounding_changes_none():
    weight = torch.randn(7, 100, generator=torch.Generator().manual_seed(0))
    weight[3] = 0
    levels, scales = quantised(weight)
    near = dequantised(levels, scales)[:, :100]
    assert ((near - weight).abs() <= 0.5001 * scales.view(7, -1).repeat_interleave(32, 1)[:, :100]).all()
    assert torch.equal(quantised(near)[0], levels)
    assert levels.min() >= 1  # as far below 128 as above it


@pytest.mark.parametrize("wide_in", [32, 100])
def test_the_runtime_computes_with_the_same_weights_and_gives_a_row_the_same_bits_in_any_batch(tmp_path, wide_in):
    graph, x = Product(wide_in), torch.randn(5, 9, wide_in, generator=torch.Generator().manual_seed(1))
    write_graph(graph, {"x": x}, tmp_path / "graph.onnx", Weights(tmp_path / "weights.bin", "fp32"))
    session = onnxruntime.InferenceSession(str(tmp_path / "graph.onnx"), providers=["CPUExecutionProvider"])
    together = session.run(None, {"x": x.numpy()})[0]
    np.testing.assert_allclose(together, graph(x).numpy(force=True), rtol=1e-5, atol=1e-5)
    for rows in (slice(0, 1), slice(1, 3), slice(4, 5)):
        assert (session.run(None, {"x": x[rows].numpy()})[0] == together[rows]).all()


@pytest.fixture(scope="module")
def bundles(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    files = write_published(folder)
    for weights in ("fp32", "int8"):  # each verifies itself, batches and rows alone among it
        import_maskgit(**files, out=folder / weights, heads=SIZES.heads, unproven_shortcut=True, weights=weights)
    return {weights: folder / weights for weights in ("fp32", "int8")}


def test_a_bundle_of_int8_weights_multiplies_with_them_in_the_blocks_of_the_base_alone(bundles):
    manifest = read_manifest(bundles["int8"])
    assert manifest.training["weights"] == "int8"
    for name in ("full", "partial", "shortcut", "head"):
        model = onnx.load(bundles["int8"] / f"{name}.onnx", load_external_data=False)
        narrow = {node.input[1] for node in model.graph.node if node.op_type == "MatMulNBits"}
        assert all(each.startswith("base.blocks.") for each in narrow)
        assert len(narrow) == (5 * SIZES.layers if name in ("full", "partial") else 0)
    operations = {weights: read_manifest(folder).training["operations"]["full"] for weights, folder in bundles.items()}
    assert operations["int8"]["operations"] == operations["fp32"]["operations"]
    assert operations["int8"]["weightBytes"] < 0.5 * operations["fp32"]["weightBytes"]


def test_a_base_comes_back_out_of_its_graph_as_it_was_rounded(bundles):
    held, base = (load_maskgit_of(bundles["int8"].parent) for _ in range(2))
    load_weights(held, "base.", bundles["int8"] / "full.onnx")
    quantise(base.blocks)
    assert torch.equal(held.blocks[1].attention.query.weight, base.blocks[1].attention.query.weight)
    assert torch.equal(held.head.weight, base.head.weight)


def load_maskgit_of(folder: Path) -> MaskgitBase:
    torch.save(base_state(SIZES), folder / "again.pth")
    return load_maskgit(folder / "again.pth", codes=SIZES.codes, heads=SIZES.heads)


def test_a_pytorch_that_cannot_export_them_is_told_so(monkeypatch):
    monkeypatch.setattr(int8_weights, "SINGLE_NODES", False)
    with pytest.raises(TrainerError, match=r"int8 needs PyTorch 2\.9 or newer.*fp16"):
        quantise(torch.nn.ModuleList([torch.nn.Linear(2, 2)]))
