"""How does the exporter's own status page look in a browser?"""

import asyncio
import tempfile
from pathlib import Path

from grafana.gallery.canvas import save_small
from grafana.gallery.prometheus import ToolError

_SIZE = "1280,1720"
_LONGEST = 60.0
STYLES = {"light": "1", "dark": "0"}
"""What Chromium calls each preferred colour scheme."""


async def take_screenshot(address: str, file: Path, style: str) -> None:
    """Take a picture of a page with a headless Chromium of its own profile."""
    with tempfile.TemporaryDirectory() as profile:
        raw = Path(profile) / "page.png"
        process = await asyncio.create_subprocess_exec(
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            # Time for what the page asks the exporter after it has been loaded.
            "--virtual-time-budget=3000",
            f"--blink-settings=preferredColorScheme={STYLES[style]}",
            f"--user-data-dir={profile}",
            f"--window-size={_SIZE}",
            f"--screenshot={raw}",
            address,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_LONGEST):
                _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if not raw.exists():
            raise ToolError(f"chromium wrote no picture: {said.decode(errors='replace')[-500:]}")
        save_small(raw.read_bytes(), file)
