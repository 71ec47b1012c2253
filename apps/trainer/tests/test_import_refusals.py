"""What `slipstream-train import` is given and cannot use: a sentence that names it, exit code 1, and nothing half-written."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import published_dimoo
import pytest
import torch
from published_maskgit import Sizes, base_state, shortcut_state, vqgan_state, write_published
from test_import_maskgit import Spiteful

from slipstream_train import import_maskgit as maskgit
from slipstream_train.cli import main

SIZES = Sizes()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil(path: Path) -> None:
    torch.save({"state_dict": torch.load(path, weights_only=True), "callbacks": Spiteful()}, path)


MASKGIT = [
    *((f"a truncated {name}", lambda files, name=name: truncate(files[name]), "is truncated or not a file of weights") for name in ("checkpoint", "vq", "shortcut")),
    *((f"code in the {name}", lambda files, name=name: spoil(files[name]), "could run code, and is refused") for name in ("checkpoint", "vq", "shortcut")),
    ("another base's shortcut", lambda files: torch.save(shortcut_state(Sizes(width=64)), files["shortcut"]), "is the shortcut of another base"),
    ("a shortcut that predicts nothing", lambda files: None, "it is the shortcut of another base"),
    ("another base's VQ", lambda files: torch.save(vqgan_state(Sizes(codes=96)), files["vq"]), "too few for"),
    ("a picture that is no square", lambda files: torch.save(oblong(), files["checkpoint"]), "not a square of tokens"),
]


def oblong() -> dict[str, torch.Tensor]:
    state = base_state(SIZES)
    return state | {"pos_emb": state["pos_emb"][:, :15], "bias": state["bias"][:15]}


def maskgit_command(files: dict[str, Path], out: Path) -> int:
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main(["import", "maskgit", *options, "--heads", str(SIZES.heads), "--out", str(out)])


@pytest.mark.parametrize(("change", "message"), [each[1:] for each in MASKGIT], ids=[each[0] for each in MASKGIT])
def test_of_maskgit_it_is_refused_in_a_sentence_and_nothing_is_written(tmp_path, monkeypatch, capsys, change, message):
    monkeypatch.chdir(tmp_path)
    files = write_published(tmp_path)
    change(files)
    assert maskgit_command(files, tmp_path / "out" / "bundle") == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists() and not (tmp_path / "was-run").exists()


DIMOO = [
    ("a truncated shard", [], lambda files: truncate(next(files["checkpoint"].glob("*.safetensors"))), "is truncated or not a file of weights"),
    ("a truncated VQ", [], lambda files: truncate(next(files["vq"].glob("*.safetensors"))), "is truncated or not a file of weights"),
    ("code in the shortcut", [], lambda files: spoil(files["shortcut"]), "could run code, and is refused"),
    ("another base's shortcut", [], lambda files: torch.save(published_dimoo.shortcut_state(published_dimoo.Sizes(width=64)), files["shortcut"]), "is the shortcut of another base"),
    ("a size that the VQ cannot do", ["--size", "11x6"], lambda files: None, "use multiples of 2"),
    ("a context that the template fills", ["--prompt-length", "14"], lambda files: None, "the template alone has 14 ids"),
]


@pytest.mark.parametrize(("more", "change", "message"), [each[1:] for each in DIMOO], ids=[each[0] for each in DIMOO])
def test_of_dimoo_likewise(tmp_path, monkeypatch, capsys, more, change, message):
    monkeypatch.chdir(tmp_path)
    files = published_dimoo.write_published(tmp_path / "published")
    change(files)
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    assert main(["import", "dimoo", *options, "--out", str(tmp_path / "out" / "bundle"), "--size", "10x6", "--prompt-length", "40", *more]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists() and not (tmp_path / "was-run").exists()


@pytest.mark.parametrize(("layout", "option", "value"), [("maskgit", "--heads", "0"), ("maskgit", "--threads", "-1"), ("dimoo", "--prompt-length", "some")])
def test_an_option_that_is_no_number_above_0_is_named(capsys, layout, option, value):
    with pytest.raises(SystemExit):
        main(["import", layout, option, value])
    assert f"argument {option}: '{value}' is not a whole number above 0" in capsys.readouterr().err


def test_a_disk_too_small_is_told_before_anything_is_written(tmp_path, monkeypatch, capsys):
    files = write_published(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    files.pop("shortcut")
    assert maskgit_command(files, tmp_path / "out" / "bundle") == 1
    assert "has 1 MB free: make room or name another folder with --out" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_meanwhile_keeps_nothing_of_it(tmp_path, monkeypatch, capsys):
    def filling(folder: Path, *_: object, **__: object) -> None:
        (folder / "weights.bin").write_bytes(bytes(1000))
        raise OSError(errno.ENOSPC, "No space left on device")

    files = write_published(tmp_path)
    files.pop("shortcut")
    monkeypatch.setattr(maskgit, "_write", filling)
    assert maskgit_command(files, tmp_path / "out" / "bundle") == 1
    assert "bundle cannot be written: [Errno 28] No space left on device; make room or name another folder with --out" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
