import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from maskgit_reference import Reference
from published_maskgit import Sizes, base_state, shortcut_state, vqgan_state, write_published
from safetensors.torch import save_file

from slipstream_train.cli import main
from slipstream_train.errors import TrainerError
from slipstream_train.golden import decode_tensor
from slipstream_train.import_maskgit import import_maskgit, published_sampling, require_own
from slipstream_train.manifest import read_manifest
from slipstream_train.maskgit_weights import load_maskgit, load_maskgit_shortcut, load_vqgan
from slipstream_train.schedule import refresh_steps

SIZES = Sizes()


def load(path: Path):
    return load_maskgit(path, codes=SIZES.codes, heads=SIZES.heads)


def same(left: torch.nn.Module, right: torch.nn.Module) -> bool:
    return all(torch.equal(value, right.state_dict()[name]) for name, value in left.state_dict().items())


def run(files: dict[str, Path], out: Path) -> int:
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main(["import", "maskgit", *options, "--out", str(out), "--heads", str(SIZES.heads), "--unproven-shortcut"])


def test_published_files_become_a_bundle_that_agrees_with_pytorch(tmp_path):
    assert run(write_published(tmp_path), tmp_path / "maskgit-tiny") == 0  # it verifies the bundle itself
    manifest = read_manifest(tmp_path / "maskgit-tiny")
    assert manifest.prompt.model_dump() == {"classes": 10, "length": 1, "pad": 10}
    assert (manifest.image.width, manifest.tokens.image, manifest.tokens.codes, manifest.features.layers) == (8, 16, 64, 3)
    assert manifest.strategies == ["vanilla", "halton", "shortcut", "adaptive", "taylorseer", "ml-cache", "recap", "dllm-cache"]
    assert not list(tmp_path.glob(".*"))
    for trajectory in json.loads((tmp_path / "maskgit-tiny" / manifest.golden).read_text())["trajectories"]:
        assert (decode_tensor(trajectory["tokens"]) == published_run(trajectory)).all()  # what TypeScript replays


def published_run(trajectory: dict) -> np.ndarray:
    """The reference under the uniforms of a golden trajectory."""
    uniforms = (torch.from_numpy(decode_tensor(trajectory[name]).copy()) for name in ("uniforms", "confidence_uniforms"))
    steps, sampling = trajectory["steps"], published_sampling(SIZES.grid**2, "shortcut")
    full = set(range(steps)) if trajectory["strategy"] == "vanilla" else set(refresh_steps(steps, trajectory["budget"]))
    return Reference(SIZES, base_state(SIZES), shortcut_state(SIZES)).sample(
        trajectory["promptIds"][0], *uniforms, steps=steps, full=full, guidance=sampling.guidance,
        randomness=sampling.confidence_temperature,
    ).numpy()


def test_every_form_of_file_gives_the_same_model(tmp_path):
    state = base_state(SIZES)
    expected = load(write_published(tmp_path)["checkpoint"])
    save_file(state, tmp_path / "whole.safetensors")
    save_file({name: value.half() for name, value in state.items()}, tmp_path / "half.safetensors")
    torch.save({f"module.{name}": value for name, value in state.items()}, tmp_path / "parallel.pth")
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    shards = tmp_path / "shards"
    shards.mkdir()
    names = sorted(state)
    places = {name: f"model-{index % 2}.safetensors" for index, name in enumerate(names)}
    for file in set(places.values()):
        save_file({name: state[name] for name in names if places[name] == file}, shards / file)
    (shards / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    for path in (tmp_path / "whole.safetensors", tmp_path / "half.safetensors", tmp_path / "parallel.pth", tmp_path / "old.pth", shards, shards / "model.safetensors.index.json"):
        assert same(load(path), expected), path


@pytest.mark.parametrize(("change", "message"), [
    (lambda state: state.pop("transformer.layers.1.0.fn.mha.in_proj_bias"), r"transformer\.layers\.1\.0\.fn\.mha\.in_proj_bias is missing"),
    (lambda state: state.pop("tok_emb.weight"), r"no tensor tok_emb\.weight"),
    (lambda state: state.update({"transformer.layers.0.2.extra": torch.zeros(3)}), r"transformer\.layers\.0\.2\.extra is surplus"),
    (lambda state: state.update({"last_layer.4.bias": torch.zeros(3)}), r"last_layer\.4\.bias has the shape \[3\], expected \[32\]"),
    (lambda state: state.update({"bias": torch.zeros(17, 75)}), r"bias has the shape \[17, 75\], expected \[17, 76\]"),
    (lambda state: state.update({"bias": state["bias"].to(torch.int8)}), r"bias is of torch\.int8, expected floating-point numbers"),
    (lambda state: state["bias"].fill_(torch.nan), r"bias holds numbers that are not finite"),
    (lambda state: state.update({7: torch.zeros(3)}), r"7 is surplus"),
])
def test_a_tensor_that_does_not_fit_is_named(tmp_path, change, message):
    state = base_state(SIZES)
    change(state)
    torch.save(state, tmp_path / "base.pth")
    with pytest.raises(TrainerError, match=message):
        load(tmp_path / "base.pth")


def test_of_a_vqgan_what_only_training_needs_is_left_and_what_is_unknown_is_named(tmp_path):
    state = vqgan_state(SIZES)
    save_file(state, tmp_path / "vq.safetensors")
    assert load_vqgan(tmp_path / "vq.safetensors").sizes.factor == 2
    save_file(state | {"decoder.up.0.blok": torch.zeros(1)}, tmp_path / "vq.safetensors")
    with pytest.raises(TrainerError, match=r"decoder\.up\.0\.blok is surplus"):
        load_vqgan(tmp_path / "vq.safetensors")


def test_a_shortcut_whose_predictions_are_of_another_base_is_refused(tmp_path):
    base = load(write_published(tmp_path)["checkpoint"])
    foreign = load_maskgit_shortcut(tmp_path / "shortcut.pth", base, heads=4)
    with pytest.raises(TrainerError, match=r"shortcut\.pth predicts .* worse than .*another base.*--unproven-shortcut"):
        require_own(foreign, base, tmp_path / "shortcut.pth")
    for part in (foreign.out.weight, foreign.out.bias):
        part.data.zero_()
    require_own(foreign, base, tmp_path / "shortcut.pth")  # one that changes nothing does no harm


def test_a_shortcut_of_a_base_of_another_width_is_refused(tmp_path):
    base = load(write_published(tmp_path)["checkpoint"])
    torch.save(shortcut_state(Sizes(width=64)), tmp_path / "other.pth")
    with pytest.raises(TrainerError, match=r"other\.pth is the shortcut of another base: .* 64 channels, the base gives 32"):
        load_maskgit_shortcut(tmp_path / "other.pth", base, heads=4)


class Spiteful:
    def __reduce__(self):
        return os.mkdir, ("was-run",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path, monkeypatch, zipped):
    monkeypatch.chdir(tmp_path)
    torch.save({"model_state_dict": base_state(SIZES), "callbacks": Spiteful()}, "base.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(TrainerError, match=r"base\.pth asks for .*mkdir.*could run code.*safetensors"):
        load(Path("base.pth"))
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Spiteful()))
    with pytest.raises(TrainerError, match=r"plain\.pth"):
        load(Path("plain.pth"))
    assert not Path("was-run").exists()


def test_torchscript_which_holds_code_is_refused(tmp_path):
    torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "base.pt")
    with pytest.raises(TrainerError, match=r"base\.pt asks for TorchScript, which could run code.*save its tensors alone"):
        load(tmp_path / "base.pt")


@pytest.mark.parametrize("kept", [0, 3, 100, 50_000])
@pytest.mark.parametrize("form", ["zip", "old", "safetensors"])
def test_a_truncated_file_is_named(tmp_path, form, kept):
    path = tmp_path / ("base.safetensors" if form == "safetensors" else "base.pth")
    if form == "safetensors":
        save_file(base_state(SIZES), path)
    else:
        torch.save(base_state(SIZES), path, _use_new_zipfile_serialization=form == "zip")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(TrainerError, match=r"base\.\w+ is truncated or not a file of weights.*fetch it again"):
        load(path)


def test_a_missing_shard_is_named(tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"bias": "model-1.safetensors"}}))
    with pytest.raises(TrainerError, match=r"model-1\.safetensors is missing"):
        load(tmp_path)


def test_a_disk_too_small_is_noticed_before_anything_is_written(tmp_path):
    files, out = write_published(tmp_path), tmp_path / "out" / "bundle"
    with pytest.raises(TrainerError, match=r"bundle needs \d+ MB, .* has 1 MB free.*--out"):
        import_maskgit(**files, out=out, heads=4, free_bytes=lambda _: 1_000_000)
    assert not out.parent.exists()


def test_a_bundle_that_disagrees_with_pytorch_is_not_left_behind(tmp_path):
    def disagreeing(folder: Path) -> None:
        assert read_manifest(folder)
        raise TrainerError("full.onnx differs from PyTorch")

    files = write_published(tmp_path)
    with pytest.raises(TrainerError, match="differs"):
        import_maskgit(files["checkpoint"], files["vq"], tmp_path / "out" / "bundle", heads=4, verify=disagreeing)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(("name", "message"), [("there", "exists already"), ("My Model", "lower-case letters")])
def test_a_folder_that_cannot_be_the_bundle_is_refused(tmp_path, capsys, name, message):
    (tmp_path / "there").mkdir()
    assert run(write_published(tmp_path), tmp_path / name) == 1
    assert message in capsys.readouterr().err


def test_weights_are_stored_as_asked_and_agree_with_pytorch_all_the_same(tmp_path):
    files, sizes = write_published(tmp_path), {}
    for weights in ("fp32", "bf16"):
        out = tmp_path / weights
        import_maskgit(files["checkpoint"], files["vq"], out, heads=SIZES.heads, weights=weights)  # it verifies the bundle itself
        manifest = read_manifest(out)
        assert manifest.training["weights"] == weights
        sizes[weights] = (out / manifest.weights).stat().st_size
    assert sizes["fp32"] == pytest.approx(2 * sizes["bf16"], rel=0.02)
