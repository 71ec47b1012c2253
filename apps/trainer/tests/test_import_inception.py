import json
from pathlib import Path

import numpy as np
import pytest
import torch
from inception_reference import inception
from PIL import Image
from published_inception import LABELS, WIDTH, inception_state
from test_import_maskgit import Spiteful

from slipstream_train.cli import main
from slipstream_train.errors import TrainerError
from slipstream_train.import_inception import import_inception
from slipstream_train.import_scorer import ScorerChoices
from slipstream_train.inception_model import Inception
from slipstream_train.published_weights import PublishedWeights
from slipstream_train.scorer_bundle import open_scorer
from slipstream_train.scorer_reference import read_reference

SIZE, SIDE = (40, 32), 75  # pictures to come; the smallest side that the layout's strides leave something of


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("published") / "pt_inception.pth"
    torch.save(inception_state(), path)
    return path


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, SIZE[1], SIZE[0], 4), dtype=np.uint8)


def clean(picture: np.ndarray) -> torch.Tensor:
    """What clean-fid does to a picture without alpha."""
    planes = [np.asarray(Image.fromarray(picture[..., i].astype(np.float32), mode="F").resize((SIDE, SIDE), Image.Resampling.BICUBIC)) for i in range(3)]
    return (torch.from_numpy(np.stack(planes).clip(0, 255)) - 128) / 128


def test_the_network_is_the_described_one(checkpoint):
    torch.manual_seed(0)
    x = torch.rand(2, 3, 299, 299) * 2 - 1
    with torch.no_grad():
        for ours, theirs in zip(Inception(PublishedWeights.open(checkpoint)).eval()(x), inception(inception_state(), x), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-5) and theirs.std() > 0.05


def test_a_published_file_becomes_a_classifier_that_sees_what_the_reference_sees(checkpoint, tmp_path):
    import_inception(checkpoint, tmp_path / "inception", ScorerChoices(size=SIZE), side=SIDE)
    scorer, given = open_scorer(tmp_path / "inception"), pictures(3)
    given[..., 3] = 255
    assert (scorer.manifest.kind, scorer.manifest.features.channels, len(scorer.manifest.labels)) == ("classifier", 6 * WIDTH, LABELS)
    features, logits = inception(inception_state(), torch.stack([clean(picture) for picture in given]))
    found = scorer.image(given)
    for ours, theirs in ((found["features"], features), (found["logits"], logits)):
        assert np.allclose(ours, theirs.numpy(), atol=1e-4)
    assert list(tmp_path.iterdir()) == [tmp_path / "inception"]


def test_a_reference_is_taken_from_a_folder_of_pictures_of_its_size(checkpoint, tmp_path):
    shown = tmp_path / "pictures"
    shown.mkdir()
    given = pictures(3)
    for index, picture in enumerate(given):
        Image.fromarray(picture).save(shown / f"{index}.png")
    import_inception(checkpoint, tmp_path / "inception", ScorerChoices(size=SIZE, reference=shown), side=SIDE)
    scorer = open_scorer(tmp_path / "inception")
    reference = read_reference(scorer)
    assert reference["names"] == ["0.png", "1.png", "2.png"]
    assert np.allclose(reference["vectors"], scorer.image(given)["features"], atol=1e-5)
    assert np.allclose(reference["covariance"], np.cov(reference["vectors"].astype(np.float64), rowvar=False))
    Image.fromarray(given[0][:, :8]).save(shown / "narrow.png")
    with pytest.raises(TrainerError, match=r"narrow\.png is 8x32, the scorer takes 40x32"):
        import_inception(checkpoint, tmp_path / "other", ScorerChoices(size=SIZE, reference=shown), side=SIDE)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("change", "message"), [
    (lambda state: state.pop("Mixed_6b.branch7x7_2.conv.weight"), r"no tensor Mixed_6b\.branch7x7_2\.conv\.weight"),
    (lambda state: state.pop("Mixed_7c.branch_pool.bn.running_var"), r"Mixed_7c\.branch_pool\.bn\.running_var is missing"),
    (lambda state: state.update({"AuxLogits.fc.weight": torch.zeros(3)}), r"AuxLogits\.fc\.weight is surplus"),
    (lambda state: state.update({"Mixed_5b.branch1x1.conv.weight": torch.zeros(4, 9, 1, 1)}), r"Mixed_5b\.branch1x1\.conv\.weight has the shape \[4, 9, 1, 1\], expected \[4, 4, 1, 1\]"),
    (lambda state: state.update({"fc.bias": torch.zeros(1)}), r"fc\.bias has the shape \[1\]"),
])
def test_a_tensor_that_does_not_fit_is_named_and_nothing_is_written(tmp_path, change, message):
    state = inception_state()
    change(state)
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(TrainerError, match=message):
        import_inception(tmp_path / "other.pth", tmp_path / "out" / "inception", ScorerChoices(size=SIZE), side=SIDE)
    assert not (tmp_path / "out").exists()


def test_a_pickle_that_would_run_code_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": inception_state(), "callbacks": Spiteful()}, "inception.pth")
    assert main(["import", "inception", "--checkpoint", "inception.pth", "--out", "inception"]) == 1
    assert "could run code" in capsys.readouterr().err
    assert not Path("was-run").exists() and not Path("inception").exists()


def test_a_disk_too_small_is_noticed_before_anything_is_written(checkpoint, tmp_path):
    with pytest.raises(TrainerError, match=r"inception needs \d+ MB, .* has 1 MB free"):
        import_inception(checkpoint, tmp_path / "out" / "inception", ScorerChoices(size=SIZE, free_bytes=lambda _: 1_000_000), side=SIDE)
    assert not (tmp_path / "out").exists()


def test_a_scorer_that_disagrees_with_pytorch_is_not_left_behind(checkpoint, tmp_path):
    def disagreeing(folder: Path) -> None:
        assert json.loads((folder / "manifest.json").read_text())["kind"] == "classifier"
        raise TrainerError("image.onnx differs from PyTorch")

    with pytest.raises(TrainerError, match="differs"):
        import_inception(checkpoint, tmp_path / "out" / "inception", ScorerChoices(size=SIZE, verify=disagreeing), side=SIDE)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(("options", "message"), [
    (["--size", "512"], "WIDTHxHEIGHT"), (["--size", "0x512"], "WIDTHxHEIGHT"), (["--resize", "nearest"], "invalid choice"),
])
def test_an_option_that_makes_no_sense_is_named(checkpoint, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit):
        main(["import", "inception", "--checkpoint", str(checkpoint), "--out", str(tmp_path / "inception"), *options])
    assert message in capsys.readouterr().err


def test_a_reference_that_is_no_folder_is_named(checkpoint, tmp_path, capsys):
    assert main(["import", "inception", "--checkpoint", str(checkpoint), "--out", str(tmp_path / "x"), "--reference", str(tmp_path / "none")]) == 1
    assert "--reference" in capsys.readouterr().err
