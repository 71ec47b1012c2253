import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from slipstream_train.picture_resize import pillow_bytes, pillow_floats, tensorflow1
from slipstream_train.scorer_graphs import bytes_on_white

SIZES = [((512, 512), (224, 224)), ((64, 48), (224, 224)), ((37, 101), (50, 29)), ((299, 64), (299, 299)), ((16, 16), (16, 16))]


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Half of it black and white stripes, beside which sums overshoot and are cut off."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels[: height // 2] = (255 * (np.arange(width) // 12 % 2)).astype(np.uint8)[:, None]
    return pixels


def planes(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].double()


@pytest.mark.parametrize(("size", "new"), SIZES)
def test_bytes_are_pillows_to_the_bit(size, new):
    pixels = noise(*size)
    theirs = np.asarray(Image.fromarray(pixels).resize((new[1], new[0]), Image.Resampling.BICUBIC))
    ours = pillow_bytes(size, new)(planes(pixels))[0].permute(1, 2, 0)
    assert np.array_equal(ours.numpy().astype(np.uint8), theirs)
    assert theirs.min() == 0 and theirs.max() == 255


def test_the_middle_is_cut_out_of_what_pillow_gives():
    pixels = noise(60, 91)
    theirs = Image.fromarray(pixels).resize((36, 24), Image.Resampling.BICUBIC).crop((6, 0, 30, 24))
    ours = pillow_bytes((60, 91), (24, 36), (24, 24))(planes(pixels))[0].permute(1, 2, 0)
    assert np.array_equal(ours.numpy().astype(np.uint8), np.asarray(theirs))


@pytest.mark.parametrize(("size", "new"), SIZES)
def test_floats_are_pillows_of_each_channel(size, new):
    pixels = noise(*size)
    theirs = [np.asarray(Image.fromarray(pixels[..., i].astype(np.float32), mode="F").resize((new[1], new[0]), Image.Resampling.BICUBIC)) for i in range(3)]
    assert np.abs(pillow_floats(size, new)(planes(pixels))[0].numpy() - np.stack(theirs)).max() < 1e-4


def test_tensorflow_1_begins_at_the_corner_and_interpolates_two_samples():
    pixels = torch.tensor([0.0, 30, 60, 90]).expand(1, 3, 4, 4).double()
    assert tensorflow1((4, 4), (4, 6))(pixels)[0, 0, 0].tolist() == pytest.approx([0, 20, 40, 60, 80, 90])
    torch.manual_seed(0)
    pictures = torch.rand(1, 3, 8, 8).double() * 255  # halving: every second sample, where others take means of two
    assert torch.equal(tensorflow1((8, 8), (4, 4))(pictures), pictures[:, :, ::2, ::2].float())
    assert not torch.allclose(tensorflow1((8, 8), (4, 4))(pictures), F.interpolate(pictures, (4, 4), mode="bilinear").float())


def test_alpha_is_laid_on_white_in_whole_numbers():
    pixels = torch.tensor([[[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 128]]]], dtype=torch.uint8)
    assert bytes_on_white(pixels)[0, :, 0].T.tolist() == [[10, 20, 30], [255, 255, 255], [127, 177, 255]]
