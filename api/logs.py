"""The log: one JSON object a line on standard error, with request ids, and nothing of persons, places or keys."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

# Frames of a traceback that are told, the innermost last.
_MOST_FRAMES = 30


class JsonLines(logging.Formatter):
    """
    Writes a record as one line of JSON: ``at``, ``level``, ``logger``, ``message``, and the fields given with it.

    A fault that nobody foresaw is told by its class and by where it rose. Its message is not: it may hold what was
    asked for, an address or a telephone number.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["faults"] = _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def log_config(level: str = "INFO") -> dict[str, Any]:
    """
    Return the configuration of the service's logs, as `logging.config.dictConfig` and uvicorn take it.

    Parameters
    ----------
    level
        The least that is told.
    """
    loggers = {
        name: {"handlers": ["lines"], "level": level.upper(), "propagate": False} for name in ("gridplan", "uvicorn")
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "api.logs.JsonLines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "loggers": loggers,
    }


def _told(error: BaseException) -> list[str]:
    """Return the classes of an error and of those that led to it, with where each rose; no messages."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < _MOST_FRAMES:
        told.append(type(seen).__name__)
        frames = traceback.extract_tb(seen.__traceback__)[-_MOST_FRAMES:]
        told += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        seen = seen.__cause__ or seen.__context__
    return told
