"""Small sets in the exact forms in which CIFAR is published."""

import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from gristmill.data import cifar10, cifar100
from gristmill.data.cifar_layout import Batch, Layout
from tests.data.python2_pickle import Python2Pickle

LOSSLESS = ({"format": "PNG"}, {"format": "WEBP", "lossless": True})


def photographs(count: int, seed: int = 0) -> np.ndarray:
    """Smooth colored patches, N x 32 x 32 x 3 uint8 (JPEG keeps them nearly)."""
    corners = np.random.default_rng(seed).integers(0, 256, (count, 2, 2, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(c).resize((32, 32), Image.Resampling.BILINEAR)) for c in corners])


def tiny(layout: Layout) -> tuple[Layout, np.ndarray, np.ndarray, np.ndarray]:
    """A layout whose train parts have 6 images each and test 4, with images, fine and coarse labels for it."""
    batches = tuple(replace(batch, rows=6 if batch.part == "train" else 4) for batch in layout.batches)
    count = sum(batch.rows for batch in batches)
    rng = np.random.default_rng(1)
    fine = rng.integers(0, len(layout.fine_names), count)
    coarse = fine % max(1, len(layout.coarse_names))
    return replace(layout, batches=batches), photographs(count), fine, coarse


def pickled(layout: Layout, images: np.ndarray, fine: np.ndarray, coarse: np.ndarray) -> bytes:
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), -1)
    values = {b"batch_label": b"training batch 1 of 5", layout.fine_key.encode(): fine.tolist(), b"data": planes}
    if layout.coarse_key:
        values[layout.coarse_key.encode()] = coarse.tolist()
    values[b"filenames"] = [f"image_s_{i:06d}.png".encode() for i in range(len(images))]
    return Python2Pickle().dump(values)


def write_pickles(folder: Path, layout: Layout, images, fine, coarse) -> Layout:
    """Write the batches into `folder/<layout.folder>`; the layout comes back with their MD5 sums."""
    place = folder / layout.folder
    place.mkdir(parents=True)
    batches, start = [], 0
    for batch in layout.batches:
        taken = slice(start, start + batch.rows)
        content = pickled(layout, images[taken], fine[taken], coarse[taken])
        (place / batch.file).write_bytes(content)
        batches.append(Batch(batch.part, batch.file, hashlib.md5(content).hexdigest(), batch.rows))
        start += batch.rows
    return replace(layout, batches=tuple(batches))


def write_archive(folder: Path, layout: Layout, images, fine, coarse) -> Layout:
    """Write the batches as the one official archive."""
    apart = folder / "apart"
    layout = write_pickles(apart, layout, images, fine, coarse)
    with tarfile.open(folder / layout.archive, "w:gz") as archive:
        archive.add(apart / layout.folder, layout.folder)
    (apart / layout.folder).rename(folder / "elsewhere")
    return replace(layout, archive_md5=hashlib.md5((folder / layout.archive).read_bytes()).hexdigest())


def encoded(image: np.ndarray, **options) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, **options)
    return content.getvalue()


def feature_metadata(layout: Layout) -> bytes:
    """The description of the columns as the `datasets` library writes it."""
    features: dict[str, dict] = {"img": {"_type": "Image"}}
    for column, names in ((layout.fine_column, layout.fine_names), (layout.coarse_column, layout.coarse_names)):
        if column:
            features[column] = {"names": list(names), "_type": "ClassLabel"}
    return json.dumps({"info": {"features": features}}).encode()


def write_shard(path: Path, layout: Layout, contents: list[bytes | None], fine, coarse, metadata=None) -> None:
    img = [{"bytes": content, "path": f"{i}.png"} for i, content in enumerate(contents)]
    columns = {
        "img": pa.array(img, pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        layout.fine_column: pa.array(fine, pa.int64()),
    }
    if layout.coarse_column:
        columns[layout.coarse_column] = pa.array(coarse, pa.int64())
    table = pa.table(columns).replace_schema_metadata({"huggingface": metadata or feature_metadata(layout)})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", row_group_size=3)


def write_parquet(folder: Path, layout: Layout, images, fine, coarse) -> None:
    """Train in two shards of unlike size, test in one; PNG and WebP in turn."""
    contents: list[bytes | None] = [encoded(image, **LOSSLESS[i % 2]) for i, image in enumerate(images)]
    count = sum(batch.rows for batch in layout.batches if batch.part == "train")
    for name, taken in (
        ("train-00000-of-00002", slice(0, 2)),
        ("train-00001-of-00002", slice(2, count)),
        ("test-00000-of-00001", slice(count, None)),
    ):
        write_shard(folder / f"{name}.parquet", layout, contents[taken], fine[taken], coarse[taken])


LAYOUTS = (cifar10.LAYOUT, cifar100.LAYOUT)
FORMS = (write_pickles, write_archive, write_parquet)
