"""Reads a data set with the field's own tools and prints what they see: read-back.py FOLDER NAME."""
import hashlib
import json
import sys
from pathlib import Path

import pyarrow.parquet
import webdataset

folder, name = Path(sys.argv[1]), sys.argv[2]
tars = sorted(str(path) for path in folder.glob(f"{name}-*.tar"))
samples = [
    {"key": sample["__key__"], "prompt": sample["txt"].decode(), "sha256": hashlib.sha256(sample["png"]).hexdigest(), "about": json.loads(sample["json"])}
    for sample in webdataset.WebDataset(tars, shardshuffle=False, empty_check=False)
]
tables = [pyarrow.parquet.read_table(path) for path in sorted(folder.glob(f"{name}-*.parquet"))]
print(json.dumps({
    "samples": samples,
    "rows": [row for table in tables for row in table.to_pylist()],
    "schema": {field.name: str(field.type) for field in tables[0].schema},
}))
