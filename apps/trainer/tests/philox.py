"""The service's randomness, as libs/sampler/src/uniforms.ts and philox.ts define it, for one seed below 2^32."""

import torch


def philox_uniforms(seed: int, steps: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Uniforms of tokens and of confidence, each (steps, 1, length) float32."""
    drawn = [[[_uniform((position, step, purpose, 0), (seed, 0)) for position in range(length)] for step in range(steps)] for purpose in (0, 1)]
    tokens, confidence = torch.tensor(drawn, dtype=torch.float32)[:, :, None]
    return tokens, confidence


def _uniform(counter: tuple[int, int, int, int], key: tuple[int, int]) -> float:
    (c0, c1, c2, c3), (k0, k1), word = counter, key, 2**32
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, word)
        high1, low1 = divmod(0xCD9E8D57 * c2, word)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % word, (k1 + 0xBB67AE85) % word
    return ((c0 >> 9) + 0.5) * 2.0**-23
