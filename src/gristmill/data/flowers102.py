"""Oxford 102 Flowers: 8,189 photographs of 102 kinds of flowers; judged by the classes' mean accuracy.

Nilsback, Zisserman: Automated flower classification over a large number of classes (ICVGIP 2008). For research; the
photographs are not the authors' own. Its training part is small, 10 of each kind, and its test part large.
"""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.files import check_hash, file_hash
from gristmill.data.listed import Listed, Origin, checked_list, pieces_of
from gristmill.data.source import Pieces, setting
from gristmill.errors import UserError

NAMES = """
    pink primrose, hard-leaved pocket orchid, canterbury bells, sweet pea, english marigold, tiger lily, moon
    orchid, bird of paradise, monkshood, globe thistle, snapdragon, colt's foot, king protea, spear thistle,
    yellow iris, globe-flower, purple coneflower, peruvian lily, balloon flower, giant white arum lily, fire
    lily, pincushion flower, fritillary, red ginger, grape hyacinth, corn poppy, prince of wales feathers,
    stemless gentian, artichoke, sweet william, carnation, garden phlox, love in the mist, mexican aster, alpine
    sea holly, ruby-lipped cattleya, cape flower, great masterwort, siam tulip, lenten rose, barbeton daisy,
    daffodil, sword lily, poinsettia, bolero deep blue, wallflower, marigold, buttercup, oxeye daisy, common
    dandelion, petunia, wild pansy, primula, sunflower, pelargonium, bishop of llandaff, gaura, geranium, orange
    dahlia, pink-yellow dahlia?, cautleya spicata, japanese anemone, black-eyed susan, silverbush, californian
    poppy, osteospermum, spring crocus, bearded iris, windflower, tree poppy, gazania, azalea, water lily, rose,
    thorn apple, morning glory, passion flower, lotus, toad lily, anthurium, frangipani, clematis, hibiscus,
    columbine, desert-rose, tree mallow, magnolia, cyclamen, watercress, canna lily, hippeastrum, bee balm, ball
    moss, foxglove, bougainvillea, camellia, mallow, mexican petunia, bromelia, blanket flower, trumpet creeper,
    blackberry lily
"""
CLASSES = [name.strip() for name in " ".join(NAMES.split()).split(", ")]
PARTS = {"train": "trnid", "validation": "valid", "test": "tstid"}
MD5 = {"imagelabels.mat": "e0620be6f572b9609742df49c70aed4d", "setid.mat": "a5357ecc9cb78c4bef273ce3793fc85c"}
ORIGIN = Origin(
    "flowers102",
    "flowers-102",
    "get 102flowers.tgz, imagelabels.mat and setid.mat from https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
)


def files(settings: Any) -> list[Path]:
    """The two files of labels and every photograph."""
    place = ORIGIN.place(settings)
    return [*(place / name for name in MD5), *(place / name for name in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train, validation, test, each in the order of setid.mat; classes are numbered as published, from 0."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs jpg/image_<number>.jpg, numbered from 1.

    Raises:
        UserError: a file that is missing, damaged, or has other contents.
    """
    remedy = ORIGIN.remedy(place)
    labels = _numbers(place / "imagelabels.mat", ("labels",), remedy)["labels"] - 1
    if len(labels) and not (labels.min() >= 0 and labels.max() < len(CLASSES)):
        raise UserError(f"{place}/imagelabels.mat: labels must be 1 to {len(CLASSES)}; {remedy}")
    held = _numbers(place / "setid.mat", tuple(PARTS.values()), remedy)
    names, parts, fine = [], [], []
    for part, name in PARTS.items():
        if len(held[name]) and not (held[name].min() >= 1 and held[name].max() <= len(labels)):
            raise UserError(f"{place}/setid.mat: '{name}' must number images, 1 to {len(labels)}; {remedy}")
        names += [f"jpg/image_{number:05d}.jpg" for number in held[name]]
        parts += [part] * len(held[name])
        fine += labels[held[name] - 1].tolist()
    return checked_list(Listed(names, parts, fine, CLASSES), place, remedy)


def _numbers(path: Path, fields: tuple[str, ...], remedy: str) -> dict[str, np.ndarray]:
    """Some rows of integers of a .mat file, which is the published one."""
    from scipy.io import loadmat  # comes with scikit-learn; half a second

    if not path.is_file():
        raise UserError(f"{path}: no such file; {remedy}")
    check_hash(path, file_hash(path, "md5"), MD5[path.name], remedy)
    try:
        held = loadmat(path)
        return {name: np.asarray(held[name]).ravel().astype(np.int64) for name in fields}
    except Exception as error:  # a damaged file can fail in any way
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not the published file ({reason}); {remedy}") from error
