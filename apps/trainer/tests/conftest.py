from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from slipstream_train.cli import main


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole pipeline with the tiny preset; the folder of the run, its bundle in bundle/."""
    folder = tmp_path_factory.mktemp("tiny")
    assert main(["all", "--preset", "tiny", "--work", str(folder), "--seed", "3"]) == 0
    return folder


@pytest.fixture()
def storage(monkeypatch) -> str:
    """A bucket on an S3 server of the test's own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for key, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                       "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)
    bucket = f"harvest-{uuid4().hex}"  # servers of one process share what they hold
    boto3.client("s3").create_bucket(Bucket=bucket)
    yield f"s3://{bucket}/pictures"
    server.stop()
