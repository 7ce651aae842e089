"""CIFAR as Parquet in the layout of the Hugging Face data sets: `img` {bytes, path} and label columns, in shards."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from gristmill.data.cifar_layout import Layout, check_labels
from gristmill.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP")
PARTS = ("train", "test")
BLOCK = 1000   # rows decoded at a time
SHARD = re.compile(r"(train|test)(?:-(\d+)-of-(\d+))?\.parquet")


def find_files(folder: Path) -> list[Path]:
    """All shards of train, then of test, in the folder or in one subfolder; empty where there are none.

    Raises:
        UserError: a shard that the names count is missing, or shards of different sets lie together.
    """
    places = [place for place in (folder, *sorted(folder.glob("*/"))) if _shards(place)]
    if len(places) > 1 and places[0] != folder:
        names = " and ".join(place.name for place in places)
        raise UserError(f"{folder}: Parquet files in {names}; name one of them as path")
    if not places:
        return []
    shards = _shards(places[0])
    for part in PARTS:
        _check_complete(places[0], part, [match for match in shards if match[1] == part])
    return [places[0] / match[0] for part in PARTS for match in shards if match[1] == part]


def read_files(paths: list[Path], layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read and decode the shards that `find_files` found.

    Returns:
        images N x 32 x 32 x 3 uint8, part (N names), fine and coarse labels (N integers; coarse zeros where the set
        has none), shard after shard.
    """
    opened = [_open(path, layout) for path in paths]
    counts = [file.metadata.num_rows for file in opened]
    part = np.repeat([path.name.split("-")[0].split(".")[0] for path in paths], counts)
    images = np.empty((len(part), layout.side, layout.side, 3), np.uint8)
    fine, coarse = np.zeros(len(part), np.int64), np.zeros(len(part), np.int64)
    start = 0
    for path, file in zip(paths, opened, strict=True):
        for first, batch in _batches(path, file, layout):
            taken = slice(start + first, start + first + len(batch))
            fine[taken] = _labels(batch, layout.fine_column, layout.fine_names, path, first)
            if layout.coarse_names:
                coarse[taken] = _labels(batch, layout.coarse_column, layout.coarse_names, path, first)
            for i, image in enumerate(batch.column("img").to_pylist()):
                images[start + first + i] = decode(image, layout.side, f"{path}: row {first + i}")
        start += file.metadata.num_rows
    return images, part, fine, coarse


def decode(image: dict[str, Any] | None, side: int, where: str) -> np.ndarray:
    """One `img` field as side x side x 3 uint8."""
    content = (image or {}).get("bytes")
    if not content:
        raise UserError(f"{where}: the field 'img' holds no bytes; get a file with the images inside it")
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.size != (side, side):   # known before a pixel is decoded
                raise UserError(f"{where}: the image is {opened.size[0]} x {opened.size[1]}, not {side} x {side}")
            return np.asarray(opened.convert("RGB"))
    except Image.DecompressionBombError as error:   # told by the header, before a pixel is decoded
        raise UserError(f"{where}: the image claims to be huge, not {side} x {side}; get the file again") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:   # what Pillow raises for broken files
        raise UserError(f"{where}: the image does not decode as PNG, JPEG or WebP; get the file again") from error


def _shards(folder: Path) -> list[re.Match[str]]:
    names = sorted(path.name for path in folder.glob("*.parquet"))
    return [match for match in map(SHARD.fullmatch, names) if match]


def _check_complete(folder: Path, part: str, shards: list[re.Match[str]]) -> None:
    if not shards:
        raise UserError(f"{folder}: no {part}-*.parquet beside the other part; both must be there")
    totals = sorted({match[3] or "" for match in shards})
    if len(totals) > 1 or (totals == [""] and len(shards) > 1):
        raise UserError(f"{folder}: {part} lies there in two versions ({shards[0][0]}, {shards[-1][0]}); keep one")
    if totals != [""]:
        there = {int(match[2]) for match in shards}
        missing = sorted(set(range(int(totals[0]))) - there)
        if missing:
            shard = f"{part}-{missing[0]:05d}-of-{totals[0]}.parquet"
            raise UserError(f"{folder}: {shard} is missing; get it from where the others are from")


def _open(path: Path, layout: Layout) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    names = file.schema_arrow.names
    wanted = [name for name in ("img", layout.fine_column, layout.coarse_column) if name]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise UserError(f"{path}: no column '{missing[0]}' for {layout.name}; found {', '.join(names)}")
    _check_images(path, file.schema_arrow.field("img").type)
    _check_names(path, file.schema_arrow.metadata or {}, layout.fine_column, layout.fine_names)
    _check_names(path, file.schema_arrow.metadata or {}, layout.coarse_column, layout.coarse_names)
    return file


def _check_images(path: Path, kind: pa.DataType) -> None:
    """Images are a struct whose field `bytes` is binary; nothing but gaps is told later, with the row."""
    field = kind.field("bytes").type if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0 else None
    if field is None:
        raise UserError(f"{path}: column 'img' is {kind}, not images as {{bytes, path}}; get a file in that form")
    if not (pa.types.is_binary(field) or pa.types.is_large_binary(field) or pa.types.is_null(field)):
        raise UserError(f"{path}: column 'img': its field 'bytes' is {field}, not binary; get a file in that form")


def _check_names(path: Path, metadata: dict[bytes, bytes], column: str, names: tuple[str, ...]) -> None:
    """The names that the file states must stand where ours do; a spelling of its own does no harm."""
    try:
        stated = json.loads(metadata[b"huggingface"])["info"]["features"][column]["names"]
    except (KeyError, TypeError, ValueError):   # a file without names is as good
        return
    if len(stated) != len(names):
        raise UserError(f"{path}: column '{column}' has {len(stated)} classes, not {len(names)}")
    for label, (found, expected) in enumerate(zip(stated, names, strict=True)):
        if found != expected and found in names:
            place = f"{path}: label {label} of '{column}'"
            raise UserError(f"{place} is '{found}', not '{expected}': the labels have another order")


def _batches(path: Path, file: pq.ParquetFile, layout: Layout) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Blocks of rows with the position of their first."""
    columns = [name for name in ("img", layout.fine_column, layout.coarse_column) if name]
    first = 0
    try:
        for batch in file.iter_batches(BLOCK, columns=columns):
            yield first, batch
            first += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _labels(batch: pa.RecordBatch, column: str, names: tuple[str, ...], path: Path, first: int) -> np.ndarray:
    values = batch.column(column)
    if values.null_count or not pa.types.is_integer(values.type):
        held = f"{values.type} and {values.null_count} gaps"
        raise UserError(f"{path}: column '{column}' must hold whole numbers only, not {held}")
    labels = values.to_numpy(zero_copy_only=False).astype(np.int64)
    check_labels(labels, names, str(path), first)
    return labels


def _damaged(path: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UserError(f"{path}: not a readable Parquet file ({reason}); it is damaged or cut short, get it again")
