import json
import shutil

import numpy as np
import onnx
import pytest
from PIL import Image

from slipstream_train.errors import TrainerError
from slipstream_train.manifest import read_manifest
from slipstream_train.verify import verify_bundle


def test_the_bundle_agrees_with_pytorch(tiny_run):
    errors = verify_bundle(tiny_run / "bundle")
    assert errors["full.features"] < 1e-3 and errors["shortcut.features"] < 1e-3
    assert errors["full.next_tokens"] == errors["shortcut.next_tokens"] == errors["trajectories.tokens"] == 0


def test_training_learned_something(tiny_run):
    summary = json.loads((tiny_run / "summary.json").read_text())
    assert summary["base"]["losses"][-1] < 0.75 * summary["base"]["losses"][0]
    assert summary["shortcut"]["relativeError"] < summary["shortcut"]["relativeErrorOfNoChange"]
    assert summary["tokenizer"]["psnrDb"] > 10


def test_graphs_carry_no_path_of_the_machine_that_made_them(tiny_run):
    for path in (tiny_run / "bundle").glob("*.onnx"):
        content = path.read_bytes()
        assert b".py" not in content and b"site-packages" not in content
        onnx.checker.check_model(onnx.load(path))


def test_the_grid_shows_vanilla_above_accelerated(tiny_run):
    grid = np.asarray(Image.open(tiny_run / "bundle" / "samples.png"))
    assert grid.shape[1] == 10 * 36
    assert grid.std() > 5


@pytest.mark.parametrize("damage", ["truncate", "alter", "remove"])
def test_a_damaged_file_is_named(tiny_run, tmp_path, damage):
    folder = shutil.copytree(tiny_run / "bundle", tmp_path / "bundle")
    path = folder / "decode.onnx"
    content = path.read_bytes()
    {"truncate": lambda: path.write_bytes(content[:-100]), "alter": lambda: path.write_bytes(content[:-1] + b"x"),
     "remove": path.unlink}[damage]()
    with pytest.raises(TrainerError, match="decode.onnx"):
        verify_bundle(folder)


def test_a_signature_that_disagrees_with_its_graph_is_named(tiny_run, tmp_path):
    folder = shutil.copytree(tiny_run / "bundle", tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["graphs"]["full"]["inputs"][0]["type"] = "float32"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(TrainerError, match=r"full\.onnx.*disagrees"):
        verify_bundle(folder)


@pytest.mark.parametrize(("field", "value"), [("budget", 99), ("steps", 0), ("schedule", "sine")])
def test_a_manifest_that_contradicts_itself_is_refused(tiny_run, tmp_path, field, value):
    folder = shutil.copytree(tiny_run / "bundle", tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sampling"][field] = value
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(TrainerError, match=r"manifest\.json"):
        read_manifest(folder)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(TrainerError, match="not a bundle"):
        read_manifest(tmp_path)
