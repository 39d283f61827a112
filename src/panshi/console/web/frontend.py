"""Collects what pages load from the front-end packages that npm has installed.

    python -m panshi.console.web.frontend FOLDER

FOLDER has `node_modules`. Nothing of these packages is in the repository; a built wheel has them.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

VENDOR: Final = Path(__file__).resolve().parent / "static" / "vendor"
FILES: Final = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "echarts/LICENSE": "echarts.LICENSE",
    "echarts/NOTICE": "echarts.NOTICE",
}
ICONS: Final = [
    "activity",
    "alert-triangle",
    "arrows-exchange",
    "bell",
    "building",
    "calendar",
    "calendar-event",
    "check",
    "checklist",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "circle-check",
    "circle-x",
    "clock",
    "clock-24",
    "dots",
    "download",
    "eye",
    "file-text",
    "filter",
    "gauge",
    "history",
    "home-2",
    "inbox",
    "key",
    "language",
    "layout-dashboard",
    "link",
    "list-details",
    "lock",
    "logout",
    "message-check",
    "network",
    "paperclip",
    "pencil",
    "plus",
    "printer",
    "replace",
    "search",
    "server-2",
    "settings",
    "shield-check",
    "shield-lock",
    "stack-2",
    "upload",
    "user",
    "user-shield",
    "users",
    "x",
]
MAP: Final = re.compile(r"\n?/[/*]# sourceMappingURL=\S+(?: \*/)?\s*$")
DRAWING: Final = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>")


def collect(installed: Path, target: Path = VENDOR) -> None:
    """Copy the files and draw the icons into one sprite.

    Args:
        installed: The folder `node_modules`.
        target: Folder of the static files; it is made anew.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for source, name in FILES.items():
        # The maps of the sources are not served, so nothing may point to them.
        text = MAP.sub("", (installed / source).read_text(encoding="utf-8"))
        (target / name).write_text(text, encoding="utf-8")
    outline = installed / "@tabler/icons/icons/outline"
    symbols = [
        _symbol(name, (outline / f"{name}.svg").read_text(encoding="utf-8")) for name in ICONS
    ]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (target / "icons.svg").write_text(sprite, encoding="utf-8")


def _symbol(name: str, text: str) -> str:
    strokes = [stroke for stroke in DRAWING.findall(text) if 'd="M0 0h24v24H0z"' not in stroke]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(strokes)}</symbol>'


if __name__ == "__main__":
    collect(Path(sys.argv[1]) / "node_modules")
