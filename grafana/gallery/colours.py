"""Which colours has Grafana's dark theme?"""

PAGE, PANEL, EDGE = "#111217", "#181b1f", "#2c3035"
TEXT, FAINT, GRID = "#ccccdc", "#8e8e9a", "#2a2d33"
UNFILLED = "#24272d"
LINK = "#6e9fff"

_NAMED = {
    "green": "#73BF69", "dark-green": "#37872D", "light-green": "#96D98D",
    "yellow": "#FADE2A", "semi-dark-yellow": "#F2CC0C", "light-blue": "#8AB8FF",
    "orange": "#FF9830", "semi-dark-orange": "#FF780A", "red": "#F2495C", "dark-red": "#C4162A",
    "blue": "#5794F2", "dark-blue": "#1F60C4", "purple": "#B877D9", "text": TEXT,
    "transparent": PANEL,
}  # fmt: skip
_CLASSIC = (
    "green", "semi-dark-yellow", "light-blue", "semi-dark-orange", "red", "blue", "purple",
    "#705DA0", "dark-green", "yellow", "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62",
    "#584477", "light-green",
)  # fmt: skip


def colour(name: str) -> str:
    """Give a colour of the theme as hexadecimal; other colours are themselves."""
    if name.startswith("#"):
        return name
    return _NAMED[name]


def classic(index: int) -> str:
    """Give the colour of a series by its place."""
    return colour(_CLASSIC[index % len(_CLASSIC)])


def shaded(name: str, part: float, ground: str = PANEL) -> str:
    """Mix a colour with the ground; `part` is how much of it is left."""
    mixed = (
        round(part * over + (1 - part) * under)
        for over, under in zip(channels_of(name), channels_of(ground), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def channels_of(name: str) -> tuple[int, ...]:
    """Give red, green and blue."""
    text = colour(name).lstrip("#")
    return tuple(int(text[place : place + 2], 16) for place in (0, 2, 4))


_GROUNDS = (PAGE, PANEL, EDGE, TEXT, FAINT, GRID, UNFILLED, LINK)
THEME = tuple(dict.fromkeys((*_GROUNDS, *_NAMED.values(), *map(colour, _CLASSIC))))
"""Every colour of the theme once."""
