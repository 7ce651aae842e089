"""A real browser, driven through chromedriver's plain HTTP (W3C WebDriver): no package is needed."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for found in map(shutil.which, BROWSERS) if found), None)
DRIVER = shutil.which("chromedriver")
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015"}


class Page:
    """An open window."""

    def __init__(self, address: str):
        self.address = address

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """One command of the protocol."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}/{path}", data, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns; it may await."""
        body = f"const [done] = [...arguments].slice(-1); (async (...args) => {{ {script} }})(...arguments).then(done)"
        return self.ask("execute/async", {"script": body, "args": arguments})

    def settle(self) -> None:
        """Wait until two frames were drawn."""
        self.run("await new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))")

    def open(self, address: str, width: int = 1600, dark: bool = False, height: int = 1000) -> None:
        """Open an address in a window of this size; narrow windows are phones, with touch."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.devtools("Emulation.setDeviceMetricsOverride", **size)
        self.devtools("Emulation.setTouchEmulationEnabled", enabled=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("url", {"url": "about:blank"})
        self.ask("url", {"url": address})
        self.settle()

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of Chromium's own protocol."""
        return self.ask("goog/cdp/execute", {"cmd": command, "params": parameters})

    def point(self, x: float, y: float, *, click: bool = False, touch: bool = False) -> None:
        """Move the pointer to a place of the window, and click if wanted."""
        steps: list[dict[str, Any]] = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}]
        if click or touch:
            steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        kind = "touch" if touch else "mouse"
        self.act({"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": steps})

    def press(self, *keys: str) -> None:
        """Keys, one after the other: names of KEYS, or text."""
        typed = [key for name in keys for key in ([KEYS[name]] if name in KEYS else name)]
        downs = [{"type": kind, "value": key} for key in typed for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keys", "actions": downs})

    def act(self, source: dict[str, Any]) -> None:
        """Input as a person gives it."""
        self.ask("actions", {"actions": [source]})
        self.settle()

    def log(self) -> list[dict[str, Any]]:
        """What the browser's console says: errors, and what the page's policy forbade."""
        return self.ask("se/log", {"type": "browser"})

    def quit(self) -> None:
        """Close the browser."""
        with urlopen(Request(self.address, method="DELETE"), timeout=60):
            pass

    def screenshot(self) -> bytes:
        """The window as PNG."""
        return b64decode(self.ask("screenshot"))


@contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """A browser without a window, for as long as the block runs.

    Args:
        folder: for its profile.
    """
    driver = subprocess.Popen([str(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert driver.stdout
        said = (re.search(r"started successfully on port (\d+)", line) for line in driver.stdout)
        address = f"http://127.0.0.1:{next(found[1] for found in said if found)}"
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}"]
        wanted = {"goog:chromeOptions": {"binary": BROWSER, "args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        session = Page(address).ask("session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        page = Page(f"{address}/session/{session}")
        try:
            yield page
        finally:
            page.quit()
    finally:
        driver.terminate()
        driver.wait()
