"""Counts of one run of a device poller, and the verdict on the appliance.

A run fails as a whole in two cases:

- An error concerns every device: the login, TLS, a redirect, a rate limit. It ends the run at once.
- A sample of the devices was asked, and not one of them gave a reading. The sample is a tenth of
  the devices, at least 20, or all if there are fewer; devices are asked in random order, so
  it is spread over the fleet. Failures count, and refusals of devices that gave a reading before:
  an appliance that is restarting may refuse everything. Other refusals do not count, neither for
  nor against the appliance.
"""

from exporter.errors import Reason, SourceError
from exporter.sources.sampling import is_fatal, sample_size


class RunStats:
    """Counts one run over some devices."""

    def __init__(self, devices: int = 0) -> None:
        """Start at zero.

        Args:
            devices: The number of those that can be asked.
        """
        self.sample = sample_size(devices)
        self.read = self.failed = self.refused = self.lost = self.unreadable = 0
        self._failure: SourceError | None = None
        self._refusal: SourceError | None = None

    @property
    def problems(self) -> int:
        """Failures, unreadable records, and the refusals that fail a run."""
        return self.failed + self.unreadable + (0 if self.read else self.lost)

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing was read, and something speaks against the appliance."""
        return not self.read and self.failed + self.lost > 0

    @property
    def asked(self) -> int:
        """Devices that answered or failed."""
        return self.read + self.failed + self.refused

    def count_reading(self, unreadable: int) -> None:
        """Count a device that gave a reading."""
        self.read += 1
        self.unreadable += unreadable

    def count_failure(self, error: SourceError) -> None:
        """Count a device that failed.

        Raises:
            SourceError: The error is fatal, or the sample has been asked in vain.
        """
        self.failed += 1
        # A device may be out of the user's scope, so its 403 says less than any other failure.
        if self._failure is None or error.reason is not Reason.FORBIDDEN:
            self._failure = error
        if is_fatal(error):
            raise error
        self._give_up_after_the_sample()

    def count_refusal(self, error: SourceError, *, had_reading: bool) -> None:
        """Count a device that refused.

        Raises:
            SourceError: The sample has been asked in vain.
        """
        self.refused += 1
        if had_reading:
            self.lost += 1
            self._refusal = error
        self._give_up_after_the_sample()

    def finish(self) -> None:
        """Judge the whole run.

        Raises:
            SourceError: Nothing was read, and something speaks against the appliance.
        """
        if self.read:
            return
        if self._failure is not None:
            text = f"{self.failed} of {self.asked} could not be read; the last one: "
            raise _verdict(self._failure, text + self._failure.message)
        # One device that refuses what it gave before is believed in time; two are no coincidence.
        if self._refusal is not None and self.lost > 1:
            text = f"all {self.lost} that were asked refuse what they gave before: "
            text += f"{self._refusal.message}; is the appliance restarting, or has a licence ended?"
            raise _verdict(self._refusal, text)

    def _give_up_after_the_sample(self) -> None:
        if self.failed + self.lost >= self.sample:
            self.finish()


def _verdict(error: SourceError, text: str) -> SourceError:
    return SourceError(error.reason, text, status=error.status, retry_after=error.retry_after)
