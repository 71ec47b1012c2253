from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from published_clip import ClipLayout, as_openai, clip_state, clip_tokenizer, write_clip
from safetensors.torch import save_file

from slipstream_train.cli import main
from slipstream_train.clip_weights import load_clip
from slipstream_train.errors import TrainerError
from slipstream_train.import_clip import DEVIATION, EXAMPLES, MEAN, OPPOSITES, Preprocess, encode, import_clip
from slipstream_train.import_scorer import ScorerChoices
from slipstream_train.scorer_bundle import open_scorer

SIZE, SIZES = (40, 32), ClipLayout()  # pictures to come, wider than high
TOKENIZER = clip_tokenizer()
END = TOKENIZER.token_to_id("<|endoftext|>")
IDS = encode(TOKENIZER, EXAMPLES, SIZES.length, END)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    return write_clip(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def reference():
    """Hugging Face's own CLIP with the same weights."""
    transformers = pytest.importorskip("transformers", reason="the independent CLIP: pip install '.[test]'")
    common = {"num_hidden_layers": SIZES.layers, "projection_dim": SIZES.embedding, "hidden_act": "quick_gelu"}
    config = transformers.CLIPConfig(
        text_config={**common, "hidden_size": SIZES.text, "intermediate_size": 4 * SIZES.text, "num_attention_heads": SIZES.text // SIZES.head_width,
                     "vocab_size": TOKENIZER.get_vocab_size(), "max_position_embeddings": SIZES.length, "eos_token_id": END, "bos_token_id": END - 1, "pad_token_id": END},
        vision_config={**common, "hidden_size": SIZES.vision, "intermediate_size": 4 * SIZES.vision, "num_attention_heads": SIZES.vision // SIZES.head_width,
                       "image_size": SIZES.side, "patch_size": SIZES.patch},
        projection_dim=SIZES.embedding,
    )
    model = transformers.CLIPModel(config).eval()
    missing, surplus = model.load_state_dict(clip_state(TOKENIZER.get_vocab_size()), strict=False)
    assert not surplus and not missing
    return model


def pictures(count: int) -> np.ndarray:
    pixels = np.random.default_rng(1).integers(0, 256, (count, SIZE[1], SIZE[0], 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def prepared(picture: np.ndarray) -> torch.Tensor:
    """As published, by Pillow: the shorter side to 24, the middle, normalised."""
    image = Image.fromarray(picture[..., :3]).resize((30, 24), Image.Resampling.BICUBIC).crop((3, 0, 27, 24))
    return ((torch.from_numpy(np.asarray(image).copy()).float() / 255 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)).permute(2, 0, 1)


def embeddings(reference, given: np.ndarray, ids: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    with torch.no_grad():
        out = reference(input_ids=ids, pixel_values=torch.stack([prepared(picture) for picture in given]))
    return out.image_embeds.numpy(), out.text_embeds.numpy()


def test_pictures_are_prepared_as_published():
    given = pictures(2)
    assert torch.allclose(Preprocess(SIZE, SIZES.side)(torch.from_numpy(given)), torch.stack([prepared(picture) for picture in given]), atol=1e-6)


def test_prompts_are_closed_cut_and_padded():
    assert IDS.shape == (3, SIZES.length) and (IDS == END).any(1).all()
    assert IDS[1].tolist() == [TOKENIZER.token_to_id("<|startoftext|>"), *[END] * (SIZES.length - 1)]
    assert (IDS[2] == END).sum() == 1 and IDS[2, -1] == END


def test_a_published_file_becomes_an_image_text_scorer_that_agrees_with_hugging_faces(files, reference, tmp_path):
    import_clip(**files, out=tmp_path / "clip", choices=ScorerChoices(size=SIZE), head_width=SIZES.head_width)
    scorer, given = open_scorer(tmp_path / "clip"), pictures(3)
    assert (scorer.manifest.kind, scorer.manifest.features.channels) == ("image-text", SIZES.embedding)
    assert scorer.manifest.text.model_dump() == {"tokenizer": "tokenizer.json", "length": SIZES.length, "pad": END, "end": END}
    images, texts = embeddings(reference, given, IDS)
    assert np.allclose(scorer.image(given)["embedding"], images, atol=1e-5)
    assert np.allclose(scorer.run("text", IDS.int().numpy())["embedding"], texts, atol=1e-5)
    assert np.ptp(images @ texts.T) > 0.01  # they tell pictures and prompts apart


def test_quality_is_the_probability_of_the_better_of_two_prompts(files, reference, tmp_path):
    import_clip(**files, out=tmp_path / "clip-iqa", choices=ScorerChoices(size=SIZE), head_width=SIZES.head_width, quality=True)
    scorer, given = open_scorer(tmp_path / "clip-iqa"), pictures(3)
    assert scorer.manifest.kind == "quality" and scorer.manifest.text is None
    images, texts = embeddings(reference, given, encode(TOKENIZER, list(OPPOSITES), SIZES.length, END))
    logits = reference.logit_scale.exp().item() * images @ texts.T
    expected = 100 / (1 + np.exp(logits[:, 1] - logits[:, 0]))
    found = scorer.image(given)
    assert np.allclose(found["score"][:, 0], expected, atol=1e-2) and np.allclose(found["features"], images, atol=1e-5)
    assert 0 < expected.min() and expected.max() < 100 and np.ptp(expected) > 0.1


def test_weights_as_fp16_cost_little_with_a_mask_and_prompts_that_are_stored_so_too(tmp_path):
    sizes = ClipLayout(length=40, embedding=520)
    TOKENIZER.save(str(tmp_path / "tokenizer.json"))
    save_file(clip_state(TOKENIZER.get_vocab_size(), sizes), tmp_path / "model.safetensors")
    files = {"checkpoint": tmp_path / "model.safetensors", "tokenizer": tmp_path / "tokenizer.json"}
    model = load_clip(files["checkpoint"], END, head_width=sizes.head_width)
    ids, given = encode(TOKENIZER, EXAMPLES, sizes.length, END), pictures(2)
    with torch.no_grad():
        texts, opposites = model.text(ids), 100 * model.text(encode(TOKENIZER, list(OPPOSITES), sizes.length, END))
        scores = 100 * (model.image(Preprocess(SIZE, sizes.side)(torch.from_numpy(given))) @ opposites.T).softmax(-1)[:, :1]
    for quality in (False, True):
        out = tmp_path / f"clip-{quality}".lower()
        import_clip(**files, out=out, choices=ScorerChoices(size=SIZE, weights="fp16"), head_width=sizes.head_width, quality=quality)  # it verifies
    assert np.allclose(open_scorer(tmp_path / "clip-false").run("text", ids.int().numpy())["embedding"], texts, atol=2e-3)
    assert np.allclose(open_scorer(tmp_path / "clip-true").image(given)["score"], scores, atol=1)


def test_openais_names_and_older_files_give_the_same_model(files, tmp_path):
    state = clip_state(TOKENIZER.get_vocab_size())
    torch.save(as_openai(state), tmp_path / "openai.pth")
    save_file(state | {"text_model.embeddings.position_ids": torch.arange(12)[None]}, tmp_path / "older.safetensors")
    expected = load_clip(files["checkpoint"], END, head_width=8).state_dict()
    for name in ("openai.pth", "older.safetensors"):
        found = load_clip(tmp_path / name, END, head_width=8).state_dict()
        assert all(torch.equal(value, found[key]) for key, value in expected.items()), name


@pytest.mark.parametrize(("change", "message"), [
    (lambda state: state.pop("vision_model.encoder.layers.1.self_attn.k_proj.bias"), r"vision_model\.encoder\.layers\.1\.self_attn\.k_proj\.bias is missing"),
    (lambda state: state.update({"vision_model.head.weight": torch.zeros(2)}), r"vision_model\.head\.weight is surplus"),
    (lambda state: state.update({"text_projection.weight": torch.zeros(2, 2)}), r"text_projection\.weight has the shape \[2, 2\], expected \[12, 16\]"),
    (lambda state: state.update({"vision_model.embeddings.position_embedding.weight": torch.zeros(12, 32)}), "not a square of patches"),
])
def test_a_tensor_that_does_not_fit_is_named(tmp_path, change, message):
    state = clip_state(TOKENIZER.get_vocab_size())
    change(state)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(TrainerError, match=message):
        load_clip(tmp_path / "other.safetensors", END, head_width=8)


def run(files: dict[str, Path], out: Path, *options: str, layout: str = "clip") -> int:
    return main(["import", layout, *[part for name, path in files.items() for part in (f"--{name}", str(path))], "--size", "40x32", "--out", str(out), *options])


def test_a_tokenizer_of_another_model_and_heads_that_do_not_fit_are_named(files, tmp_path, capsys):
    (tmp_path / "none.json").write_text("{}")
    assert run({**files, "tokenizer": tmp_path / "none.json"}, tmp_path / "clip", "--head-width", "8") == 1
    assert "none.json is not a tokenizer" in capsys.readouterr().err
    other = clip_tokenizer()
    other.add_tokens(["more"])
    other.save(str(tmp_path / "more.json"))
    assert run({**files, "tokenizer": tmp_path / "more.json"}, tmp_path / "clip", "--head-width", "8") == 1
    assert "name the tokenizer of this model" in capsys.readouterr().err
    assert run(files, tmp_path / "clip", layout="clip-iqa") == 1
    assert "--head-width" in capsys.readouterr().err
    assert not (tmp_path / "clip").exists()
