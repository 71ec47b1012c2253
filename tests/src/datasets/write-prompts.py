"""Writes the same prompts as Parquet in the ways that pyarrow knows: write-prompts.py FOLDER."""
import itertools
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet

folder = Path(sys.argv[1])
rows = range(3000)
prompts = [None if row % 97 == 0 else f"a {('red', 'blue', 'grün')[row % 3]} cup" for row in rows]
seeds = [4_000_000_000 + row if row % 5 else None for row in rows]


def write(name: str, seed_type: pyarrow.DataType, **options) -> None:
    table = pyarrow.table({"id": [[row] for row in rows], "prompt": pyarrow.array(prompts, pyarrow.string()), "seed": pyarrow.array(seeds, seed_type)})
    pyarrow.parquet.write_table(table, folder / f"{name}.parquet", row_group_size=1000, data_page_size=2000, **options)


for codec, version in itertools.product(["none", "snappy", "gzip", "brotli", "zstd", "lz4"], ["1.0", "2.0"]):
    write(f"{codec}-{version}", pyarrow.uint32(), compression=codec, data_page_version=version)
for encoding, version in itertools.product(["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"], ["1.0", "2.0"]):
    write(f"{encoding}-{version}", pyarrow.int64(), use_dictionary=False, data_page_version=version, column_encoding={"prompt": encoding, "seed": "DELTA_BINARY_PACKED"})
