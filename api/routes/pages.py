"""The map viewer at ``/``: a page that holds nothing but itself, and its scripts, styles and images."""

from __future__ import annotations

import hashlib
import html
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles

from api.access import open_to_all
from api.basemap import Basemap, media_type
from api.problems import NOT_FOUND, UNAVAILABLE, ProblemError
from maps import vendor

ROOT = Path(vendor.HERE) / "static"
_MOST_ZOOM = 24
FOLDERS = ("viewer", "plan", "vendor")
# Nothing runs, loads or is asked of, but what this service itself serves; no other page may frame it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{images}; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

router = APIRouter(tags=["viewer"])


class Unchanging(StaticFiles):
    """Files below a path that names their content, so that browsers need never ask again."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Answer with a file."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


@cache
def content_name() -> str:
    """Return a name for what the viewer's files hold now: part of their path, so that it changes with them."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def serve_files(app: FastAPI) -> None:
    """
    Let an application serve the viewer's files.

    Parameters
    ----------
    app
        The application.
    """
    app.mount(f"/static/{content_name()}", Unchanging(directory=ROOT), name="static")


@router.get("/", response_class=Response, **open_to_all())
async def viewer(request: Request) -> Response:
    """Return the page of the map viewer; what it shows, it asks for with the key that it is given."""
    if not vendor.is_complete():
        raise ProblemError(UNAVAILABLE, "maps/static/vendor is missing or changed; run: python -m maps.vendor")
    text = (ROOT / "viewer" / "index.html").read_text(encoding="utf-8")
    base = html.escape(f"{request.scope.get('root_path', '')}/static/{content_name()}", quote=True)
    links = "".join(f'<link rel="modulepreload" href="{base}/viewer/{name}">\n' for name in modules())
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(images=_images(request))}
    return Response(text.replace("{modules}", links).replace("{base}", base), headers=headers, media_type="text/html")


@router.get("/tiles/{z}/{x}/{y}", include_in_schema=False)
def tile(z: int, x: int, y: int, request: Request) -> Response:
    """Return a tile of the base map that the operator has set; images are asked for without a key."""
    found: Basemap | None = request.app.state.basemap
    known = found is not None and 0 <= z <= _MOST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z
    data = found.read(z, x, y) if found is not None and known and found.read is not None else None
    if data is None:
        raise ProblemError(NOT_FOUND, f"there is no tile {z}/{x}/{y}")
    return Response(data, media_type=media_type(data), headers={"Cache-Control": "public, max-age=86400"})


def _images(request: Request) -> str:
    found: Basemap | None = request.app.state.basemap
    return "".join(f" {origin}" for origin in (found.origins if found is not None else ()))


@cache
def modules() -> tuple[str, ...]:
    """Return the names of the viewer's scripts, all fetched at once rather than one after another."""
    return tuple(sorted(path.relative_to(ROOT / "viewer").as_posix() for path in (ROOT / "viewer").rglob("*.js")))
