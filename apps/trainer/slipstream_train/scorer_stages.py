"""Stages `scorers` and `export-scorers`: what judges a model's pictures, trained beside it in WORK/scorers."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from .workspace import Workspace


def _train(workspace: Workspace, options: argparse.Namespace) -> None:
    from .scorer_classifier import train_classifier
    from .scorer_image_text import train_image_text
    from .scorer_pictures import load_views
    from .scorer_presets import scorer_preset

    scorers = _folder(workspace)
    views = load_views(workspace, scorer_preset(workspace.preset).mixed_views)
    train_classifier(workspace, scorers, views)
    train_image_text(workspace, scorers, views)


def _export(workspace: Workspace, options: argparse.Namespace) -> None:
    from .scorer_export import export_scorers

    scorers = _folder(workspace)
    export_scorers(workspace, scorers, options.out or scorers.folder)


def _folder(workspace: Workspace) -> Workspace:
    """Their own summary: a bundle's manifest tells of its own stages only."""
    return Workspace(workspace.folder / "scorers", workspace.preset, workspace.seed, workspace.device)


SCORER_STAGES: dict[str, Callable[[Workspace, argparse.Namespace], None]] = {
    "scorers": _train,
    "export-scorers": _export,
}
