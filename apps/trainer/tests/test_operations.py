import torch
from published_maskgit import Sizes, base_state
from slipstream_train.graph_files import example_inputs, graph_inputs
from slipstream_train.graphs import FullGraph, HeadGraph
from slipstream_train.maskgit_weights import load_maskgit
from slipstream_train.operations import count_operations


def test_operations_are_those_of_the_products_in_a_step(tmp_path):
    sizes = Sizes()
    torch.save(base_state(sizes), tmp_path / "base.pth")
    base = load_maskgit(tmp_path / "base.pth", codes=sizes.codes, heads=sizes.heads)
    examples = example_inputs(base, torch.Generator().manual_seed(0))
    full, head = (count_operations(graph, graph_inputs(graph, examples)) for graph in (FullGraph(base), HeadGraph(base)))
    positions, width, tokens = sizes.grid**2 + 1, sizes.width, sizes.grid**2
    block = 2 * positions * (4 * width * width + 2 * width * sizes.hidden) + 4 * positions * positions * width
    outer = 2 * positions * 3 * width * width
    assert full["operations"] - head["operations"] == 2 * (sizes.layers * block + outer)
    assert 2 * tokens * width * sizes.codes <= head["operations"] < 2 * tokens * (width + 20) * sizes.codes
    assert head["weightBytes"] == 4 * width * sizes.codes
