import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from slipstream_train import scorer_presets
from slipstream_train.cli import main
from slipstream_train.errors import TrainerError
from slipstream_train.scorer_bundle import Scorer, open_scorer
from slipstream_train.scorer_manifest import read_scorer_manifest
from slipstream_train.scorer_reference import read_reference
from slipstream_train.scorer_verify import verify_scorer

FILES = {"tiny-classifier": "image.onnx", "tiny-text": "text.onnx"}


@pytest.fixture(scope="module")
def scorers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both scorers of the tiny bundle's model, trained for a moment."""
    root = Path(__file__).parents[3]
    work = tmp_path_factory.mktemp("scorers")
    brief = dataclasses.replace(scorer_presets.SCORER_PRESETS["tiny"], steps=120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(scorer_presets.SCORER_PRESETS, "tiny", brief)
        for stage in ("data", "adopt", "scorers", "export-scorers"):
            arguments = [stage, "--preset", "tiny", "--work", str(work), "--out", str(work / "out"),
                         "--bundle", str(root / "tests/bundles/tiny"), "--threads", "1"]
            assert main(arguments) == 0
    return work / "out"


@pytest.fixture(scope="module")
def classifier(scorers) -> Scorer:
    return open_scorer(scorers / "tiny-classifier")


@pytest.fixture(scope="module")
def image_text(scorers) -> Scorer:
    return open_scorer(scorers / "tiny-text")


def pixels(rows: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (rows, 32, 32, 4), np.uint8)


@pytest.mark.parametrize("name", FILES)
def test_a_scorer_agrees_with_pytorch(scorers, name):
    assert max(verify_scorer(scorers / name).values()) < 1e-4


@pytest.mark.parametrize("name", FILES)
def test_a_scorer_is_its_graphs_alone(scorers, name):
    for path in (scorers / name).glob("*.onnx"):
        content = path.read_bytes()
        assert len(content) < 100_000 and b"site-packages" not in content
        onnx.checker.check_model(onnx.load(path, load_external_data=False))


def test_training_learned_something(classifier, image_text):
    assert classifier.manifest.training["figures"]["accuracyAugmented"] > 0.1  # chance: 0.01
    assert image_text.manifest.training["figures"]["categoryPrecisionAt10"] > 0.3


def test_a_picture_has_one_score_in_any_batch(classifier, image_text):
    batch = pixels(7)
    for scorer, output in ((classifier, "features"), (classifier, "logits"), (image_text, "embedding")):
        together = scorer.image(batch)[output]
        alone = np.concatenate([scorer.image(batch[row : row + 1])[output] for row in range(7)])
        np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


def test_what_lies_under_transparency_does_not_count(classifier):
    clear = pixels(2)
    clear[..., 3] = 0
    features = classifier.image(clear)["features"]
    np.testing.assert_allclose(features[0], features[1], rtol=1e-5)
    np.testing.assert_allclose(features[0], classifier.image(np.full_like(clear, 255))["features"][0], rtol=1e-4, atol=1e-5)


def test_embeddings_have_length_one_with_any_prompt(image_text):
    text = image_text.text(["", "quux", "face", "slice of pizza " * 9])
    for vectors in (text, image_text.image(pixels(3))["embedding"]):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_another_size_or_type_is_refused_with_the_one_that_fits(classifier):
    with pytest.raises(TrainerError, match=r"pixels is uint8 \(64, 64, 4\).*takes uint8 \(32, 32, 4\)"):
        classifier.image(np.zeros((1, 64, 64, 4), np.uint8))
    with pytest.raises(TrainerError, match="pixels is float32"):
        classifier.image(pixels(1).astype(np.float32))


def test_a_classifier_reads_no_text(classifier):
    with pytest.raises(TrainerError, match="use an image-text scorer"):
        classifier.text(["face"])


def test_the_reference_holds_the_statistics_of_its_vectors(classifier):
    reference = read_reference(classifier)
    vectors = reference["vectors"].astype(np.float64)
    assert reference["count"] == len(vectors) == len(classifier.manifest.labels) and reference["names"] == classifier.manifest.labels
    np.testing.assert_allclose(reference["mean"], vectors.mean(0), rtol=1e-9)
    np.testing.assert_allclose(reference["covariance"], np.cov(vectors, rowvar=False), rtol=1e-9)


def test_the_reference_of_another_scorer_is_refused(scorers, tmp_path, classifier):
    folder = shutil.copytree(scorers / "tiny-classifier", tmp_path / "scorer")
    shutil.copyfile(scorers / "tiny-text" / "reference.json", folder / "reference.json")
    with pytest.raises(TrainerError, match="another scorer's digest"):
        read_reference(dataclasses.replace(classifier, folder=folder))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["truncate", "alter", "remove"])
def test_a_damaged_file_is_named(scorers, tmp_path, name, damage):
    folder = shutil.copytree(scorers / name, tmp_path / name)
    path = folder / FILES[name]
    content = path.read_bytes()
    {"truncate": lambda: path.write_bytes(content[:-100]), "alter": lambda: path.write_bytes(content[:-1] + b"x"),
     "remove": path.unlink}[damage]()
    with pytest.raises(TrainerError, match=FILES[name]):
        open_scorer(folder)


@pytest.mark.parametrize(("change", "message"), [
    ({"features": {"channels": 7}}, r"features.channels"),
    ({"labels": ["sun"]}, "logits"),
    ({"kind": "image-text"}, "image-text"),
    ({"version": 2}, "version"),
    ({"image": {"width": 0, "height": 32, "channels": 4, "background": "none", "scale": "bytes"}}, "width"),
])
def test_a_manifest_that_contradicts_itself_is_refused(scorers, tmp_path, change, message):
    folder = shutil.copytree(scorers / "tiny-classifier", tmp_path / "scorer")
    document = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**document, **change}))
    with pytest.raises(TrainerError, match=rf"(?s)manifest\.json.*{message}"):
        read_scorer_manifest(folder)


def test_a_folder_that_is_no_scorer_is_refused(tmp_path):
    with pytest.raises(TrainerError, match="this is no scorer"):
        open_scorer(tmp_path)


def test_export_before_training_names_the_stage_to_run(tmp_path, capsys):
    assert main(["data", "--preset", "tiny", "--work", str(tmp_path)]) == 0
    assert main(["export-scorers", "--preset", "tiny", "--work", str(tmp_path)]) == 1
    assert "slipstream-train tokenizer" in capsys.readouterr().err
