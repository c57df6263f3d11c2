"""What can others on the machine learn of a process that holds secrets?

Nothing on its command line, because no flag takes a secret. What is left is a core file, which
would hold all of its memory, and `/proc/PID/environ`, which any process of the same user may read.
"""

import ctypes
import resource
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def keep_secrets_in_the_process() -> None:
    """Write no core file, and leave memory and environment to root alone.

    Each is tried for itself: a sandbox may forbid one, and then has its own way of keeping it.
    """
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
