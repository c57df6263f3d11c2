"""How is memory given back that large answers took for a while?"""

import ctypes
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
LARGE = 2**20
"""Bytes from which on a buffer has pages of its own, which end with it."""


def give_back_large_buffers() -> None:
    """Let large buffers go back to the system when they are freed; does nothing without glibc.

    By itself glibc takes room for buffers as large as any that was freed before from the heap,
    where small objects keep it: after a minute of answers of 4 MiB and more that were refused, a
    process of 70 MB stayed at 140 MB.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, LARGE)
        mallopt(_TRIM_THRESHOLD, LARGE)
