"""What can others on the machine learn of a process that holds secrets, and what may it have?

Nothing on its command line, because no flag takes a secret. What is left is a core file, which
would hold all of its memory, and `/proc/PID/environ`, which any process of the same user may read.
"""

import ctypes
import resource
from contextlib import suppress

_PR_SET_DUMPABLE = 4
_ENOUGH_FILES = 65_536


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


def allow_many_files() -> None:
    """Raise the number of open files from the usual 1024 to what we may have.

    Every connection needs one: each client's, and each call's that is in flight.
    """
    with suppress(OSError, ValueError):
        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _ENOUGH_FILES if most == resource.RLIM_INFINITY else min(most, _ENOUGH_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
