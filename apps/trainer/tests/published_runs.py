"""64 runs by vanilla and 64 by the shortcut of both published procedures, under the service's own randomness: what the engine
is held against.

    python apps/trainer/tests/published_runs.py libs/runtime/src/testing"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import dimoo_reference
import maskgit_reference
import published_dimoo
import published_maskgit
from philox import philox_uniforms
from torch import Tensor

from slipstream_train.dimoo_layout import TEMPLATE
from slipstream_train.schedule import refresh_steps

RUNS = 64  # of each strategy
RANDOMNESS = 4.5  # of confidence, published for 256 pixels: what `import maskgit` gives so few tokens
PROMPTS = ["a red apple", "an orange cat on the moon", "ornament", "x", "to the moon"]


def maskgit_run(run: dict) -> Tensor:
    """Tokens after every step (steps, T)."""
    sizes = published_maskgit.Sizes()
    reference = maskgit_reference.Reference(sizes, published_maskgit.base_state(sizes), published_maskgit.shortcut_state(sizes))
    return reference.sample(int(run["prompt"]), *_noise(run, sizes.grid**2), steps=run["steps"], full=_full(run), guidance=run["guidance"], randomness=RANDOMNESS)


def dimoo_run(run: dict) -> Tensor:
    sizes = published_dimoo.Sizes()
    reference = dimoo_reference.Reference(sizes, published_dimoo.base_state(sizes), published_dimoo.shortcut_state(sizes), "bf16")
    words = published_dimoo.tokenizer(sizes)
    prompt, no_prompt = (words.encode(TEMPLATE.replace("{prompt}", text)).ids for text in (run["prompt"], "<uncondition>"))
    return reference.sample(prompt, no_prompt, *_noise(run, sizes.height * sizes.line), steps=run["steps"], full=_full(run),
                            guidance=run["guidance"], temperature=run["temperature"])


def _noise(run: dict, tokens: int) -> list[Tensor]:
    return [uniforms[:, 0] for uniforms in philox_uniforms(run["seed"], run["steps"], tokens)]


def _full(run: dict) -> set[int]:
    return set(range(run["steps"])) if run["strategy"] == "vanilla" else set(refresh_steps(run["steps"], run["budget"]))


REFERENCES = {
    "maskgit": (maskgit_run, [str(label) for label in range(10)], {"guidance": (1.5, 3.0), "temperature": (1.0,)}),
    "dimoo": (dimoo_run, PROMPTS, {"guidance": (2.0, 4.0), "temperature": (0.7, 1.0)}),
}


def requests(layout: str) -> list[dict]:
    """Whose runs they are: of different prompts, steps, budgets and settings."""
    _, prompts, settings = REFERENCES[layout]
    draw, made = random.Random(layout), []
    for seed in range(2 * RUNS):
        steps = draw.randint(4, 8)
        chosen = {name: draw.choice(values) for name, values in settings.items()}
        made.append({"strategy": ("vanilla", "shortcut")[seed % 2], "steps": steps, "budget": draw.randint(1, steps - 1), "prompt": draw.choice(prompts), "seed": seed, **chosen})
    return made


def answered(layout: str, request: dict) -> dict:
    """The run with its tokens, and the step, 0 the first, that revealed each: what every step left, in short."""
    history = REFERENCES[layout][0](request)
    mask = {"maskgit": published_maskgit, "dimoo": published_dimoo}[layout].Sizes().codes
    return request | {"tokens": history[-1].tolist(), "revealedAt": (history == mask).sum(0).tolist()}


def runs_file(layout: str) -> str:
    return f"{layout}-runs.json"


if __name__ == "__main__":
    for layout in REFERENCES:
        lines = ",\n".join(json.dumps(answered(layout, request)) for request in requests(layout))
        (Path(sys.argv[1]) / runs_file(layout)).write_text(f"[\n{lines}\n]\n")
