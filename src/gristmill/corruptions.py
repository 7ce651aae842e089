"""Corruptions of test images with a name: which there are, and the numbers of each severity.

Hendrycks & Dietterich: Benchmarking neural network robustness to common corruptions and perturbations. ICLR 2019
(1903.12261). The name of a table stands for its numbers for good: whoever changes one adds a table with the next
version, so that figures of one name can be compared.

All numbers but those of elastic_transform are of the image as it is: lengths in pixels, values from 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

NOISE = ("gaussian_noise", "shot_noise", "impulse_noise")
BLUR = ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur")
WEATHER = ("snow", "frost", "fog", "brightness")
DIGITAL = ("contrast", "elastic_transform", "pixelate", "jpeg_compression")
CORRUPTIONS = (*NOISE, *BLUR, *WEATHER, *DIGITAL)
"""The 15 of mean corruption error."""
VALIDATION = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
"""Four more to choose settings by; no mean takes them in."""
APPROXIMATE = ("motion_blur", "snow", "frost", "spatter")
"""Those that need programs or photographs which Gristmill does not have; all others are the published rules, exact."""
SEVERITIES = (1, 2, 3, 4, 5)
BETWEEN = 85
"""Shorter side in pixels, halfway from 32 to 224 by their ratio, from which photographs count as large."""

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """The numbers of every corruption at severities 1 to 5.

    Attributes:
        name: `<what for>_<version>`.
        source: whose numbers they are.
        rows: five entries for each corruption, a number or several.
    """

    name: str
    source: str
    rows: Mapping[str, tuple[float | Numbers, ...]]

    def at(self, side: int) -> "Table":
        """The table for images of a shorter side: this one for all."""
        return self

    def numbers(self, corruption: str, severity: int) -> Numbers:
        """What a corruption is given at a severity from 1."""
        found = self.rows[corruption][severity - 1]
        return found if isinstance(found, tuple) else (found,)


@dataclass(frozen=True)
class BySide:
    """A table for small images and one for large ones."""

    name: str
    small: Table
    large: Table

    def at(self, side: int) -> Table:
        """The table for images of a shorter side in pixels."""
        return self.small if side < BETWEEN else self.large


CIFAR = Table("cifar_1", "hendrycks/robustness, make_cifar_c.py: 32 x 32", {
    "gaussian_noise": (.04, .06, .08, .09, .10),                     # standard deviation
    "shot_noise": (500, 250, 100, 75, 50),                           # photons of a white pixel
    "impulse_noise": (.01, .02, .03, .05, .07),                      # share of values
    "defocus_blur": ((.3, .4), (.4, .5), (.5, .6), (1, .2), (1.5, .1)),                 # radius, sigma of its edge
    "glass_blur": ((.05, 1, 1), (.25, 1, 1), (.4, 1, 1), (.25, 1, 2), (.4, 1, 2)),      # sigma, reach, rounds
    "motion_blur": ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)),                        # radius, sigma
    "zoom_blur": ((1.06, .01), (1.11, .01), (1.16, .01), (1.21, .01), (1.26, .01)),     # end, step
    "snow": (                                        # mean, deviation, zoom, threshold, radius, sigma, share of x
        (.1, .2, 1, .6, 8, 3, .95), (.1, .2, 1, .5, 10, 4, .9), (.15, .3, 1.75, .55, 10, 4, .9),
        (.25, .3, 2.25, .6, 12, 6, .85), (.3, .3, 1.25, .65, 14, 12, .8),
    ),
    "frost": ((1, .2), (1, .3), (.9, .4), (.85, .4), (.75, .45)),                       # shares of image and frost
    "fog": ((.2, 3), (.5, 3), (.75, 2.5), (1, 2), (1.5, 1.75)),                         # amount, decay
    "brightness": (.05, .1, .15, .2, .3),
    "contrast": (.75, .5, .4, .3, .15),
    "elastic_transform": (                           # amount, sigma, corners' moves: in shorter sides
        (0, 0, .08), (.05, .2, .07), (.08, .06, .06), (.1, .04, .05), (.1, .03, .03),
    ),
    "pixelate": (.95, .9, .85, .75, .65),            # share of the side that is left
    "jpeg_compression": (80, 65, 58, 50, 40),        # quality
    "speckle_noise": (.06, .1, .12, .16, .2),
    "gaussian_blur": (.4, .6, .7, .8, 1),            # sigma
    "spatter": (                                     # mean, deviation, sigma, threshold, strength, mud
        (.62, .1, .7, .7, .5, 0), (.65, .1, .8, .7, .5, 0), (.65, .3, 1, .69, .5, 0),
        (.65, .1, .7, .69, .6, 1), (.65, .1, .5, .68, .6, 1),
    ),
    "saturate": ((.3, 0), (.1, 0), (1.5, 0), (2, .1), (2.5, .2)),                       # factor, addition
})  # fmt: skip

PUBLISHED_SIDE = 244 / 224
"""The published elastic numbers for 224 pixels are multiples of 244."""

IMAGENET = Table("imagenet_1", "hendrycks/robustness, make_imagenet_c.py: 224 x 224", {
    "gaussian_noise": (.08, .12, .18, .26, .38),
    "shot_noise": (60, 25, 12, 5, 3),
    "impulse_noise": (.03, .06, .09, .17, .27),
    "defocus_blur": ((3, .1), (4, .5), (6, .5), (8, .5), (10, .5)),
    "glass_blur": ((.7, 1, 2), (.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    "motion_blur": ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
    "zoom_blur": ((1.11, .01), (1.16, .01), (1.21, .02), (1.26, .02), (1.31, .03)),
    "snow": (
        (.1, .3, 3, .5, 10, 4, .8), (.2, .3, 2, .5, 12, 4, .7), (.55, .3, 4, .9, 12, 8, .7),
        (.55, .3, 4.5, .85, 12, 8, .65), (.55, .3, 2.5, .85, 12, 12, .55),
    ),
    "frost": ((1, .4), (.8, .6), (.7, .7), (.65, .7), (.6, .75)),
    "fog": ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
    "brightness": (.1, .2, .3, .4, .5),
    "contrast": (.4, .3, .2, .1, .05),
    "elastic_transform": tuple(tuple(PUBLISHED_SIDE * each for each in numbers) for numbers in (
        (2, .7, .1), (2, .08, .2), (.05, .01, .02), (.07, .01, .02), (.12, .01, .02),
    )),
    "pixelate": (.6, .5, .4, .3, .25),
    "jpeg_compression": (25, 18, 15, 10, 7),
    "speckle_noise": (.15, .2, .35, .45, .6),
    "gaussian_blur": (1, 2, 3, 4, 6),
    "spatter": (
        (.65, .3, 4, .69, .6, 0), (.65, .3, 3, .68, .6, 0), (.65, .3, 2, .68, .5, 0),
        (.65, .3, 1, .65, 1.5, 1), (.67, .4, 1, .65, 1.5, 1),
    ),
    "saturate": ((.3, 0), (.1, 0), (2, 0), (5, .1), (20, .2)),
})  # fmt: skip

DRAWINGS = Table("drawings_1", "Gristmill's own: ink on clean paper, 28 x 28", {
    "gaussian_noise": (.01, .02, .03, .05, .08),
    "shot_noise": (60, 25, 12, 5, 2),
    "impulse_noise": (.01, .02, .03, .05, .1),
    "defocus_blur": ((1, .2), (1.5, .1), (2, .3), (3, .1), (4, .1)),
    "glass_blur": ((.4, 1, 1), (.4, 1, 2), (.5, 2, 1), (.4, 1, 3), (.7, 2, 2)),
    "motion_blur": ((6, 2), (8, 3), (10, 4), (12, 6), (15, 8)),
    "zoom_blur": ((1.16, .02), (1.31, .03), (1.51, .05), (1.81, .05), (2.2, .05)),
    "snow": (
        (.1, .2, 1, .6, 8, 3, .95), (.2, .3, 1.5, .65, 10, 4, .9), (.3, .3, 1.25, .65, 12, 8, .85),
        (.4, .3, 1.5, .75, 12, 8, .8), (.5, .3, 2, .75, 12, 12, .7),
    ),
    "frost": ((1, .1), (1, .2), (1, .3), (.9, .4), (.8, .55)),
    "fog": ((.1, 3), (.2, 3), (.35, 2.5), (.5, 2.5), (.8, 2.5)),
    "brightness": (.02, .05, .1, .2, .3),
    "contrast": (.95, .9, .85, .8, .75),
    "elastic_transform": ((.05, .05, .03), (.07, .05, .05), (.1, .05, .07), (.12, .04, .09), (.15, .04, .12)),
    "pixelate": (.65, .5, .35, .25, .2),
    "jpeg_compression": (25, 15, 7, 4, 2),
    "speckle_noise": (.1, .2, .3, .45, .6),
    "gaussian_blur": (.5, .75, 1, 1.5, 2),
    "spatter": CIFAR.rows["spatter"],
    "saturate": CIFAR.rows["saturate"],
})  # fmt: skip
"""Noise and contrast are mild, since networks trained on noiseless paper break at its first gray level. The others were
chosen on Omniglot: the vote of 20 neighbors by raw pixels, its training drawings as gallery, loses at most a tenth of
its accuracy at severity 1 and from a third to four fifths at 5. Raw pixels hardly notice noise, contrast and JPEG, and
gain by a little blur.
"""

PHOTOGRAPHS = BySide("photographs_1", CIFAR, IMAGENET)
TABLES: dict[str, Table | BySide] = {table.name: table for table in (CIFAR, IMAGENET, DRAWINGS, PHOTOGRAPHS)}
