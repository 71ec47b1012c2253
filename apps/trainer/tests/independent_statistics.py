"""Two sets of vectors and what torch-fidelity and SciPy say of them: what libs/quality is held against.

    pip install torch-fidelity scipy && python independent_statistics.py > ../../../libs/quality/src/testing/independent.json
"""

from __future__ import annotations

import json
from importlib.metadata import version

import numpy as np
import scipy.linalg
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

COUNT, CHANNELS = 96, 12


def main() -> None:
    draw = np.random.default_rng(0)
    mixing = draw.normal(size=(2, CHANNELS, CHANNELS)) * np.linspace(0.1, 1.2, CHANNELS)
    made = (draw.normal(size=(COUNT, CHANNELS)) @ mixing[0] + 0.3).astype(np.float32)
    reference = (draw.normal(size=(COUNT, CHANNELS)) @ (mixing[0] + 0.3 * mixing[1])).astype(np.float32)
    tensors = torch.from_numpy(made), torch.from_numpy(reference)
    doubles = [tensor.double() for tensor in tensors]
    fid = fid_statistics_to_metric(*(fid_features_to_statistics(each) for each in doubles), False)
    kid = kid_features_to_metric(*doubles, kid_subsets=1, kid_subset_size=COUNT, rng_seed=0, verbose=False)
    prc = prc_features_to_metric(*tensors, verbose=False)
    print(json.dumps({
        "by": {name: version(name) for name in ("torch-fidelity", "scipy", "numpy")},
        "made": made.tolist(), "reference": reference.tolist(), "frechet": fid["frechet_inception_distance"],
        "frechetByScipy": by_scipy(made.astype(np.float64), reference.astype(np.float64)),
        "kernelDistance": kid["kernel_inception_distance_mean"], "precision": prc["precision"], "recall": prc["recall"],
    }))


def by_scipy(made: np.ndarray, reference: np.ndarray) -> float:
    """The formula as it stands, with the root of the product that is not symmetric."""
    first, second = np.cov(made, rowvar=False), np.cov(reference, rowvar=False)
    root = scipy.linalg.sqrtm(first @ second).real
    return float(np.square(made.mean(0) - reference.mean(0)).sum() + np.trace(first + second - 2 * root))


if __name__ == "__main__":
    main()
