from pathlib import Path

import numpy as np
import pytest
import torch
from published_image_reward import HEAD, RewardLayout, bert_tokenizer, reward_state, write_image_reward
from test_import_clip import SIZE, pictures, prepared

from slipstream_train.errors import TrainerError
from slipstream_train.image_reward_weights import load_image_reward
from slipstream_train.import_clip import encode
from slipstream_train.import_image_reward import import_image_reward
from slipstream_train.import_scorer import ScorerChoices
from slipstream_train.scorer_bundle import open_scorer

SIZES, TOKENIZER = RewardLayout(), bert_tokenizer()
PAD, END = (TOKENIZER.token_to_id(word) for word in ("[PAD]", "[SEP]"))
PROMPTS = ["a photo of a cat", "", "Slice of PIZZA, on a wooden table! " * 4]
IDS = encode(TOKENIZER, PROMPTS, SIZES.longest, END, PAD)


def reference() -> tuple[torch.nn.Module, torch.nn.Module]:
    """Hugging Face's BLIP with the same weights."""
    transformers = pytest.importorskip("transformers", reason="the independent BLIP: pip install '.[test]'")
    state = reward_state(TOKENIZER.get_vocab_size())
    vision = transformers.BlipVisionModel(transformers.BlipVisionConfig(
        hidden_size=SIZES.vision, intermediate_size=4 * SIZES.vision, num_hidden_layers=SIZES.layers, num_attention_heads=SIZES.vision // SIZES.head_width,
        image_size=SIZES.side, patch_size=SIZES.patch, layer_norm_eps=1e-6, hidden_act="gelu",
    )).eval()
    text = transformers.BlipTextModel(transformers.BlipTextConfig(
        vocab_size=TOKENIZER.get_vocab_size(), hidden_size=SIZES.text, encoder_hidden_size=SIZES.vision, intermediate_size=4 * SIZES.text,
        num_hidden_layers=SIZES.layers, num_attention_heads=SIZES.text // SIZES.head_width, max_position_embeddings=SIZES.longest, layer_norm_eps=1e-12,
        hidden_act="gelu", bos_token_id=2, eos_token_id=3, sep_token_id=3, pad_token_id=0,
    ), add_pooling_layer=False).eval()
    renamed = {"cls_token": "embeddings.class_embedding", "pos_embed": "embeddings.position_embedding", "patch_embed.proj": "embeddings.patch_embedding",
               "blocks.": "encoder.layers.", "norm1": "layer_norm1", "norm2": "layer_norm2", "attn.qkv": "self_attn.qkv", "attn.proj": "self_attn.projection"}
    found = {}
    for name, value in state.items():
        if name.startswith("blip.visual_encoder."):
            new = name.removeprefix("blip.visual_encoder.").replace("norm.", "post_layernorm.") if ".visual_encoder.norm." in name else name.removeprefix("blip.visual_encoder.")
            for old, to in renamed.items():
                new = new.replace(old, to)
            found[new] = value
    vision.load_state_dict(found)
    words = {name.removeprefix("blip.text_encoder."): value for name, value in state.items() if name.startswith("blip.text_encoder.")}
    missing, surplus = text.load_state_dict(words, strict=False)
    assert not missing and set(surplus) <= {"embeddings.position_ids"}
    return vision, text


@torch.no_grad()
def expected_rewards(given: np.ndarray) -> torch.Tensor:
    vision, text = reference()
    state = reward_state(TOKENIZER.get_vocab_size())
    seen = vision(pixel_values=torch.stack([prepared(picture) for picture in given])).last_hidden_state
    x = text(input_ids=IDS, attention_mask=(IDS != PAD).long(), encoder_hidden_states=seen, is_decoder=False).last_hidden_state[:, 0]
    for index in HEAD:
        x = torch.nn.functional.linear(x, state[f"mlp.layers.{index}.weight"], state[f"mlp.layers.{index}.bias"])
    return (x - 0.16717362830052426) / 1.0333394966054072


def test_a_published_file_becomes_a_scorer_whose_rewards_are_those_of_hugging_faces_blip(tmp_path):
    import_image_reward(**write_image_reward(tmp_path / "published"), out=tmp_path / "image-reward", choices=ScorerChoices(size=SIZE), head_width=SIZES.head_width)
    scorer, given = open_scorer(tmp_path / "image-reward"), pictures(3)
    assert scorer.manifest.kind == "reward"
    assert scorer.manifest.text.model_dump() == {"tokenizer": "tokenizer.json", "length": SIZES.longest, "pad": PAD, "end": END}
    found = scorer.run("text", IDS.int().numpy(), scorer.image(given)["patches"])["score"]
    expected = expected_rewards(given).numpy()
    assert np.allclose(found, expected, atol=1e-4) and np.ptp(expected) > 0.01


@pytest.mark.parametrize(("change", "message"), [
    (lambda state: state.pop("blip.text_encoder.encoder.layer.1.crossattention.self.key.bias"), r"layer\.1\.crossattention\.self\.key\.bias is missing"),
    (lambda state: state.update({"blip.itm_head.weight": torch.zeros(2)}), r"blip\.itm_head\.weight is surplus"),
    (lambda state: state.update({"blip.visual_encoder.blocks.0.attn.qkv.weight": torch.zeros(2, 2)}), r"attn\.qkv\.weight has the shape \[2, 2\], expected \[72, 24\]"),
    (lambda state: state.update({"blip.visual_encoder.pos_embed": torch.zeros(1, 12, 24)}), "not a square of patches"),
])
def test_a_tensor_that_does_not_fit_is_named(tmp_path, change, message):
    state = reward_state(TOKENIZER.get_vocab_size())
    change(state)
    torch.save(state, tmp_path / "other.pt")
    with pytest.raises(TrainerError, match=message):
        load_image_reward(Path(tmp_path / "other.pt"), PAD, head_width=8)
