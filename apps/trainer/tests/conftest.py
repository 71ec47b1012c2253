from pathlib import Path

import pytest

from slipstream_train.cli import main


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole pipeline with the tiny preset; the folder of the run, its bundle in bundle/."""
    folder = tmp_path_factory.mktemp("tiny")
    assert main(["all", "--preset", "tiny", "--work", str(folder), "--seed", "3"]) == 0
    return folder
