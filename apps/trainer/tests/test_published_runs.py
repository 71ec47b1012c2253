"""What the service's engine is held against (libs/runtime/src/published-runs.spec.ts) is what the published procedures give."""

import json
from pathlib import Path

import pytest
from published_runs import REFERENCES, RUNS, answered, requests, runs_file

KEPT = Path(__file__).parents[3] / "libs" / "runtime" / "src" / "testing"


@pytest.mark.parametrize("layout", REFERENCES)
def test_the_runs_that_the_engine_is_held_against_are_the_references(layout):
    kept = json.loads((KEPT / runs_file(layout)).read_text())
    assert len(kept) == 2 * RUNS
    assert kept[::15] == [answered(layout, request) for request in requests(layout)[::15]]
