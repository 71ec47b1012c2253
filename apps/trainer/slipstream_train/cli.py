"""`slipstream-train`: one command for each stage, `all` for the lot; `import` is for weights that others published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from .command import exit_code_of
from .errors import TrainerError
from .import_cli import main_import
from .import_options import positive
from .presets import PRESETS
from .scorer_stages import SCORER_STAGES
from .workspace import Workspace


def _data(workspace: Workspace, options: argparse.Namespace) -> None:
    from .dataset import make_dataset

    make_dataset(workspace, options.images)


def _tokenizer(workspace: Workspace, options: argparse.Namespace) -> None:
    from .train_tokenizer import train_tokenizer

    train_tokenizer(workspace)


def _base(workspace: Workspace, options: argparse.Namespace) -> None:
    from .train_base import train_base

    train_base(workspace)


def _trajectories(workspace: Workspace, options: argparse.Namespace) -> None:
    from .record_trajectories import record_trajectories

    record_trajectories(workspace, options.prompts)


def _shortcut(workspace: Workspace, options: argparse.Namespace) -> None:
    from .train_shortcut import train_shortcut

    train_shortcut(workspace)


def _anchored(workspace: Workspace, options: argparse.Namespace) -> None:
    from .train_anchored import train_anchored

    train_anchored(workspace)


def _student(workspace: Workspace, options: argparse.Namespace) -> None:
    from .train_student import train_student

    train_student(workspace)


def _export(workspace: Workspace, options: argparse.Namespace) -> None:
    from .export import export_bundle

    export_bundle(workspace, options.out or workspace.path("bundle"))


def _verify(workspace: Workspace, options: argparse.Namespace) -> None:
    from .verify import verify_bundle

    errors = verify_bundle(options.out or workspace.path("bundle"))
    print("verify: " + ", ".join(f"{name} {error:.2g}" for name, error in errors.items()))


def _adopt(workspace: Workspace, options: argparse.Namespace) -> None:
    from .adopt import adopt_bundle

    if options.bundle is None:
        raise TrainerError("adopt needs --bundle FOLDER, the bundle to begin with")
    adopt_bundle(workspace, options.bundle)


def _harvest(workspace: Workspace, options: argparse.Namespace) -> None:
    from .harvest import harvest

    if not options.sources:
        raise TrainerError("harvest needs --from FOLDER or s3://BUCKET/PREFIX, where the workers keep their pictures")
    harvest(workspace, options.sources, options.bundle or workspace.path("bundle"))


STAGES: dict[str, Callable[[Workspace, argparse.Namespace], None]] = {
    "data": _data,
    "tokenizer": _tokenizer,
    "base": _base,
    "trajectories": _trajectories,
    "shortcut": _shortcut,
    "anchored": _anchored,
    "student": _student,
    "export": _export,
    "verify": _verify,
}
BESIDE = {"adopt": _adopt, "harvest": _harvest, **SCORER_STAGES}  # no part of `all`


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["import"]:
        return main_import(arguments[1:])
    options = _parser().parse_args(arguments)
    return exit_code_of(options.stage, lambda: _run(options), threads=options.threads, stopped="the same command goes on from the last checkpoint")


def _run(options: argparse.Namespace) -> None:
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    workspace = Workspace(options.work, PRESETS[options.preset], options.seed, device)
    workspace.claim()
    for stage in STAGES if options.stage == "all" else (options.stage,):
        {**STAGES, **BESIDE}[stage](workspace, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("slipstream-train", description=__doc__, epilog="`slipstream-train import --help` tells of import.")
    parser.add_argument("stage", choices=[*STAGES, *BESIDE, "all"])
    parser.add_argument("--preset", choices=list(PRESETS), default="emoji-s")
    parser.add_argument("--work", type=Path, default=Path("training"), help="folder of this run (default: training)")
    parser.add_argument("--out", type=Path, help="bundle folder to write (default: WORK/bundle)")
    parser.add_argument("--images", type=Path, help="ImageFolder to train on instead of the emoji")
    parser.add_argument("--bundle", type=Path, help="bundle that `adopt` begins with, or whose traffic `harvest` reads (default for that: WORK/bundle)")
    parser.add_argument("--from", dest="sources", nargs="+", help="folders or s3://bucket/prefix that `harvest` reads: the workers' STORAGE_URL")
    parser.add_argument("--prompts", type=Path, help="file with a prompt a line, for `trajectories` of an adopted Lumina-DiMOO")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", help="cpu or cuda (default: cuda when there is one)")
    parser.add_argument("--threads", type=positive, help="CPU threads (default: all)")
    return parser
