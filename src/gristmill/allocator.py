"""Memory that is given back to the system and taken again in every step costs more than the arithmetic on it."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # of malloc.h


def keep_memory() -> None:
    """Let glibc keep freed memory until the process ends; call it before torch is imported.

    By default glibc returns blocks above a few hundred kB and has their pages faulted in again at every call: a
    contrastive loss takes up to three times as long. Other C libraries are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 1_000_000_000)
    mallopt(M_TOP_PAD, 64 << 20)
