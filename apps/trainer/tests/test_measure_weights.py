import pytest
from recipe import BUNDLES

from slipstream_train.measure_weights import measure


@pytest.fixture(scope="module")
def report() -> dict[str, dict[str, float]]:
    return measure(BUNDLES / "maskgit-tiny", runs=2)


def test_rounding_the_base_leaves_the_shortcut_s_own_steps_as_they_were(report):
    for rounding in ("int8", "arithmetic fp16"):
        assert report[rounding]["divergence a full step, nats"] > 0
        assert report[rounding]["divergence a shortcut step, nats"] == report[rounding]["codes drawn otherwise a shortcut step"] == 0


def test_rounding_the_shortcut_too_shows_in_its_own_steps_alone(report):
    base, both = report["int8"], report["int8, the shortcut's too"]
    assert both["divergence a full step, nats"] == base["divergence a full step, nats"]
    assert both["divergence a shortcut step, nats"] > 0
