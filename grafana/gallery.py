"""Takes pictures of the dashboards of a running Grafana: `make gallery GRAFANA_URL=...`."""

import argparse
import base64
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Error, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, HIGHEST = 1280, 8000
"""Pixels. Grafana loads only panels that are in view, so the window is as high as any dashboard."""
STYLES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_MARGIN = 8
_LONGEST = 60
"""Seconds in which a page must come to rest."""
_BOTTOM = "parts => Math.max(...parts.map(each => each.getBoundingClientRect().bottom))"
_INDEXED = """async png => {
  const image = await createImageBitmap(await (await fetch(`data:;base64,${png}`)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, image.width, image.height);
  const pixels = new Uint32Array(data.buffer), counts = new Map();
  for (const each of pixels) counts.set(each, (counts.get(each) ?? 0) + 1);
  const colours = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const kept = colours.slice(0, 256);
  const far = (a, b, bit) => ((a >> bit & 255) - (b >> bit & 255)) ** 2;
  const distance = (a, b) => far(a, b, 0) + far(a, b, 8) + far(a, b, 16);
  const nearest = new Map(colours.map(each => [each, kept.indexOf(
    kept.reduce((best, one) => distance(one, each) < distance(best, each) ? one : best))]));
  const reader = new FileReader();
  const read = new Promise(resolve => { reader.onload = resolve; });
  reader.readAsDataURL(new Blob([Uint8Array.from(pixels, each => nearest.get(each))]));
  await read;
  return [image.width, image.height, kept, reader.result.split(",")[1]];
}"""
"""Finds the nearest of the 256 most frequent colours for each pixel: a third of the bytes."""


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; return 1 if that fails, 2 if it is not said of what."""
    parser = argparse.ArgumentParser(prog="python -m grafana.gallery", description=__doc__)
    parser.add_argument("--grafana", help="address of a Grafana that has the dashboards")
    parser.add_argument("--exporter", help="address of an exporter, for its status page")
    parser.add_argument("--since", help="start of the dashboards' time range, such as now-30m")
    parser.add_argument("--pictures", type=Path, default=PICTURES, help="where the pictures go")
    options = parser.parse_args(arguments)
    if not options.grafana:
        sys.stderr.write(
            "gallery: start Grafana with the dashboards and data (deploy/compose.yaml does), then: "
            "make gallery GRAFANA_URL=http://127.0.0.1:3000\n"
        )
        return 2
    try:
        with sync_playwright() as playwright:
            # As root, which runs in containers, Chromium has no sandbox to offer.
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            blank = browser.new_page()
            for name, png in _pictures(browser, options):
                smaller = _indexed(blank, png)
                (options.pictures / f"{name}.png").write_bytes(smaller)
                sys.stderr.write(f"gallery: {name}.png, {len(smaller) // 1000} kB\n")
    except Error as error:
        sys.stderr.write(f"gallery: {error.message}\n")
        return 1
    return 0


def _pictures(browser: Browser, options: argparse.Namespace) -> Iterator[tuple[str, bytes]]:
    page = browser.new_page(viewport={"width": WIDTH, "height": HIGHEST})
    since = f"&from={options.since}&to=now" if options.since else ""
    for uid, address in _dashboards(page, options.grafana.rstrip("/")):
        page.goto(f"{address}?kiosk{since}")
        _open_rows(page)
        yield uid.removeprefix("serverfleet-"), _at_rest(page)
    for style in STYLES if options.exporter else ():
        page.emulate_media(color_scheme=style)
        page.goto(options.exporter)
        page.wait_for_selector("#finder:not([hidden])")
        yield f"status-{style}", _picture(page, "body > *")


def _dashboards(page: Page, grafana: str) -> list[tuple[str, str]]:
    """Return the uid and the address of each dashboard of ours."""
    answer = page.request.get(f"{grafana}/api/search?type=dash-db&tag=serverfleet")
    found = answer.json() if answer.ok else []
    if not found:
        raise Error(f"{grafana} shows no dashboard with the tag serverfleet: HTTP {answer.status}")
    return [(each["uid"], grafana + each["url"]) for each in found]


def _open_rows(page: Page) -> None:
    page.wait_for_selector(".react-grid-item")
    closed = page.locator(".dashboard-row--collapsed .dashboard-row__title")
    while closed.count():
        # Without the mouse, which would show the buttons of the row that it is on.
        closed.first.dispatch_event("click")


def _at_rest(page: Page) -> bytes:
    """Return the picture of a dashboard once two of them are the same."""
    before = b""
    for _ in range(_LONGEST):
        if (now := _picture(page, ".react-grid-item")) == before:
            return now
        before = now
        page.wait_for_timeout(1000)
    raise Error(f"{page.url} is still changing after {_LONGEST} seconds")


def _picture(page: Page, parts: str) -> bytes:
    """Return the page down to the lowest of its parts."""
    height = page.locator(parts).evaluate_all(_BOTTOM) + _MARGIN
    return page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": height})


def _indexed(page: Page, png: bytes) -> bytes:
    """Return the picture with 256 colours, as a PNG with a palette."""
    width, height, colours, data = page.evaluate(_INDEXED, base64.b64encode(png).decode())
    pixels = base64.b64decode(data)
    lines = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join((each & 0xFFFFFF).to_bytes(3, "little") for each in colours)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


if __name__ == "__main__":
    sys.exit(main())
