"""
A branca figure whose page is one file that loads nothing: every link is inlined from the vendored files.

folium asks content networks for its JavaScript and CSS when the page opens. Here the figure's header takes each
link as folium adds it, finds the vendored file and inlines it; an address that the manifest does not know
raises, so that an upgrade of folium which adds a file fails a test and not a planner's intranet.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2 import Template

from gridplan.errors import GridplanError
from maps import vendor
from maps.policy import content_policy

_CSS_URL = re.compile(r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)['\"]?\s*\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


class ExternalAssetError(GridplanError, LookupError):
    """A map element asks for a file that is not among the vendored ones."""


class InlineScript(Element):
    """
    JavaScript inside the page.

    Parameters
    ----------
    text
        Source text; branca never compiles it as a template.
    """

    _template = Template("<script>{{ this.text }}</script>")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "InlineScript"
        self.text = _closed_in(text, "script")


class InlineStyle(Element):
    """
    A style sheet inside the page.

    Parameters
    ----------
    text
        Source text; branca never compiles it as a template.
    """

    _template = Template("<style>{{ this.text }}</style>")

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "InlineStyle"
        self.text = _closed_in(text, "style")


def _closed_in(text: str, tag: str) -> str:
    """Refuse text that would end its own element; browsers hash a policy's scripts with LF line ends."""
    if f"</{tag}" in text.lower():
        raise ValueError(f"a {tag} to inline contains its own end tag")
    return text.replace("\r\n", "\n")


def find_asset(url: str, manifest: tuple[vendor.Asset, ...]) -> vendor.Asset:
    """
    Return the vendored file that an address stands for.

    Parameters
    ----------
    url
        Address as a folium element gives it; it ends with ``package@version/path``.
    manifest
        The vendored files.

    Raises
    ------
    ExternalAssetError
        Where no file of the manifest has this package, version and path.
    """
    for asset in manifest:
        if url.endswith("/" + asset.tail):
            return asset
    raise ExternalAssetError(f"{url} is not in maps/assets/manifest.json: a page may load nothing from a network")


def vendored_url(package: str, path: str) -> str:
    """
    Return the address by which an element of ours asks for a vendored file, whichever version is vendored.

    Parameters
    ----------
    package, path
        npm package and path inside it.

    Raises
    ------
    ExternalAssetError
        Where the manifest has no such file.
    """
    for asset in vendor.read_manifest():
        if (asset.package, asset.path) == (package, path):
            return f"vendor/{asset.tail}"
    raise ExternalAssetError(f"{package}/{path} is not in maps/assets/manifest.json")


def inline_asset(asset: vendor.Asset, manifest: tuple[vendor.Asset, ...]) -> Element:
    """
    Return a vendored script or style sheet as an element that holds its text, its licence on top.

    Parameters
    ----------
    asset
        A file that ends with ``.js`` or ``.css``.
    manifest
        The vendored files, for the licence and the images that a style sheet names.
    """
    text = vendor.read_asset(asset).decode("utf-8")
    if asset.path.endswith(".css"):
        return InlineStyle(_with_images(text, asset, manifest))
    licence = vendor.read_asset(_sibling(asset, "LICENSE", manifest)).decode("utf-8").strip()
    return InlineScript(f"/*!\n{licence}\n*/\n{_SOURCE_MAP.sub('', text)}")


def _sibling(asset: vendor.Asset, path: str, manifest: tuple[vendor.Asset, ...]) -> vendor.Asset:
    for other in manifest:
        if (other.package, other.path) == (asset.package, path):
            return other
    raise ExternalAssetError(f"{asset.place} needs {path}, which is not in maps/assets/manifest.json")


def _with_images(css: str, asset: vendor.Asset, manifest: tuple[vendor.Asset, ...]) -> str:
    """Replace each image that a style sheet names by its content."""

    def inline(match: re.Match[str]) -> str:
        image = _sibling(asset, (Path(asset.path).parent / match[1]).as_posix(), manifest)
        data = base64.b64encode(vendor.read_asset(image)).decode("ascii")
        return f"url(data:image/{Path(image.path).suffix[1:]};base64,{data})"

    return _CSS_URL.sub(inline, css)


class _Header(Element):
    """Header of a figure that inlines each link as it is added, whoever adds it."""

    def __init__(self) -> None:
        super().__init__()
        self._name = "Header"
        self.manifest = vendor.read_manifest()

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Element:
        if isinstance(child, JavascriptLink | CssLink):
            child = inline_asset(find_asset(child.url, self.manifest), self.manifest)
        return super().add_child(child, name=name, index=index)


class OfflineFigure(Figure):
    """
    A figure that renders to one file which loads nothing and runs no script but its own.

    The page's data stand in a JSON block, which browsers never run, and its content security policy names
    each script and style by hash. The hashes are taken from the page before title and data are filled in:
    whatever a name in the data may hold, it cannot become a script that the policy allows.

    Parameters
    ----------
    lang
        Language of the page, ``zh`` or ``en``.
    """

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang|e }}">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy|e }}">\n'
        '<link rel="icon" href="data:,">\n'
        "<title>{{ this.title|e }}</title>\n"
        "{{ this.header.render(**kwargs) }}\n"
        "{{ this.own.render(**kwargs) }}\n"
        "</head>\n"
        "<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        '<script type="application/json" id="plan-data">{{ this.data }}</script>\n'
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n"
        "</body>\n"
        "</html>\n"
    )

    def __init__(self, lang: str = "zh") -> None:
        super().__init__()
        self.header = _Header()
        self.header._parent = self
        self.own = Element()  # our scripts and styles, after those of folium so that they win
        self.own._parent = self
        self.lang = lang
        self._blank()

    def _blank(self) -> None:
        self.title = self.data = self.policy = ""

    def page(self, title: str, data: str) -> str:
        """
        Return the whole page.

        Parameters
        ----------
        title
            Title of the page, any text.
        data
            JSON made by :func:`maps.payload.dump`, with no ``<`` in it.

        Raises
        ------
        ValueError
            Where the JSON holds a ``<`` that could end its element.
        """
        if "<" in data:
            raise ValueError("the data of a page must not contain '<'")
        self._blank()
        self.policy = content_policy(self.render())
        self.title, self.data = title, data
        return str(self.render())


def own_text(*parts: str) -> str:
    """
    Return a text file of our own from ``maps/static``.

    Parameters
    ----------
    parts
        Path below ``maps/static``.
    """
    return Path(vendor.HERE, "static", *parts).read_text(encoding="utf-8")


def page_words() -> dict[str, dict[str, list[str]]]:
    """Return the words of a page by group and key, Chinese and English: those of the catalogue, and its own."""
    words: dict[str, dict[str, list[str]]] = json.loads(own_text("terms.json"))
    words |= json.loads(own_text("plan", "words.json"))
    words["step"] |= words["change"]
    return words


def elements_of(*names: str) -> list[Any]:
    """
    Return our own scripts and style sheets as elements.

    Parameters
    ----------
    names
        File names below ``maps/static/plan``, in the order in which they run.
    """
    kinds = {".js": InlineScript, ".css": InlineStyle}
    return [kinds[Path(name).suffix](own_text("plan", name)) for name in names]
