"""Published weights: tensors by name from PyTorch or safetensors files, whole or in shards, mapped into memory."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from .errors import TrainerError

INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
NESTED = ("model_state_dict", "state_dict", "model")  # where training programs keep the weights among other things
WRAPPERS = ("module.", "_orig_mod.")  # what parallel and compiled training put before every name
NUMBERS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
SHOWN = 6


class PublishedWeights:
    """What one path holds. Each tensor is asked for by name and shape; `finish` tells whatever was wrong."""

    def __init__(self, path: Path, loaders: dict[str, Callable[[], Tensor]]):
        self.path = path
        self.loaders = loaders
        self.asked: set[str] = set()
        self.faults: list[str] = []

    @classmethod
    def open(cls, path: Path) -> PublishedWeights:
        """A file, an index of shards, or a folder with either. TrainerError when a file is missing, truncated or no weights."""
        loaders: dict[str, Callable[[], Tensor]] = {}
        for file in _files(path):
            found = _safetensors(file) if file.suffix == ".safetensors" else _pytorch(file)
            twice = sorted(loaders.keys() & found.keys())
            if twice:
                raise TrainerError(f"{file} holds {twice[0]}, which another file beside it holds too: leave one of them in {path}")
            loaders |= found
        return cls(path, _unwrapped(loaders))

    def has(self, name: str) -> bool:
        return name in self.loaders

    def shape(self, name: str, axes: int) -> tuple[int, ...]:
        """Of a tensor that sizes are read from; TrainerError when it is missing or has not so many axes."""
        if name not in self.loaders:
            raise TrainerError(f"{self.path} has no tensor {name}: it is not of this layout")
        shape = tuple(self.loaders[name]().shape)
        if len(shape) != axes:
            raise TrainerError(f"{self.path}: tensor {name} has the shape {list(shape)}, expected {axes} axes")
        return shape

    def count(self, pattern: str) -> int:
        """How many different numbers stand where the pattern, a regular expression, has its group."""
        matches = (re.match(pattern, name) for name in self.loaders)
        return len({match[1] for match in matches if match})

    def take(self, name: str, *shape: int) -> Tensor:
        """float32, a copy. Zeros where the tensor is missing, misshapen or holds no numbers to compute with, which `finish` then
        tells."""
        tensor = self._fitting(name, shape)
        return torch.zeros(shape) if tensor is None else tensor.to(torch.float32, copy=True)

    def mapped(self, name: str, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        """The same in the type that it is published in, or in another; where that is the same, no copy but the file itself,
        mapped into memory."""
        tensor = self._fitting(name, shape)
        if tensor is None:
            return torch.empty(shape, device="meta")
        return tensor.to(dtype) if dtype else tensor

    def _fitting(self, name: str, shape: tuple[int, ...]) -> Tensor | None:
        self.asked.add(name)
        if name not in self.loaders:
            return self.faults.append(f"{name} is missing")
        tensor = self.loaders[name]()
        if tuple(tensor.shape) != shape:
            return self.faults.append(f"{name} has the shape {list(tensor.shape)}, expected {list(shape)}")
        if tensor.dtype not in NUMBERS:
            return self.faults.append(f"{name} is of {tensor.dtype}, expected floating-point numbers of 16 bits or more")
        if not all(value.isfinite() for value in tensor.aminmax()):
            return self.faults.append(f"{name} holds numbers that are not finite")
        return tensor

    def leave(self, name: str) -> None:
        """Of a tensor that may be there and is not needed."""
        self.asked.add(name)

    def finish(self, *, unused: tuple[str, ...] = ()) -> None:
        """TrainerError naming every tensor that is missing, misshapen or surplus; those beginning with `unused` are
        published beside the others and not needed."""
        surplus = sorted(name for name in self.loaders if name not in self.asked and not name.startswith(unused))
        faults = self.faults + [f"{name} is surplus" for name in surplus]
        if faults:
            more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
            raise TrainerError(f"{self.path} is not of this layout: {'; '.join(faults[:SHOWN])}{more}")


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise TrainerError(f"{path} is missing: name a file of weights, an index of shards or a folder with either")
    if path.is_dir():
        known = [path / name for name in INDEXES if (path / name).exists()]
        files = sorted(path.glob("*.safetensors")) or sorted(path.glob("*.pth"))
        if not known and not files:
            raise TrainerError(f"{path} holds neither *.safetensors nor *.pth: name a file of weights")
        return _files(known[0]) if known else files
    return _shards(path) if path.name.endswith(".index.json") else [path]


def _shards(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise TrainerError(f"{index} is not an index of shards: fetch it again") from error
    for name in names:
        if Path(name).name != name or not (index.parent / name).is_file():
            raise TrainerError(f"{index.parent / name} is missing, {index.name} names it: fetch every shard")
    return [index.parent / name for name in names]


def _safetensors(path: Path) -> dict[str, Callable[[], Tensor]]:
    try:
        file = safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error
    return {name: lambda name=name: file.get_tensor(name) for name in file.keys()}


def _pytorch(path: Path) -> dict[str, Callable[[], Tensor]]:
    """Tensors and plain values alone are read: whatever else a pickle asks for is refused, for it could run code."""
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    if zipped and not zipfile.is_zipfile(path):
        raise _damaged(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except RuntimeError as error:
        raise (_runs_code(path, "TorchScript") if "TorchScript" in str(error) else _damaged(path, error)) from error
    except pickle.UnpicklingError as error:
        forbidden = re.search(r"(?:GLOBAL|class|function) ([\w.]+)", str(error))
        if forbidden is None:
            raise _damaged(path) from error
        raise _runs_code(path, forbidden[1]) from error
    except Exception as error:  # an unpickler fails in any way on bytes that end too early
        raise _damaged(path, error) from error
    for key in NESTED:
        content = content[key] if isinstance(content, dict) and isinstance(content.get(key), dict) else content
    if not isinstance(content, dict):
        raise TrainerError(f"{path} holds no tensors by name: name a file with a state_dict")
    return {str(name): lambda value=value: value for name, value in content.items() if isinstance(value, Tensor)}


def _unwrapped(loaders: dict[str, Callable[[], Tensor]]) -> dict[str, Callable[[], Tensor]]:
    for wrapper in WRAPPERS:
        if loaders and all(name.startswith(wrapper) for name in loaders):
            loaders = {name.removeprefix(wrapper): loader for name, loader in loaders.items()}
    return loaders


def _runs_code(path: Path, asked: str) -> TrainerError:
    return TrainerError(
        f"{path} asks for {asked}, which could run code, and is refused: save its tensors alone, "
        "as a state_dict or as safetensors, where you trust it"
    )


def _damaged(path: Path, cause: Exception | None = None) -> TrainerError:
    said = f" ({str(cause).splitlines()[0][:120]})" if cause and str(cause) else ""
    return TrainerError(f"{path} is truncated or not a file of weights{said}: fetch it again")
