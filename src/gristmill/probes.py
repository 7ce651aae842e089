"""What encoders can be asked beside their own evaluation, by name: for the settings and for what measures.

A name stands for its numbers for good, as those of `gristmill.protocols`.
"""

from gristmill.protocols import PROTOCOLS

TRANSFER, FINETUNE = "linear_transfer_1", "finetune_1"
ASKED = (*PROTOCOLS, TRANSFER, FINETUNE)
SEVERITIES = ("drawings_1", "photographs_1", "cifar_1", "imagenet_1")
