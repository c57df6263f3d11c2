"""Shares of a whole: `piechart`."""

from grafana.gallery.colours import FAINT, LINK, PANEL
from grafana.gallery.draw.subject import Subject
from grafana.gallery.layout import Area

_ROW = 26
_RING = 0.42


def draw(subject: Subject) -> None:
    """Draw a ring or a disc, with a table of the shares beside it."""
    lines = [line for line in subject.lines if line.series.latest > 0]
    if not lines:
        subject.say_missing()
        return
    area = subject.area
    side = min(area.height, area.width * 0.44)
    left = area.x + (area.width * 0.46 - side) / 2
    axes = subject.canvas.graph(Area(left, area.y + (area.height - side) / 2, side, side), grid="")
    axes.pie(
        [line.series.latest for line in lines],
        colors=[line.colour for line in lines],
        startangle=90,
        counterclock=False,
        wedgeprops={
            "width": _RING if subject.options.get("pieType") == "donut" else 1.0,
            "edgecolor": PANEL,
            "linewidth": 1.5,
        },
    )
    _draw_legend(subject, Area(area.x + area.width * 0.5, area.y, area.width * 0.5, area.height))


def _draw_legend(subject: Subject, area: Area) -> None:
    lines = subject.lines
    whole = sum(line.series.latest for line in lines)
    y = area.y + max(0.0, (area.height - _ROW * (len(lines) + 1)) / 2) + _ROW / 2
    for x, title in ((area.right - 84, "Value"), (area.right - 8, "Percent")):
        subject.canvas.text(x, y, title, size=11, colour=LINK, side="right")
    subject.canvas.text(area.x + 20, y, "Name", size=11, colour=FAINT)
    for line in sorted(lines, key=lambda each: -each.series.latest):
        y += _ROW
        subject.canvas.box(Area(area.x, y - 2, 12, 4), line.colour, corner=1)
        subject.canvas.text(area.x + 20, y, line.shown, size=12, room=area.width - 190)
        text = line.reading.text(line.series.latest)
        subject.canvas.text(area.right - 84, y, text, size=12, side="right")
        share = f"{line.series.latest / whole:.0%}" if whole else ""
        subject.canvas.text(area.right - 8, y, share, size=12, side="right")
