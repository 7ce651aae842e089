"""By what encoders can be asked: names of protocols, for the settings; of corruptions see `gristmill.corruptions`."""

from gristmill.protocols import PROTOCOLS
from gristmill.transfer_protocols import TRANSFER

FINETUNE = "finetune_1"  # its numbers stand in evaluate/finetune.py
ASKED = (*PROTOCOLS, *TRANSFER, FINETUNE)
