"""Makes the grouping of Cars196 by body type from the official class names.

    python scripts/make_cars196.py data/raw/cars196/devkit/cars_meta.mat

The rule and the classes that it leaves open are those of MaskCon (Feng & Patras, CVPR 2023).
"""

import csv
import sys
from pathlib import Path

BODY_TYPES = ("Cab", "Sedan", "SUV", "Convertible", "Coupe", "Hatchback", "Wagon", "Van")   # in the published order
FIRST = ("Van", "Minivan")   # words that decide before the others
BY_HAND = {   # names without a word for the body
    "Acura TL Type-S 2008": "Sedan",
    "Acura Integra Type R 2001": "Coupe",
    "Buick Regal GS 2012": "Sedan",
    "Chevrolet Corvette ZR1 2012": "Convertible",
    "Chevrolet Corvette Ron Fellows Edition Z06 2007": "Convertible",
    "Chevrolet HHR SS 2010": "SUV",
    "Chevrolet Cobalt SS 2010": "Coupe",
    "Chevrolet TrailBlazer SS 2009": "SUV",
    "Chrysler 300 SRT-8 2010": "Sedan",
    "Dodge Challenger SRT8 2011": "Coupe",
    "Dodge Charger SRT-8 2009": "Sedan",
    "FIAT 500 Abarth 2012": "Hatchback",
    "Ford Ranger SuperCab 2011": "Cab",
    "Jaguar XK XKR 2012": "Convertible",
    "Lamborghini Gallardo LP 570-4 Superleggera 2012": "Convertible",
}
GROUPING = Path(__file__).parent.parent / "src/gristmill/labels/groupings/cars196.csv"


def body_type(name: str) -> str | None:
    """The body that a class name's words tell, the first of Van, Minivan and BODY_TYPES; None where no word does."""
    words = name.split()
    if any(word in words for word in FIRST):
        return "Van"
    return next((body for body in BODY_TYPES if body in words), None)


def grouping(names: list[str]) -> list[tuple[str, str, int]]:
    """Name, body type and its number for each class.

    Raises:
        ValueError: a name that neither the rule nor the list decides.
    """
    rows = []
    for name in names:
        body = body_type(name) or BY_HAND.get(name)
        if body is None:
            raise ValueError(f"{name}: no word for its body, and not in the list")
        rows.append((name, body, BODY_TYPES.index(body)))
    return rows


def main(meta: str) -> None:
    """Write the file."""
    from scipy.io import loadmat

    names = [str(name) for name in loadmat(meta, squeeze_me=True)["class_names"]]
    write(names, GROUPING)


def write(names: list[str], path: Path) -> None:
    """Names in the official order."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerows([("fine", "coarse", "coarse_id"), *grouping(names)])


if __name__ == "__main__":
    main(*sys.argv[1:])
