"""The base: a bidirectional transformer over [prompt tokens | image tokens]; what every base has, and the one trained here."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .presets import Preset
from .prompt_tokenizer import PAD
from .sampling import draw_tempered
from .transformer import Block, found, replaced


class MaskedTransformer(nn.Module):
    """What the graphs and the sampler need of a base. Features are what `norm` makes of the last layer's output (paper
    section 3; algorithms 1.1).

    A subclass sets `prompt_length` (P), `mask_token` (the number of codes), `unconditional` (the prompt id that stands for
    no prompt), `position` (P + T, width), `blocks`, `norm` and `head`, and says how prompt ids are embedded. One whose
    picture does not simply follow its prompt says where its tokens lie, too.
    """

    prompt_length: int
    mask_token: int
    unconditional: int
    position: Tensor
    blocks: nn.ModuleList
    norm: nn.Module
    head: nn.Module

    @property
    def prompt_ids(self) -> int:
        """How many prompt ids there are, one that stands for no word among them."""
        raise NotImplementedError

    def stem(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        """Embeddings, what the layers add to: prompt (rows, P), tokens (rows, T) -> (rows, P + T, width)."""
        raise NotImplementedError

    def logits_at(self, features: Tensor, positions: Tensor) -> Tensor:
        """features (rows, n, width) of the image positions (rows, n), in 0..T-1 -> (rows, n, codes)."""
        return self.head(features)

    def logits_everywhere(self, features: Tensor) -> Tensor:
        """(..., P + T, width) -> (..., P + T, codes)."""
        return self.head(features)

    draw = staticmethod(draw_tempered)  # how a step chooses tokens; see `sampling`

    @property
    def positions(self) -> int:
        """L, how many positions features have."""
        return self.position.shape[0]

    @property
    def width(self) -> int:
        return self.position.shape[1]

    @property
    def image_tokens(self) -> int:
        return self.positions - self.prompt_length

    def places(self, positions: Tensor) -> Tensor:
        """Image positions, in 0..T-1 -> where features have them, in 0..L-1."""
        return self.prompt_length + positions

    def of_image(self, features: Tensor) -> Tensor:
        """(..., L, width) -> (..., T, width)."""
        return features[..., self.prompt_length :, :]

    def unprompted(self, prompt: Tensor) -> Tensor:
        """As many prompts as are given, (rows, P), that stand for none."""
        return torch.full_like(prompt, self.unconditional)

    def branches(self, prompt: Tensor) -> Tensor:
        """Prompts (rows, P) -> those of both guidance branches (rows, 2, P), conditional first."""
        return torch.stack([prompt, self.unprompted(prompt)], 1)

    def written(self, prompt: Tensor) -> Tensor:
        """(rows, P) -> (rows, L) bool: the positions that others attend to, which are all unless the base says otherwise."""
        return torch.ones(prompt.shape[0], self.positions, dtype=torch.bool, device=prompt.device)

    def example_prompts(self, rows: int, generator: torch.Generator) -> Tensor:
        """(rows, P), each another one."""
        return torch.randint(2, self.prompt_ids, (rows, self.prompt_length), generator=generator)

    def trunk(self, x: Tensor, prompt: Tensor | None = None) -> Tensor:
        """The layers, before the last norm. prompt (rows, P), where the layers look at it again."""
        for block in self.blocks:
            x = block(x)
        return x

    def features(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        """prompt (rows, P), tokens (rows, T) -> (rows, L, width)."""
        return self.norm(self.trunk(self.stem(prompt, tokens), prompt))

    def partial_features(self, prompt: Tensor, tokens: Tensor, last: Tensor, cache: Tensor, selected: Tensor) -> tuple[Tensor, Tensor]:
        """Some positions anew, the others as they were: last (rows, L, width), cache (rows, layers, L, 2 width), selected
        (rows, n) distinct positions -> features and cache of the same shapes. With all L selected it is `features`."""
        place = selected.long()
        x, layers = found(self.stem(prompt, tokens), place), []
        for block, layer in zip(self.blocks, cache.unbind(1), strict=True):
            x, layer = block.partial(x, place, layer)
            layers.append(layer)
        return replaced(last, place, self.norm(x)), torch.stack(layers, 1)

    def guided_features(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        """Both guidance branches in one batch: (rows, 2, P + T, width), conditional first."""
        prompts = torch.cat([prompt, self.unprompted(prompt)])
        both = self.features(prompts, torch.cat([tokens, tokens]))
        return both.view(2, -1, *both.shape[1:]).transpose(0, 1)


class BaseModel(MaskedTransformer):
    """The base trained here: words for a prompt, one head for every position."""

    unconditional = PAD

    def __init__(self, preset: Preset, code_count: int, vocabulary: int):
        super().__init__()
        base = preset.base
        self.prompt_length = base.prompt_tokens
        self.mask_token = code_count
        self.word_embedding = nn.Embedding(vocabulary, base.width)
        self.token_embedding = nn.Embedding(code_count + 1, base.width)
        self.position = nn.Parameter(torch.zeros(base.prompt_tokens + preset.image_tokens, base.width))
        self.blocks = nn.ModuleList(Block(base.width, base.heads) for _ in range(base.layers))
        self.norm = nn.LayerNorm(base.width)
        self.head = nn.Linear(base.width, code_count)
        self.apply(_initialise)
        nn.init.normal_(self.position, std=0.02)
        for block in self.blocks:  # residual branches start small (GPT-2's rule)
            for projection in (block.attention.out, block.feed_forward.down):
                nn.init.normal_(projection.weight, std=0.02 / (2 * base.layers) ** 0.5)

    @property
    def prompt_ids(self) -> int:
        return self.word_embedding.num_embeddings

    def stem(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        return torch.cat([self.word_embedding(prompt), self.token_embedding(tokens)], dim=1) + self.position

    def logits(self, features: Tensor) -> Tensor:
        """(..., P + T, width) -> (..., T, codes)."""
        return self.head(features[..., self.prompt_length :, :])

    def forward(self, prompt: Tensor, tokens: Tensor) -> Tensor:
        return self.logits(self.features(prompt, tokens))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
