"""A bundle of MaskGIT's published sizes with random weights, for measurements: held against nothing, its pictures show nothing.

    python -m slipstream_train.random_bundle maskgit-512
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .graph_files import graph_inputs, signature
from .graphs import DecodeGraph, EmbedGraph, FullGraph, Graph, HeadGraph, ShortcutGraph
from .import_folder import LICENCE
from .import_maskgit import maskgit_manifest, published_sampling
from .maskgit_random import CODES, LAYERS, random_maskgit, step_inputs
from .onnx_file import Weights, write_graph
from .operations import count_operations
from .vqgan_decoder import Level, VqganDecoder, VqganSizes

VQ_CHANNELS, VQ_LATENT = (128, 128, 256, 256, 512), 256


def main() -> None:
    parser = argparse.ArgumentParser("random_bundle", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=LAYERS, help=f"of the base (default: {LAYERS}, as published)")
    options = parser.parse_args()
    write_random_bundle(options.folder, options.layers)


def write_random_bundle(folder: Path, layers: int = LAYERS) -> None:
    """A bundle that serves `vanilla`, `shortcut` and what needs no other graphs."""
    base, shortcut = random_maskgit(layers)
    tokenizer = _tokenizer()
    graphs: dict[str, Graph] = {
        "full": FullGraph(base), "shortcut": ShortcutGraph(base, shortcut), "head": HeadGraph(base),
        "decode": DecodeGraph(tokenizer), "embed": EmbedGraph(tokenizer),
    }
    folder.mkdir(parents=True)
    weights, examples, signatures, operations = Weights(folder / "weights.bin", "fp32"), step_inputs(base, 2), {}, {}
    for name, graph in graphs.items():
        inputs = graph_inputs(graph, examples)
        write_graph(graph, inputs, folder / f"{name}.onnx", weights, tiled="tokens" in inputs)
        signatures[name] = signature(f"{name}.onnx", graph, inputs)
        operations |= {name: count_operations(graph, inputs)} if name != "embed" else {}
        print(f"{name}.onnx, {weights.path.stat().st_size / 1e6:.0f} MB of weights so far", flush=True)
    (folder / "golden.json").write_text(json.dumps({"graphs": [], "trajectories": []}))
    (folder / "reference.json").write_text(json.dumps({"entries": [], "prompts": {"names": ["0"], "categories": []}}))
    (folder / "LICENCE.md").write_text(LICENCE)
    training = {"weights": "fp32", "random": True, "operations": operations}
    manifest = maskgit_manifest(folder, folder.name, base, tokenizer, published_sampling(base.image_tokens, "shortcut"), signatures, training)
    (folder / "manifest.json").write_text(json.dumps(manifest.model_dump(exclude_none=True), indent=2))


def _tokenizer() -> VqganDecoder:
    coarser = [*VQ_CHANNELS[1:], VQ_CHANNELS[-1]]
    levels = tuple(Level(wide, own, 3, own == VQ_CHANNELS[-1]) for own, wide in zip(VQ_CHANNELS, coarser, strict=True))
    return VqganDecoder(VqganSizes(CODES, VQ_LATENT, VQ_LATENT, levels)).folded().eval().requires_grad_(False)


if __name__ == "__main__":
    main()
