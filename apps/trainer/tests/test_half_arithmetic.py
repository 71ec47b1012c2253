import onnx
import pytest
import torch
from published_maskgit import Sizes, base_state, write_published

from slipstream_train.cli import main
from slipstream_train.errors import TrainerError
from slipstream_train.half_arithmetic import HalfLinear, multiply_in_halves
from slipstream_train.import_maskgit import import_maskgit
from slipstream_train.manifest import read_manifest
from slipstream_train.maskgit_weights import load_maskgit

SIZES = Sizes()
FLOAT16 = onnx.TensorProto.FLOAT16


@pytest.fixture()
def files(tmp_path):
    return write_published(tmp_path)


def test_products_of_the_base_s_blocks_are_fp16_and_all_else_is_fp32(tmp_path, files):
    import_maskgit(**files, out=tmp_path / "bundle", heads=SIZES.heads, unproven_shortcut=True, arithmetic="fp16")  # it verifies the bundle itself
    training = read_manifest(tmp_path / "bundle").training
    assert (training["weights"], training["arithmetic"]) == ("fp16", "fp16")
    for name, products in (("full", 5 * SIZES.layers), ("shortcut", 0), ("head", 0)):
        graph = onnx.shape_inference.infer_shapes(onnx.load(tmp_path / "bundle" / f"{name}.onnx", load_external_data=False)).graph
        kinds = {value.name: value.type.tensor_type.elem_type for value in [*graph.value_info, *graph.input, *graph.output]}
        narrow = [node for node in graph.node if kinds.get(node.output[0]) == FLOAT16 and node.op_type != "Cast"]
        assert sum(node.op_type == "MatMul" for node in narrow) == products
        attention = [node for node in narrow if node.op_type == "Attention"]
        assert len(attention) == (SIZES.layers if products else 0)
        assert all(each.i == 1 for node in attention for each in node.attribute if each.name == "softmax_precision")
        assert {node.op_type for node in narrow} <= {"MatMul", "Attention", "Split", "Slice", "Transpose", "Reshape", "Identity"}
        assert not any(value.type.tensor_type.elem_type == FLOAT16 for value in [*graph.input, *graph.output])


@pytest.mark.parametrize("weights", ["fp32", "bf16", "int8"])
def test_weights_that_it_cannot_multiply_with_are_refused_and_nothing_is_written(tmp_path, files, capsys, weights):
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    assert main(["import", "maskgit", *options, "--out", str(tmp_path / "out" / "bundle"), "--arithmetic", "fp16", "--weights", weights]) == 1
    assert f"--arithmetic fp16 multiplies with fp16 weights, --weights says {weights}: leave one of them out" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_weights_beyond_fp16_are_named(tmp_path, files):
    state = base_state(SIZES)
    state["transformer.layers.1.1.fn.net.0.weight"][3, 5] = 70_000
    torch.save(state, files["checkpoint"])
    base = load_maskgit(files["checkpoint"], codes=SIZES.codes, heads=SIZES.heads)
    with pytest.raises(TrainerError, match=r"blocks\.1\.feed_forward\.up has weights beyond 65504"):
        multiply_in_halves(base.blocks)


def test_a_layer_multiplies_numbers_that_are_rounded_to_fp16(tmp_path):
    layer = HalfLinear(torch.tensor([[1.0, 1.0]]), torch.nn.Parameter(torch.tensor([0.0001])))
    assert layer(torch.tensor([[1.0003, 2.0]])).item() == pytest.approx(3.0001, abs=1e-6)
