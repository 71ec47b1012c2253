"""Where shards are read from: a folder or an S3 bucket, what the workers' STORAGE_URL names or a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import TrainerError


@dataclass(frozen=True)
class ShardFile:
    name: str  # its whole address
    read: Callable[[], bytes]


def shard_files(source: str, bundle: str) -> list[ShardFile]:
    """The shards of one bundle digest, by name, which is by content: any first few of them are a fair sample.

    TrainerError when the source cannot be read, or holds shards of other bundles alone.
    """
    found = list(_in_bucket(source, bundle) if source.startswith("s3://") else _in_folder(Path(source), bundle))
    return sorted(found, key=lambda shard: shard.name.rsplit("/", 1)[-1])


def _in_folder(folder: Path, bundle: str) -> Iterator[ShardFile]:
    harvest = folder / "harvest"
    if not harvest.is_dir():
        raise TrainerError(f"{harvest} is missing: name with --from what STORAGE_URL of the workers names, or a copy of it")
    if not (harvest / bundle).is_dir():
        raise _foreign(str(harvest), bundle, sorted(path.name for path in harvest.iterdir() if path.is_dir()))
    for path in (harvest / bundle).glob("*.jsonl"):
        yield ShardFile(path.as_posix(), path.read_bytes)


def _in_bucket(source: str, bundle: str) -> Iterator[ShardFile]:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise TrainerError(f"{source} is read with boto3: pip install 'slipstream-trainer[s3]', or copy it to a folder") from error
    address = urlsplit(source)
    bucket, prefix = address.netloc, "/".join(part for part in (address.path.strip("/"), "harvest") if part)
    try:
        client = boto3.client("s3")  # credentials, region and AWS_ENDPOINT_URL from its usual variables
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    except (BotoCoreError, ClientError) as error:
        raise TrainerError(f"{source} cannot be listed: {error}") from error
    mine = [key for key in keys if key.startswith(f"{prefix}/{bundle}/") and key.endswith(".jsonl")]
    if not mine:
        raise _foreign(f"s3://{bucket}/{prefix}", bundle, sorted({key[len(prefix) + 1 :].split("/")[0] for key in keys}))

    def reader(key: str) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                return client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except (BotoCoreError, ClientError) as error:
                raise TrainerError(f"s3://{bucket}/{key} cannot be read: {error}") from error

        return read

    for key in mine:
        yield ShardFile(f"s3://{bucket}/{key}", reader(key))


def _foreign(where: str, bundle: str, others: list[str]) -> TrainerError:
    holds = f"only shards of {', '.join(others)}" if others else "no shards"
    return TrainerError(f"{where} holds {holds}, none of the bundle {bundle}: name the bundle whose traffic it is with --bundle")
