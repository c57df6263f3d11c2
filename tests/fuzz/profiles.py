"""How many cases are tried? The same few at every run of the tests, other ones by `make fuzz`."""

import os

from hypothesis import HealthCheck, Phase, settings

_IS_LONG = os.environ.get("FUZZ_PROFILE") == "long"
_LONGER = 20


def tried(examples: int) -> settings:
    """Return settings for so many examples, or many more and new ones in the long profile."""
    return settings(
        max_examples=examples * _LONGER if _IS_LONG else examples,
        derandomize=not _IS_LONG,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
