"""The content security policy of a page: its own scripts and styles by hash, images inside it, nothing else."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

_SANDBOX = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"


class _Inlined(HTMLParser):
    """Collects the text of the scripts that run and of the style sheets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.texts and ("type", "application/json") not in attrs:
            self._open = tag
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data


def content_policy(skeleton: str) -> str:
    """
    Return the content security policy that allows the scripts and styles of a page and nothing else.

    Parameters
    ----------
    skeleton
        The page without the planner's data.
    """
    parser = _Inlined()
    parser.feed(skeleton)
    parser.close()
    sources = {tag: " ".join(_hash_source(text) for text in texts) for tag, texts in parser.texts.items()}
    return f"{_SANDBOX}; script-src {sources['script']}; style-src {sources['style']}"


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
