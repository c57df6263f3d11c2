"""How is anything drawn in pixels, text that fits included?"""

import io
from functools import lru_cache
from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.textpath import TextPath
from PIL import Image

from grafana.gallery.colours import GRID, PAGE, TEXT, THEME, channels_of
from grafana.gallery.layout import Area

Side = Literal["left", "center", "right"]
_DOTS = 100
_POINTS = 72 / _DOTS
_FOUND_COLOURS = 256 - len(THEME)


class Canvas:
    """A picture of a size in pixels; y grows downwards."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with an empty page."""
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / _DOTS, height / _DOTS), dpi=_DOTS, facecolor=PAGE)
        FigureCanvasAgg(self.figure)
        self._page = self.figure.add_axes((0, 0, 1, 1))
        self._page.set_axis_off()
        self._page.set_xlim(0, width)
        self._page.set_ylim(height, 0)

    def box(self, area: Area, fill: str, *, edge: str | None = None, corner: float = 0.0) -> None:
        """Draw a rectangle."""
        line = 0.8 if edge else 0.0
        if corner:
            self._page.add_patch(
                FancyBboxPatch(
                    (area.x + corner, area.y + corner),
                    max(0.1, area.width - 2 * corner),
                    max(0.1, area.height - 2 * corner),
                    boxstyle=f"round,pad={corner}",
                    facecolor=fill,
                    edgecolor=edge or "none",
                    linewidth=line,
                )
            )
            return
        self._page.add_patch(
            Rectangle(
                (area.x, area.y),
                area.width,
                area.height,
                facecolor=fill,
                edgecolor=edge or "none",
                linewidth=line,
            )
        )

    def text(  # noqa: PLR0913 - each is a property of the letters
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        colour: str = TEXT,
        side: Side = "left",
        bold: bool = False,
        room: float | None = None,
    ) -> float:
        """Write words around the height `y`; they are cut to `room`. Returns their width."""
        shown = words if room is None else fitted(words, room, size, bold=bold)
        self._page.text(
            x,
            y,
            shown,
            fontsize=size * _POINTS,
            color=colour,
            ha=side,
            va="center_baseline",
            fontweight="bold" if bold else "normal",
            parse_math=False,
        )
        return text_width(shown, size, bold=bold)

    def graph(self, area: Area, *, grid: Literal["both", "x", "y", ""] = "both") -> Axes:
        """Give axes in the dark look."""
        axes = self.figure.add_axes(
            (
                area.x / self.width,
                1 - area.bottom / self.height,
                area.width / self.width,
                area.height / self.height,
            )
        )
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, colors=TEXT, labelsize=11 * _POINTS, pad=5)
        if grid:
            axes.grid(visible=True, axis=grid, color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        return axes

    def move(self, axes: Axes, area: Area) -> None:
        """Put axes at an area."""
        axes.set_position(
            (
                area.x / self.width,
                1 - area.bottom / self.height,
                area.width / self.width,
                area.height / self.height,
            )
        )

    def save(self, file: Path) -> None:
        """Write the picture as a small PNG."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=_DOTS, facecolor=PAGE)
        save_small(buffer.getvalue(), file)


def save_small(png: bytes, file: Path) -> None:
    """Write a PNG again with few colours, which screens of text and lines need no more of."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    found = picture.quantize(_FOUND_COLOURS, method=Image.Quantize.MEDIANCUT)
    # What covers few pixels, such as a line in a legend, would else lose its colour.
    channels = [value for name in THEME for value in channels_of(name)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*channels, *(found.getpalette() or [])[: 3 * _FOUND_COLOURS]])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(file, optimize=True)


def fitted(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """Cut words to a width in pixels."""
    if text_width(words, size, bold=bold) <= room:
        return words
    short = words
    while short and text_width(f"{short}…", size, bold=bold) > room:
        short = short[:-1]
    return f"{short.rstrip()}…" if short else ""


@lru_cache(maxsize=20_000)
def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Measure words in pixels."""
    if not words.strip():
        return 0.0
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    path = TextPath((0, 0), words, size=size, prop=font, usetex=False)
    # A path ends with the last letter's ink; blanks at the end do not count in a table either.
    # Outlines of TrueType have a point wherever they turn: their extents need no curve solved.
    return float(path.vertices[:, 0].max())
