import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from dimoo_reference import Reference
from published_dimoo import Sizes, base_state, shortcut_state, tokenizer, vq_state, write_published
from safetensors.torch import save_file
from test_import_maskgit import Spiteful

from slipstream_train.cli import main
from slipstream_train.dimoo_layout import Layout
from slipstream_train.errors import TrainerError
from slipstream_train.golden import decode_tensor
from slipstream_train.import_dimoo import DimooChoices, import_dimoo, load_parts, require_own
from slipstream_train.manifest import read_manifest
from slipstream_train.schedule import refresh_steps

SIZES = Sizes()
CHOICES = DimooChoices(size=(10, 6), prompt_length=40, noise="fp32", unproven_shortcut=True)


def run(files: dict[str, Path], out: Path, *more: str) -> int:
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main(["import", "dimoo", *options, "--out", str(out), "--size", "10x6", "--prompt-length", "40", *more])


def load(files: dict[str, Path], **choices):
    return load_parts(files["checkpoint"], files["vq"], files["tokenizer"], files.get("shortcut"), replace(CHOICES, **choices))


@pytest.fixture()
def files(tmp_path):
    return write_published(tmp_path / "published")


@pytest.mark.parametrize("noise", ["bf16", "fp32"])
def test_published_files_become_a_bundle_that_agrees_with_pytorch(tmp_path, files, noise):
    assert run(files, tmp_path / "dimoo-tiny", "--unproven-shortcut", "--partial", "--noise", noise) == 0  # it verifies the bundle itself
    manifest = read_manifest(tmp_path / "dimoo-tiny")
    assert (manifest.image.width, manifest.image.height, manifest.tokens.gridWidth, manifest.tokens.gridHeight) == (10, 6, 5, 3)
    assert (manifest.features.positions, manifest.features.first, manifest.features.lineLength) == (40 + 2 + 3 * 6 + 2, 42, 6)
    assert manifest.sampling.noise == noise and manifest.sampling.confidenceRamp == "constant"
    assert manifest.strategies == ["vanilla", "halton", "shortcut", "adaptive", "taylorseer", "ml-cache", "recap", "dllm-cache"]
    assert not list(tmp_path.glob(".*"))
    for trajectory in json.loads((tmp_path / "dimoo-tiny" / manifest.golden).read_text())["trajectories"]:
        assert (decode_tensor(trajectory["tokens"]) == published_run(trajectory, manifest)).all()  # what TypeScript replays


def published_run(trajectory: dict, manifest) -> np.ndarray:
    """The reference under the uniforms of a golden trajectory."""
    uniforms = (torch.from_numpy(decode_tensor(trajectory[name]).copy()) for name in ("uniforms", "confidence_uniforms"))
    steps = trajectory["steps"]
    full = set(range(steps)) if trajectory["strategy"] == "vanilla" else set(refresh_steps(steps, trajectory["budget"]))
    ids = [each for each in trajectory["promptIds"] if each != manifest.prompt.pad]
    reference = Reference(SIZES, base_state(SIZES), shortcut_state(SIZES), manifest.sampling.noise)
    return reference.sample(ids, manifest.prompt.unconditional, *uniforms, steps=steps, full=full).numpy()


def test_the_marks_are_where_they_are_published():
    layout = Layout(126_356, 256, 64, 64)
    assert (layout.mask, layout.newline, layout.begin, layout.end) == (126_336, 126_084, [126_354, 126_349], [126_350, 126_355])
    assert layout.positions == 256 + 4164


def test_matrices_stay_the_published_file_mapped_into_memory_and_can_be_stored_otherwise(files):
    kept, halved = load(files).base, load(files, weights="fp16").base
    assert kept.blocks[0].query.weight.dtype == torch.bfloat16 and halved.blocks[0].query.weight.dtype == torch.float16
    assert kept.norm.weight.dtype == torch.float32
    assert file_behind(kept.blocks[0].query.weight).endswith("model-00001-of-00002.safetensors")
    assert file_behind(halved.blocks[0].query.weight) == ""


def file_behind(tensor: torch.Tensor) -> str:
    """What the memory of a tensor is mapped from."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *_, name = line.split(maxsplit=5) if line.count("/") else (line.split()[0], "")
        start, end = (int(each, 16) for each in span.split("-"))
        if start <= tensor.data_ptr() < end:
            return name
    return ""


@pytest.mark.parametrize("weights", ["fp32", "fp16"])
def test_every_type_of_weights_gives_the_same_tokens_where_it_holds_the_published_ones(tmp_path, files, weights):
    files.pop("shortcut")
    assert run(files, tmp_path / "dimoo-tiny", "--weights", weights, "--noise", "fp32") == 0
    manifest = read_manifest(tmp_path / "dimoo-tiny")
    assert manifest.sampling.strategy == "vanilla" and "shortcut" not in manifest.strategies
    for trajectory in json.loads((tmp_path / "dimoo-tiny" / manifest.golden).read_text())["trajectories"]:
        assert (decode_tensor(trajectory["tokens"]) == published_run(trajectory, manifest)).all()


def test_int8_weights_are_those_of_the_base_s_blocks_and_agree_with_pytorch(tmp_path, files):
    assert run(files, tmp_path / "dimoo-tiny", "--unproven-shortcut", "--weights", "int8") == 0  # it verifies the bundle itself
    graph = onnx.load(tmp_path / "dimoo-tiny" / "full.onnx", load_external_data=False)
    narrow = [node.input[1] for node in graph.graph.node if node.op_type == "MatMulNBits"]
    assert len(narrow) == 7 * SIZES.layers and all(name.startswith("base.blocks.") for name in narrow)


def test_products_in_fp16_are_those_of_the_base_s_blocks(tmp_path, files):
    options = ("--unproven-shortcut", "--arithmetic", "fp16", "--noise", "fp32")
    assert run(files, tmp_path / "dimoo-tiny", *options) == 0  # it verifies the bundle itself
    assert run(files, tmp_path / "other", *options, "--weights", "bf16") == 1
    graph = onnx.shape_inference.infer_shapes(onnx.load(tmp_path / "dimoo-tiny" / "full.onnx", load_external_data=False)).graph
    halves = {value.name for value in graph.value_info if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16}
    products = [node.op_type for node in graph.node if node.output[0] in halves and node.op_type in ("MatMul", "Attention")]
    assert (products.count("MatMul"), products.count("Attention")) == (7 * SIZES.layers, SIZES.layers)


@pytest.mark.parametrize(("change", "message"), [
    (lambda state: state.pop("model.transformer.blocks.1.k_proj.weight"), r"model\.transformer\.blocks\.1\.k_proj\.weight is missing"),
    (lambda state: state.pop("model.transformer.wte.weight"), r"no tensor model\.transformer\.wte\.weight"),
    (lambda state: state.update({"model.transformer.blocks.0.q_norm.weight": torch.zeros(3)}), r"blocks\.0\.q_norm\.weight is surplus"),
    (lambda state: state.update({"model.transformer.ln_f.weight": torch.zeros(3)}), r"ln_f\.weight has the shape \[3\], expected \[32\]"),
    (lambda state: state.update({"model.transformer.ff_out.weight": torch.zeros(404, 31)}), r"ff_out\.weight has the shape \[404, 31\]"),
])
def test_a_tensor_that_does_not_fit_is_named(files, change, message):
    state = base_state(SIZES)
    change(state)
    (files["checkpoint"] / "model.safetensors.index.json").unlink()
    for shard in files["checkpoint"].glob("*.safetensors"):
        shard.unlink()
    save_file(state, files["checkpoint"] / "model.safetensors")
    with pytest.raises(TrainerError, match=message):
        load(files)


def test_of_a_vq_what_only_training_needs_is_left_and_what_is_unknown_is_named(files):
    path = files["vq"] / "diffusion_pytorch_model.safetensors"
    save_file(vq_state(SIZES) | {"decoder.mid_block.attentions.0.to_q.weight": torch.zeros(1)}, path)
    with pytest.raises(TrainerError, match=r"decoder\.mid_block\.attentions\.0\.to_q\.weight is surplus"):
        load(files)


@pytest.mark.parametrize("size", [(9, 6), (10, 5), (0, 6)])
def test_a_size_that_the_vq_cannot_do_is_refused(files, size):
    with pytest.raises(TrainerError, match=r"--size is .*2x2 pixels: use multiples of 2"):
        load(files, size=size)


def test_shortcuts_of_other_bases_are_refused(files):
    parts = load(files)
    with pytest.raises(TrainerError, match=r"dimoo-shortcut\.pth predicts .* worse than .*another base.*--unproven-shortcut"):
        require_own(parts, files["shortcut"])
    for part in (parts.shortcut.out.weight, parts.shortcut.out.bias):
        part.data.zero_()
    require_own(parts, files["shortcut"])  # one that changes nothing does no harm
    torch.save(shortcut_state(Sizes(width=64)), files["shortcut"])
    with pytest.raises(TrainerError, match=r"is the shortcut of another base: .* 64 channels, the base gives 32"):
        load(files)
    torch.save(shortcut_state(SIZES) | {"proj_in.weight": torch.zeros(12, 32)}, files["shortcut"])
    with pytest.raises(TrainerError, match=r"width of 12, which the base's 4 heads do not divide evenly"):
        load(files)


@pytest.mark.parametrize(("config", "message"), [
    ('{"n_heads": 0, "rope_theta": 1, "rms_norm_eps": 1}', "n_heads is 0, expected 1 or more"),
    ("", "does not tell n_heads"), ("{}", "does not tell n_heads.*n_heads"),
    ('{"n_heads": 4, "rope_theta": 1, "rms_norm_eps": 1, "n_kv_heads": 2}', "n_kv_heads is 2, expected 4"),
    ('{"n_heads": 4, "rope_theta": 1, "rms_norm_eps": 1, "layer_norm_type": "default"}', "layer_norm_type is 'default', expected 'rms'"),
])
def test_a_config_of_another_layout_is_refused(files, config, message):
    (files["checkpoint"] / "config.json").write_text(config)
    with pytest.raises(TrainerError, match=message):
        load(files)


def test_a_tokenizer_of_another_model_is_refused(files):
    tokenizer(Sizes(text=341)).save(str(files["tokenizer"]))
    with pytest.raises(TrainerError, match=r"tokenizer\.json gives <system> the ids \[317\], expected 316.*another model"):
        load(files)
    files["tokenizer"].write_text("{")
    with pytest.raises(TrainerError, match=r"tokenizer\.json is missing or not a tokenizer"):
        load(files)


def test_a_context_that_the_template_fills_is_refused(files):
    with pytest.raises(TrainerError, match=r"--prompt-length is 14, but the template alone has 14 ids"):
        load(files, prompt_length=14)


def test_a_truncated_shard_is_named(files):
    shard = files["checkpoint"] / "model-00002-of-00002.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(TrainerError, match=r"model-00002-of-00002\.safetensors is truncated"):
        load(files)


def test_a_shortcut_that_would_run_code_is_refused_and_not_run(tmp_path, files, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"model": shortcut_state(SIZES), "callbacks": Spiteful()}, files["shortcut"])
    with pytest.raises(TrainerError, match=r"asks for .*mkdir.*could run code"):
        load(files)
    assert not Path("was-run").exists()


def test_a_disk_too_small_is_noticed_before_anything_is_written(tmp_path, files):
    out = tmp_path / "out" / "bundle"
    with pytest.raises(TrainerError, match=r"bundle needs \d+ MB, .* has 1 MB free.*--out"):
        import_dimoo(**files, out=out, choices=CHOICES, free_bytes=lambda _: 1_000_000)
    assert not out.parent.exists()


def test_what_goes_wrong_leaves_nothing_behind(tmp_path, files, capsys):
    def disagreeing(folder: Path) -> None:
        raise TrainerError("full.onnx differs from PyTorch")

    with pytest.raises(TrainerError, match="differs"):
        import_dimoo(**files, out=tmp_path / "out" / "bundle", choices=CHOICES, verify=disagreeing)
    assert list((tmp_path / "out").iterdir()) == []
    shutil.rmtree(files["vq"])
    assert run(files, tmp_path / "bundle") == 1
    assert "vqvae is missing" in capsys.readouterr().err
