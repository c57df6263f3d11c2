"""How is a number read: its unit, its limits, its colours, its words?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.queries import states_of

Words = Mapping[str, tuple[str, str]]
"""Text and colour for each value."""
Steps = tuple[tuple[float, str], ...]
"""The colour from each value on; below the first it is the base colour."""

GREEN, ORANGE, RED = "green", "orange", "red"
BLUE, PURPLE, GREY = "blue", "purple", "#808080"
NEUTRAL = "text"
"""The colour of words that judge nothing."""
NO_DATA = "No data"
NOTHING = "-"
"""What an empty cell of a table shows."""

STATE_WORDS: Words = {
    "ok": ("OK", GREEN),
    "warning": ("Warning", ORANGE),
    "critical": ("Critical", RED),
    "unknown": ("Unknown", PURPLE),
    "info": ("Info", BLUE),
    "on": ("On", GREEN),
    "off": ("Off", GREY),
    "powering_on": ("Powering on", BLUE),
    "powering_off": ("Powering off", BLUE),
    "redundant": ("Redundant", GREEN),
    "non_redundant": ("Not redundant", ORANGE),
    "failed": ("Failed", RED),
    "subscribed": ("Subscribed", GREEN),
    "required": ("Required", ORANGE),
    "expired": ("Expired", RED),
    "skipped": ("Skipped", BLUE),
    "not_updated": ("Not updated", GREY),
    "firing": ("Firing", RED),
    "pending": ("Pending", ORANGE),
    "running": ("Running", BLUE),
    "stalled": ("Stalled", PURPLE),
    "compliant": ("Compliant", GREEN),
    "noncompliant": ("Not compliant", ORANGE),
    "not_applicable": ("Not applicable", GREY),
}
SEVERITY_WORDS: Words = {
    "0": ("OK", GREEN),
    "1": ("Warning", ORANGE),
    "2": ("Critical", RED),
}
YES_GOOD: Words = {"0": ("No", RED), "1": ("Yes", GREEN)}
YES_NEUTRAL: Words = {"0": ("No", GREY), "1": ("Yes", BLUE)}
SWITCHED_ON: Words = {"0": ("Not on", GREY), "1": ("On", GREEN)}
CONNECTED: Words = {"0": ("Disconnected", RED), "1": ("Connected", GREEN)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How the numbers of a panel are read."""

    unit: str = "short"
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    base: str = GREEN
    steps: Steps = ()
    words: Words | None = None
    missing: str | None = NO_DATA
    """Shown where there is no value."""

    @property
    def judges(self) -> bool:
        """Whether a colour says good or bad."""
        return bool(self.steps or self.words)


COUNT = Scale(decimals=0, low=0, base=BLUE)
NUMBER = Scale(unit="none", decimals=0, low=0, base=BLUE)
"""A count that is written out, without a K for a thousand."""
FAULTS = Scale(decimals=0, low=0, steps=((1, RED),))
WARNINGS = Scale(decimals=0, low=0, steps=((1, ORANGE),))
WATTS = Scale(unit="watt", low=0, base=BLUE)
KILOWATT_HOURS = Scale(unit="kwatth", low=0, base=BLUE, decimals=1)
DOLLARS = Scale(unit="currencyUSD", low=0, base=BLUE, decimals=2)
KILOGRAMS = Scale(unit="suffix:kg", low=0, base=BLUE, decimals=1)
CELSIUS = Scale(unit="celsius", base=BLUE, decimals=0)
SECONDS = Scale(unit="s", low=0, base=BLUE)
BYTES = Scale(unit="bytes", low=0, base=BLUE)
COVERAGE = Scale(
    unit="percentunit", decimals=0, low=0, high=1, base=RED, steps=((0.5, ORANGE), (0.95, GREEN))
)
ERROR_RATIO = Scale(
    unit="percentunit", decimals=2, low=0, high=1, steps=((0.01, ORANGE), (0.1, RED))
)
SEVERITY = Scale(decimals=0, low=0, high=2, words=SEVERITY_WORDS)
DAYS_LEFT = Scale(unit="suffix:d", decimals=0, base=RED, steps=((14, ORANGE), (60, GREEN)))
SATURATION = Scale(unit="percentunit", decimals=0, low=0, high=1, steps=((0.5, ORANGE), (0.8, RED)))
AGE_IN_INTERVALS = Scale(decimals=1, low=0, high=4, steps=((2, ORANGE), (3, RED)))


def state_scale(family: str, *, missing: str = "Not given") -> Scale:
    """Read the number that `state_number` gives for a one-hot family."""
    words = {str(place): STATE_WORDS[state] for place, state in enumerate(states_of(family))}
    return Scale(decimals=0, low=0, words=words, missing=missing)


def plotted(scale: Scale) -> Scale:
    """Return the scale of a graph's axis.

    Grafana leaves out each tick that needs more than `decimals` (of 0.25 before it becomes 25 %)
    and writes `noValue` in its place, and an empty `noValue` turns gaps into zeros.
    """
    decimals = None if scale.unit == "percentunit" else scale.decimals
    return replace(scale, decimals=decimals, missing=None)


def thresholds(base: str, steps: Steps) -> dashboard.ThresholdsConfig:
    """Write the steps in Grafana's terms."""
    return dashboard.ThresholdsConfig(
        mode=dashboard.ThresholdsMode.ABSOLUTE,
        steps=[
            dashboard.Threshold(value=None, color=base),
            *(dashboard.Threshold(value=value, color=color) for value, color in steps),
        ],
    )


def mappings(words: Words | None) -> list[dashboard.ValueMapping]:
    """Write the words in Grafana's terms."""
    if not words:
        return []
    results = {
        value: dashboard.ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate(words.items())
    }
    return [dashboard.ValueMap(options=results)]


def without_value() -> dashboard.ValueMapping:
    """Make what has no value grey: Grafana would give it the colour of a very low value."""
    return dashboard.SpecialValueMap(
        options=dashboard.DashboardSpecialValueMapOptions(
            match=dashboard.SpecialValueMatch.NULL_AND_NAN,
            result=dashboard.ValueMappingResult(color=GREY, index=99),
        )
    )


def read_as(scale: Scale) -> dict[str, object]:
    """Write how a field is read that is not read as the rest of its panel."""
    properties: dict[str, object] = {"unit": scale.unit}
    if scale.missing is not None:
        properties["noValue"] = scale.missing
    if scale.decimals is not None:
        properties["decimals"] = scale.decimals
    if scale.words:
        properties["mappings"] = mappings(scale.words)
    if scale.steps:
        properties["thresholds"] = thresholds(scale.base, scale.steps)
    if scale.judges:
        properties["color"] = {"mode": "thresholds"}
    return properties


def coloured(names: Iterable[str]) -> list[dashboard.DashboardFieldConfigSourceOverrides]:
    """Give each series that is named after a state the state's text and colour."""
    return [
        overridden(
            "byName",
            name,
            {
                "color": {"mode": "fixed", "fixedColor": STATE_WORDS[name][1]},
                "displayName": STATE_WORDS[name][0],
            },
        )
        for name in names
    ]


def overridden(
    matcher: str, option: str, properties: Mapping[str, object]
) -> dashboard.DashboardFieldConfigSourceOverrides:
    """Set properties for some fields only."""
    return dashboard.DashboardFieldConfigSourceOverrides(
        matcher=dashboard.MatcherConfig(id_val=matcher, options=option),
        properties=[
            dashboard.DynamicConfigValue(id_val=name, value=value)
            for name, value in properties.items()
        ],
    )
