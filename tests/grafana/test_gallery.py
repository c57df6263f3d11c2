"""Pictures are taken of a page like Grafana's, and the gallery shows one of each dashboard."""

import json
import re
import struct
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from grafana.gallery import PICTURES, WIDTH, main
from tests.grafana.boards import BOARDS, ROOT

PAGE = ROOT / "docs" / "gallery.md"
chromium = pytest.mark.tool(chromium="chromium")
RED, GREEN = b"\xff\x00\x00", b"\x00\xff\x00"
DASHBOARD = """<!doctype html>
<style>* { margin: 0 } .react-grid-item { height: 100px } .tall { height: 1000px }</style>
<script>
function opened(row) {
  row.parentElement.className = "react-grid-item";
  document.body.insertAdjacentHTML("beforeend", '<div class="react-grid-item tall"></div>');
  loading();
}
async function loading() {
  await fetch("/data");
  document.querySelector(".tall").style.background = "#00ff00";
}
</script>
<div class="react-grid-item" style="background: #ff0000"></div>
<div class="react-grid-item dashboard-row--collapsed">
  <button class="dashboard-row__title" onclick="opened(this)">Closed</button>
</div>
"""


class Grafana(ThreadingHTTPServer):
    """Lists dashboards and serves the same page for each."""

    daemon_threads = True

    def __init__(self, *uids: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.uids = uids
        self.asked: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Grafana

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/api/search"):
            found = [{"uid": uid, "url": f"/d/{uid}/title"} for uid in self.server.uids]
            self._answer("application/json", json.dumps(found))
        else:
            self._answer("text/html", DASHBOARD)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def _answer(self, content_type: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def grafana(request: pytest.FixtureRequest) -> Iterator[Grafana]:
    with Grafana(*getattr(request, "param", ("serverfleet-fleet", "serverfleet-server"))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def colours(png: bytes) -> list[bytes]:
    """Return the colour of the first pixel of each line of a PNG with a palette."""
    parts, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        parts[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += length + 12
    width, _, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (width, depth, kind) == (WIDTH, 8, 3)
    palette = parts[b"PLTE"]
    lines = zlib.decompress(parts[b"IDAT"])
    firsts = [lines[each] for each in range(1, len(lines), width + 1)]
    return [palette[3 * each : 3 * each + 3] for each in firsts]


@chromium
def test_a_picture_is_of_the_whole_dashboard_with_its_rows_open(
    grafana: Grafana, tmp_path: Path
) -> None:
    assert main(["--grafana", grafana.address, "--pictures", str(tmp_path)]) == 0

    assert {file.name for file in tmp_path.iterdir()} == {"fleet.png", "server.png"}
    lines = colours((tmp_path / "fleet.png").read_bytes())
    assert lines[:100] == [RED] * 100
    assert lines[200:1200] == [GREEN] * 1000
    assert len(lines) < 1220


@chromium
def test_a_dashboard_is_asked_for_without_menus_and_for_the_wanted_time(
    grafana: Grafana, tmp_path: Path
) -> None:
    main(["--grafana", f"{grafana.address}/", "--since", "now-30m", "--pictures", str(tmp_path)])

    assert "/d/serverfleet-fleet/title?kiosk&from=now-30m&to=now" in grafana.asked


@chromium
@pytest.mark.parametrize("grafana", [()], indirect=True)
def test_a_grafana_without_the_dashboards_is_an_error(
    grafana: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--grafana", grafana.address, "--pictures", str(tmp_path)]) == 1

    assert "shows no dashboard with the tag serverfleet" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--grafana", ""]])
def test_without_an_address_it_says_what_to_do(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    assert "make gallery GRAFANA_URL=http://127.0.0.1:3000" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_the_gallery_shows_every_dashboard(name: str) -> None:
    assert f"](pictures/{name}.png)" in PAGE.read_text(encoding="utf-8")


def test_every_picture_of_the_gallery_is_there_and_small_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\]\(pictures/([\w-]+\.png)\)", PAGE.read_text(encoding="utf-8")))
    files = {file.name: file.stat().st_size for file in PICTURES.glob("*")}

    assert shown == set(files)
    assert max(files.values()) < 300_000


def test_the_gallery_says_that_these_are_screenshots_of_grafana() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())

    assert "screenshots of a real Grafana" in text
