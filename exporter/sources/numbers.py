"""Which number of a vendor can be a measurement?"""

LARGEST = 1e18
"""No server has more of anything in any unit; what is converted or summed up stays a number that
Prometheus can read, which refuses a whole scrape for one that it cannot."""


def converted(value: float) -> float:
    """Return a converted measurement without the digits that the conversion alone has added."""
    return float(f"{value:.12g}")


def measurable(value: float) -> float | None:
    """Return a number, unless it is NaN, infinite or beyond every measurement."""
    # Whole numbers are compared before they become floats, of which the longest cannot.
    return float(value) if -LARGEST <= value <= LARGEST else None
