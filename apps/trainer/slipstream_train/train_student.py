"""Stage `student`: Di[M]O's one-step student (Zhu et al., ICCV 2025, arXiv 2503.15457; algorithms 2.5).

The student answers from half-masked random codes in one pass. An auxiliary model learns what the student's pictures look
like; where teacher and auxiliary disagree on a masked-again picture of the student's, its logits are moved towards the teacher.
"""

from __future__ import annotations

import copy
import random

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base_model import BaseModel
from .data import draw_prompt
from .dataset import load_dataset
from .fit import fit, save_atomically
from .graphs import one_step_logits
from .prompt_tokenizer import load_prompt_tokenizer
from .sampler import draw_uniforms
from .sampling import inverse_cdf
from .train_base import draw_mask, load_base
from .workspace import Workspace

INIT_RATIO, NOISE_SHARE = 0.6, 0.1


class Pair(nn.Module):
    """What is trained: the student, and the auxiliary that follows it; both begin as the teacher, code embeddings frozen."""

    def __init__(self, teacher: BaseModel):
        super().__init__()
        self.student, self.auxiliary = copy.deepcopy(teacher), copy.deepcopy(teacher)
        for model in (self.student, self.auxiliary):
            model.token_embedding.requires_grad_(False)


def train_student(workspace: Workspace) -> None:
    preset, device = workspace.preset, workspace.device
    entries = load_dataset(workspace).entries
    tokenizer = load_prompt_tokenizer(workspace.need("tokenizer.json", "base"))
    teacher = load_base(workspace)
    pair = Pair(teacher).to(device)
    teacher.requires_grad_(False)

    def loss_at(generator: torch.Generator) -> Tensor:
        rng = random.Random(int(torch.randint(2**31, (1,), generator=generator)))
        prompts = [draw_prompt(rng.choice(entries), rng) for _ in range(preset.student.batch_size)]
        ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(prompts)], device=device)
        answer = student_logits(pair.student, ids, preset.image_tokens, generator)
        drawn = inverse_cdf(answer.detach().float().softmax(-1), draw_uniforms(answer.shape[:2], generator).to(device))[0]
        masked = draw_mask(drawn.shape, generator).to(device)
        again = torch.where(masked, teacher.mask_token, drawn)
        with torch.no_grad():
            wanted = teacher.logits(guided(teacher, ids, again, preset.student.guidance)).softmax(-1)
            imagined = pair.auxiliary(ids, again).softmax(-1)
        fresh = draw_mask(drawn.shape, generator).to(device)
        followed = pair.auxiliary(ids, torch.where(fresh, teacher.mask_token, drawn))
        return pull(answer, imagined - wanted, masked) + F.cross_entropy(followed[fresh].float(), drawn[fresh])

    result = fit(
        "student", pair, loss_at, steps=preset.student.steps, learning_rate=preset.student.learning_rate, weight_decay=0.0,
        seed=workspace.seed + 4, checkpoint=workspace.path("student.checkpoint.pt"), device=device,
    )
    save_atomically(pair.student.state_dict(), workspace.path("student.pt"))
    workspace.summarise("student", {
        "loss": result.losses[-1], "steps": preset.student.steps, "initRatio": INIT_RATIO, "noiseShare": NOISE_SHARE,
        "seconds": result.seconds, "losses": result.losses,
    })


def pull(logits: Tensor, gradient: Tensor, masked: Tensor) -> Tensor:
    """A loss whose gradient with respect to logits (rows, T, codes) is `gradient` at masked positions (rows, T), as a mean
    over them. Auxiliary minus teacher is that of the forward KL divergence, Jeffreys with beta 0."""
    moved = (logits - gradient).detach()
    return 0.5 * (logits - moved).square()[masked].sum(-1).mean()


def student_logits(student: BaseModel, ids: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """ids (rows, P) -> logits (rows, T, codes) from random codes, round(INIT_RATIO T) of them masked in each row."""
    rows, width = len(ids), student.token_embedding.embedding_dim
    codes = torch.randint(student.mask_token, (rows, length), generator=generator)
    place = torch.rand((rows, length), generator=generator).argsort(1).argsort(1)
    tokens = torch.where(place < round(INIT_RATIO * length), student.mask_token, codes).to(ids.device)
    noise = torch.randn((rows, length, width), generator=generator).to(ids.device)
    return one_step_logits(student, ids, tokens, noise, torch.full((rows,), NOISE_SHARE, device=ids.device))


def guided(teacher: BaseModel, ids: Tensor, tokens: Tensor, guidance: float) -> Tensor:
    """Guided features (rows, L, width); `guidance` is w of conditional + w (conditional - unconditional)."""
    features = teacher.guided_features(ids, tokens)
    return features[:, 0] + guidance * (features[:, 0] - features[:, 1])


def load_student(workspace: Workspace, base: BaseModel) -> BaseModel:
    student = copy.deepcopy(base)
    student.load_state_dict(torch.load(workspace.need("student.pt", "student"), weights_only=True))
    return student.to(workspace.device).eval()
