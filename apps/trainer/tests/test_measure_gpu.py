import json

import numpy as np
import onnxruntime
import pytest

from slipstream_train import measure_gpu
from slipstream_train.graph_files import graph_inputs
from slipstream_train.graphs import ShortcutGraph
from slipstream_train.manifest import read_manifest
from slipstream_train.maskgit_random import random_maskgit, step_inputs
from slipstream_train.random_bundle import write_random_bundle


def test_steps_are_timed_in_both_types(capsys, monkeypatch):
    options = ["--device", "cpu", "--layers", "1", "--rows", "1", "--runs", "1", "--arms", "fp32", "bf16", "--no-compile"]
    monkeypatch.setattr("sys.argv", ["measure_gpu", *options])
    measure_gpu.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["provider"], line["kind"], len(line["seconds"])) for line in lines] == [
        ("pytorch fp32", "full", 1), ("pytorch fp32", "shortcut", 1), ("pytorch bf16", "full", 1), ("pytorch bf16", "shortcut", 1),
    ]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random") / "maskgit-512"
    write_random_bundle(folder, layers=1)
    return folder


def test_random_bundle_has_the_published_sizes(bundle):
    manifest = read_manifest(bundle)
    assert (manifest.tokens.image, manifest.features.channels, manifest.image.width) == (1024, 768, 512)
    assert {"vanilla", "shortcut"} <= set(manifest.strategies)


def test_random_bundle_computes_what_pytorch_is_timed_with(bundle):
    base, shortcut = random_maskgit(1)
    graph = ShortcutGraph(base, shortcut)
    inputs = graph_inputs(graph, step_inputs(base, 2))
    session = onnxruntime.InferenceSession(str(bundle / "shortcut.onnx"))
    features, tokens = session.run(["features", "next_tokens"], {name: value.numpy() for name, value in inputs.items()})
    expected = graph(*inputs.values())
    assert np.linalg.norm(features - expected[0].numpy()) < 1e-5 * np.linalg.norm(features)
    assert ((tokens != 1024).sum(1) == 512 + np.array([1, 2])).all()
