"""CIFAR-100: 60,000 photographs of 100 classes in 20 superclasses.

Krizhevsky: Learning multiple layers of features from tiny images (2009).
"""

from pathlib import Path
from typing import Any

from gristmill.data import cifar
from gristmill.data.cifar_layout import Batch, Layout
from gristmill.data.source import Samples

FINE = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard
    lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal
    shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
    telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
COARSE = """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
    household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes
    large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees
    vehicles_1 vehicles_2
"""
LAYOUT = Layout(
    name="cifar100",
    archive="cifar-100-python.tar.gz",
    archive_md5="eb9058c3a382ffc7106e4002c42a8d85",
    folder="cifar-100-python",
    batches=(
        Batch("train", "train", "16019d7e3df5f24257cddd939b257f8d", 50_000),
        Batch("test", "test", "f0ef6b0ae62326f3e7ffdfab6717acfc", 10_000),
    ),
    fine_key="fine_labels",
    fine_column="fine_label",
    fine_names=tuple(FINE.split()),
    coarse_key="coarse_labels",
    coarse_column="coarse_label",
    coarse_names=tuple(COARSE.split()),
)


def files(settings: Any) -> list[Path]:
    """The files that `read` will open, see `cifar.find_files`."""
    return cifar.find_files(settings, LAYOUT)


def read(settings: Any) -> Samples:
    """Read the set from the folder `settings.path`, see `cifar.read_set`."""
    return cifar.read_set(settings, LAYOUT)
