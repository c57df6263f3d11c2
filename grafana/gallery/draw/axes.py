"""How are the axes of a graph divided and written?"""

import math
from datetime import UTC, datetime

from matplotlib.axes import Axes

from grafana.gallery.draw.subject import Span
from grafana.gallery.reading import Reading
from grafana.gallery.units import written

_HOURS = 3600.0
_TIME_STEPS = (300.0, 600.0, 900.0, 1800.0, _HOURS, 2 * _HOURS, 6 * _HOURS, 12 * _HOURS, 86400.0)
_PIXELS_A_TIME = 85
_EDGE = 18
_PIXELS_A_NUMBER = 34
_WHOLE = ("short", "none", "celsius")
_BINARY = ("bytes", "binBps")
_LENGTHS = (60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0)


def time_axis(axes: Axes, span: Span, width: float) -> None:
    """Write times below a graph, in UTC."""
    most = max(2.0, width / _PIXELS_A_TIME)
    whole = span.end - span.begin
    step = next((each for each in _TIME_STEPS if whole / each <= most), _TIME_STEPS[-1])
    first = math.ceil(span.begin / step) * step
    ticks = [first + number * step for number in range(int((span.end - first) // step) + 1)]
    # At the edges they would stand on the numbers, or outside of the panel.
    edge = _EDGE * whole / width
    ticks = [tick for tick in ticks if span.begin + edge <= tick <= span.end - edge]
    axes.set_xlim(span.begin, span.end)
    axes.set_xticks(ticks, [_time(tick, step) for tick in ticks])


def number_axis(axes: Axes, reading: Reading, highest: float, lowest: float, height: float) -> None:
    """Write numbers beside a graph, at round values."""
    low = reading.settings.get("min")
    high = reading.settings.get("max")
    bottom = lowest if low is None else float(low)
    top = highest if high is None else float(high)
    if top <= bottom:
        top = bottom + (abs(bottom) or 1.0)
    step = _round_step((top - bottom) / max(2.0, height / _PIXELS_A_NUMBER), reading)
    if low is None:
        bottom = math.floor(bottom / step) * step
    if high is None:
        top = math.ceil((top + 0.04 * (top - bottom)) / step) * step
    count = round((top - bottom) / step)
    ticks = [bottom + number * step for number in range(count + 1)]
    axes.set_ylim(bottom, top)
    axes.set_yticks(ticks, [_number(tick, step, reading) for tick in ticks])


def _round_step(rough: float, reading: Reading) -> float:
    if reading.unit == "s" and 30 < rough < _LENGTHS[-1]:
        return next(length for length in _LENGTHS if length >= rough)
    if reading.unit in _BINARY:
        return 2.0 ** math.ceil(math.log2(rough))
    if reading.settings.get("decimals") == 0 and reading.unit in _WHOLE:
        rough = max(1.0, rough)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(part * power for part in (1, 2, 2.5, 5, 10) if part * power >= rough * 0.999)


def _number(tick: float, step: float, reading: Reading) -> str:
    """Write with as many decimals as tell two neighbours apart."""
    decimals = reading.settings.get("decimals")
    text = written(tick, reading.unit, decimals)
    if text == written(tick + step, reading.unit, decimals):
        return written(tick, reading.unit, None)
    if decimals is None or reading.unit in ("watt", "kwatth", "massg", "s", "bytes", "Bps"):
        return _shortest(tick, reading.unit)
    return text


def _shortest(tick: float, unit: str) -> str:
    exact = written(tick, unit, 6)
    for decimals in range(4):
        text = written(tick, unit, decimals)
        if math.isclose(_value(text), _value(exact), rel_tol=1e-4, abs_tol=1e-9):
            return text
    return written(tick, unit, None)


def _value(text: str) -> float:
    number, _, _ = text.partition(" ")
    return float("".join(letter for letter in number if letter in "-.0123456789e") or 0)


def _time(tick: float, step: float) -> str:
    time = datetime.fromtimestamp(tick, UTC)
    return time.strftime("%m/%d" if step >= 86400 else "%m/%d %H:%M" if step > 7200 else "%H:%M")
