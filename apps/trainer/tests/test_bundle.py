import json
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from slipstream_train.cli import main
from slipstream_train.errors import TrainerError
from slipstream_train.exactness import check_one_branch
from slipstream_train.golden import decode_tensor
from slipstream_train.manifest import NEEDS, read_manifest
from slipstream_train.verify import verify_bundle


def test_the_bundle_agrees_with_pytorch(tiny_run):
    errors = verify_bundle(tiny_run / "bundle")
    assert errors["full.features"] < 1e-3 and errors["shortcut.features"] < 1e-3
    assert errors["full.next_tokens"] == errors["shortcut.next_tokens"] == errors["trajectories.tokens"] == 0


def test_it_serves_every_strategy(tiny_run):
    manifest = read_manifest(tiny_run / "bundle")
    assert manifest.version == 3 and manifest.strategies == list(NEEDS)
    golden = json.loads((tiny_run / "bundle" / manifest.golden).read_text())
    assert {run["strategy"] for run in golden["trajectories"]} == {"vanilla", "shortcut", "anchored"}
    assert {case["graph"] for case in golden["graphs"]} == set(manifest.graphs.held())


def test_graphs_share_their_weights(tiny_run):
    bundle = tiny_run / "bundle"
    places: dict[tuple[str, str], set[str]] = {}
    for path in bundle.glob("*.onnx"):
        for tensor in onnx.load(path, load_external_data=False).graph.initializer:
            place = {entry.key: entry.value for entry in tensor.external_data}
            if place:
                assert place["location"] == "weights.bin"
                places.setdefault((place["offset"], place["length"]), set()).add(path.stem)
    end = max(int(offset) + int(length) for offset, length in places)
    assert end <= (bundle / "weights.bin").stat().st_size < end + 64
    assert sum({"full", "partial"} <= users for users in places.values()) >= 4 * 5  # five matrices a layer
    assert any({"full", "head", "tail", "partial", "shortcut", "anchored"} <= users for users in places.values())  # the head


def test_a_saving_that_changes_the_result_is_named(tiny_run):
    bundle = tiny_run / "bundle"
    manifest = read_manifest(bundle)
    golden = json.loads((bundle / manifest.golden).read_text())
    case = next(case for case in golden["graphs"] if case["graph"] == "full")
    inputs = {key: decode_tensor(value) for key, value in case["inputs"].items()}
    session = onnxruntime.InferenceSession(str(bundle / "full.onnx"), providers=["CPUExecutionProvider"])
    check_one_branch("full", session, inputs)
    with pytest.raises(TrainerError, match=r"full\.onnx: features of one branch"):
        check_one_branch("full", Leaking(session), inputs)


class Leaking:
    """A session whose conditional branch sees how many there are."""

    def __init__(self, session: onnxruntime.InferenceSession):
        self.session = session
        self.get_inputs, self.get_outputs = session.get_inputs, session.get_outputs

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        features, *others = self.session.run(names, inputs)
        return [features + np.float32(inputs["prompt"].shape[1]), *others]


def test_an_export_without_the_extras_serves_what_is_left(tiny_run, tmp_path):
    work = shutil.copytree(tiny_run, tmp_path / "work", ignore=shutil.ignore_patterns("bundle", "trajectories", "*.checkpoint.pt"))
    for name in ("anchored.pt", "student.pt"):
        (work / name).unlink()
    assert main(["export", "--preset", "tiny", "--work", str(work), "--seed", "3"]) == 0
    manifest = read_manifest(work / "bundle")
    assert {"anchored", "student"}.isdisjoint(manifest.graphs.held())
    assert {"anchored", "dimo"}.isdisjoint(manifest.strategies) and "taylorseer" in manifest.strategies


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


@pytest.mark.parametrize("name", ["decode.onnx", "weights.bin"])
@pytest.mark.parametrize("damage", ["truncate", "alter", "remove"])
def test_a_damaged_file_is_named(tiny_run, tmp_path, damage, name):
    folder = shutil.copytree(tiny_run / "bundle", tmp_path / "bundle")
    path = folder / name
    content = path.read_bytes()
    {"truncate": lambda: path.write_bytes(content[:-100]), "alter": lambda: path.write_bytes(content[:-1] + b"x"),
     "remove": path.unlink}[damage]()
    with pytest.raises(TrainerError, match=name):
        verify_bundle(folder)


def test_a_signature_that_disagrees_with_its_graph_is_named(tiny_run, tmp_path):
    folder = shutil.copytree(tiny_run / "bundle", tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["graphs"]["full"]["inputs"][0]["type"] = "float32"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(TrainerError, match=r"full\.onnx.*disagrees"):
        verify_bundle(folder)


@pytest.mark.parametrize(("field", "value"), [("budget", 99), ("steps", 0), ("schedule", "sine"), ("strategy", "magic")])
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
