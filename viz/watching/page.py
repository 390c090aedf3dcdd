"""The live page: HTML with its style and its script; its content security policy lets only this script run."""

import base64
import hashlib
from importlib.resources import files
from string import Template


def page_and_policy() -> tuple[str, str]:
    """Return the page, and the policy that lets only its own script run and ask only its own server."""
    script = "\n".join(['"use strict";', _file("page", "view.js"), _file("watching", "live.js")])
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    style = "\n".join([_file("page", "player.css"), _file("watching", "live.css")])
    page = Template(_file("watching", "live.html")).substitute(style=style, script=script)
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    return page, policy


def _file(folder: str, name: str) -> str:
    return files("viz").joinpath(folder, name).read_text(encoding="utf-8").strip()
