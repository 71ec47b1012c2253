import pytest
import torch

from slipstream_train.sampling import StepInputs, guide, inverse_cdf, rank, sample_step

GENERATOR = torch.Generator().manual_seed(0)


def step(rows: int, length: int, reveal: list[int], noise: float = 0.0) -> StepInputs:
    uniforms = torch.rand(2, rows, length, generator=GENERATOR).clamp(1e-7, 1 - 1e-7)
    ones = torch.ones(rows)
    return StepInputs(torch.arange(length).expand(rows, -1), uniforms[0], uniforms[1], ones, ones, ones * noise, torch.tensor(reveal))


def test_the_inverse_cdf_picks_the_code_whose_interval_holds_the_uniform():
    for codes in (125, 1000, 1024, 7):
        probabilities = torch.randn(2, 9, codes, generator=GENERATOR).mul(3).softmax(-1)
        uniforms = torch.rand(2, 9, generator=GENERATOR)
        sampled, chosen = inverse_cdf(probabilities, uniforms)
        expected = (probabilities.double().cumsum(-1) <= uniforms[..., None]).sum(-1)
        assert torch.equal(sampled, expected)
        assert torch.equal(chosen, probabilities.gather(-1, sampled[..., None])[..., 0])


def test_a_uniform_next_to_one_still_picks_a_code():
    sampled, _ = inverse_cdf(torch.full((1, 1, 1000), 0.99e-3), torch.tensor([[1 - 1e-7]]))  # a sum that falls short of one
    assert sampled.item() == 999


def test_ties_go_to_the_lower_position():
    assert rank(torch.tensor([[1.0, 3.0, 3.0, 0.0]])).tolist() == [[2, 0, 1, 3]]


def test_a_step_reveals_exactly_its_count_and_leaves_revealed_tokens_alone():
    tokens = torch.full((2, 10), 7)
    tokens[1, :4] = torch.tensor([0, 1, 2, 3])
    after, _ = sample_step(torch.zeros(2, 10, 7), tokens, 7, step(2, 10, [3, 2], noise=4.0))
    assert (after[0] != 7).sum() == 3 and (after[1] != 7).sum() == 6
    assert after[1, :4].tolist() == [0, 1, 2, 3]


def test_without_noise_the_most_probable_tokens_are_revealed_first():
    logits = torch.zeros(1, 4, 5)
    logits[0, 2, 1] = 30.0
    after, confidence = sample_step(logits, torch.full((1, 4), 5), 5, step(1, 4, [1]))
    assert confidence.argmax() == 2 and after.tolist() == [[5, 5, 1, 5]]


@pytest.mark.parametrize("places", [[0, 1, 2, 3], [2]])
def test_what_is_not_a_number_is_not_revealed(places):
    logits = torch.zeros(1, 4, 5)
    logits[0, places] = torch.nan
    after, _ = sample_step(logits, torch.full((1, 4), 5), 5, step(1, 4, [4]))
    assert [place for place in range(4) if after[0, place] == 5] == places


def test_sampling_some_positions_is_sampling_them_among_all():
    tokens = torch.full((1, 6), 5)
    tokens[0, [1, 4]] = 2
    logits, all_places = torch.randn(1, 6, 5, generator=GENERATOR), step(1, 6, [2], noise=1.0)
    masked = torch.tensor([[0, 2, 3, 5]])
    few = StepInputs(masked, *(part.gather(1, masked) for part in (all_places.uniforms, all_places.confidence_uniforms)),
                     all_places.guidance, all_places.temperature, all_places.confidence_noise, all_places.reveal_count)
    expected, _ = sample_step(logits, tokens, 5, all_places)
    assert torch.equal(sample_step(logits.gather(1, masked[..., None].expand(-1, -1, 5)), tokens, 5, few)[0], expected)


def test_guiding_features_equals_guiding_logits():
    head = torch.nn.Linear(6, 11)
    features, weight = torch.randn(3, 2, 4, 6, generator=GENERATOR), torch.tensor([0.0, 1.5, 4.0])
    logits = head(features)
    expected = (1 + weight[:, None, None]) * logits[:, 0] - weight[:, None, None] * logits[:, 1]
    assert torch.allclose(head(guide(features, weight)), expected, atol=1e-5)
