"""Long texts as they are sent: zipped once, when they are made, not for each who asks."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from api.answers import JSON, is_known

_ZIP_LEVEL = 5


@dataclass(frozen=True)
class Packed:
    """
    A text as it is sent.

    Parameters
    ----------
    data
        The text, zipped.
    tag
        Tells it from others, and tells nothing of what is in it.
    """

    data: bytes
    tag: str


def pack(text: str, tag: str = "") -> Packed:
    """
    Zip a text.

    Parameters
    ----------
    text
        The text.
    tag
        What tells it from others; made of the text where empty.
    """
    body = text.encode()
    return Packed(gzip.compress(body, _ZIP_LEVEL, mtime=0), tag or hashlib.sha256(body).hexdigest()[:32])


def answer_packed(request: Request, packed: Packed) -> Response:
    """Answer with a zipped text, with 304 where the caller has it; plain where the caller cannot unzip."""
    tag = f'W/"{packed.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "X-API-Key, Accept-Encoding"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(packed.data), headers=headers, media_type=JSON)
    return Response(packed.data, headers={**headers, "Content-Encoding": "gzip"}, media_type=JSON)
