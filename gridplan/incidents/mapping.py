"""Which column of a foreign table is what: given, or recognised by the names that registers use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from zoneinfo import available_timezones

from gridplan.datum import DATUMS, Datum
from gridplan.errors import IncidentError
from gridplan.schema import nearest

#: What a column may be, and the names by which it is recognised, the likeliest first; see docs/incidents.md.
KNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "source_id": (
            "incident_id", "source_id", "工单编号", "事件编号", "编号", "案件编号", "case_enquiry_id", "case_id",
            "service_request_id", "ticket_id", "unique_key", "id",
        ),
        "reported_at": (
            "reported_at", "上报时间", "受理时间", "来电时间", "发生时间", "接收时间", "创建时间", "open_dt",
            "requested_datetime", "created_date", "created_at", "datetime", "date+time", "日期+时间", "日期", "date",
        ),
        "category": (
            "category", "类别", "事件类别", "工单类别", "问题类型", "事件类型", "类型", "service_name", "type",
            "reason", "complaint_type", "object1",
        ),
        "level": ("level", "等级", "紧急程度"),
        "urgent": ("urgent", "紧急", "是否紧急"),
        "status": ("status", "状态", "工单状态", "case_status"),
        "closed_at": (
            "closed_at", "办结时间", "结案时间", "closed_dt", "closed_date", "updated_datetime",
        ),
        "due_at": ("due_at", "办结时限", "截止时间", "处理时限", "target_dt", "due_date", "expected_datetime"),
        "on_time": ("on_time", "是否按时", "按时办结", "ontime_status", "ontime", "sla_status"),
        "rating": ("satisfaction", "rating", "满意度", "回访结果", "评价"),
        "minutes": ("minutes", "用时", "处置分钟", "work_min"),
        "lon": ("lon", "lng", "longitude", "long", "经度", "經度", "x"),
        "lat": ("lat", "latitude", "纬度", "緯度", "y"),
        "address": ("address", "地址", "事发地址", "详细地址", "案发地址", "location", "incident_address"),
        "community": ("community", "社区", "社區", "所属社区", "community_name", "里", "village", "村居"),
        "reporter": ("reporter", "联系人", "来电人", "上报人", "反映人"),
        "phone": ("phone", "电话", "联系电话", "来电号码", "手机"),
        "words": ("words", "description", "问题描述", "诉求内容", "内容", "描述", "case_title"),
    }
)  # fmt: skip
REQUIRED = ("source_id", "reported_at", "category")
PERSONAL = ("reporter", "phone", "address", "words")


@dataclass(frozen=True)
class Layout:
    """
    How a foreign table is read.

    Parameters
    ----------
    columns
        Names in the table by ours; ``date+time`` joins two. What is not named is recognised, ``""`` takes none.
    constants
        Values of columns that the table lacks: ``category``, ``level``, ``address``.
    source
        Name of the register; an incident is known by it and by its id there.
    layer
        Layer of a geofile; the only one, or ``incidents``, where empty.
    zone
        IANA name of the time zone of times that state none; "" takes the calendar's.
    datum
        Datum of ``lon`` and ``lat``.
    day_first
        Whether 03/04/2026 is the third of April.
    categories
        Our codes by the register's names, before names of the tree.
    closed
        Words of ``status`` that mean closed, where ``closed_at`` is empty.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    layer: str = ""
    zone: str = ""
    datum: Datum = "wgs84"
    day_first: bool = False
    categories: Mapping[str, str] = field(default_factory=dict)
    closed: tuple[str, ...] = ("closed", "办结", "结案", "已办结", "已结案", "完成", "fixed", "resolved")

    def __post_init__(self) -> None:
        faults = [
            f"columns: {name!r} is none of ours; the nearest is {nearest(name, list(KNOWN)) or '-'}"
            for name in (*self.columns, *self.constants)
            if name not in KNOWN
        ]
        if self.datum not in DATUMS:
            faults.append(f"datum: expected one of {', '.join(DATUMS)}; found {self.datum!r}")
        if self.zone and self.zone not in available_timezones():
            faults.append(f"zone: expected the name of a time zone, such as Asia/Shanghai; found {self.zone!r}")
        if faults:
            raise IncidentError("; ".join(faults))

    def with_columns(self, pairs: Sequence[str]) -> Layout:
        """
        Return it with more columns.

        Parameters
        ----------
        pairs
            ``OURS=THEIRS`` each.
        """
        wrong = [pair for pair in pairs if "=" not in pair]
        if wrong:
            raise IncidentError(f"columns: expected OURS=THEIRS; found {', '.join(wrong)}")
        more = {name.strip(): theirs.strip() for name, _, theirs in (pair.partition("=") for pair in pairs)}
        return replace(self, columns={**self.columns, **more})

    def find(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """
        Return the columns of a table by ours; several are joined.

        Parameters
        ----------
        names
            Names of the table's columns.

        Raises
        ------
        IncidentError
            If a column that was named does not exist, or one that is needed is not found; all at once.
        """
        found, faults = {}, []
        for ours in KNOWN:
            given = self.columns.get(ours)
            theirs = _recognised(ours, names) if given is None else tuple(filter(None, given.split("+")))
            lost = [name for name in theirs if name not in names]
            faults += [f"{ours}: no column {name!r}; the nearest is {nearest(name, names) or '-'}" for name in lost]
            if theirs and not lost:
                found[ours] = theirs
        missing = [ours for ours in REQUIRED if ours not in found and ours not in self.constants]
        faults += [f"{ours}: no column is recognised; name it ({ours}=COLUMN)" for ours in missing]
        if faults:
            raise IncidentError(f"{'; '.join(dict.fromkeys(faults))}. The table has: {', '.join(names) or '-'}")
        return found


def _recognised(ours: str, names: Sequence[str]) -> tuple[str, ...]:
    plain = {_plain(name): name for name in reversed(names)}
    for known in KNOWN[ours]:
        parts = [_plain(part) for part in known.split("+")]
        if all(part in plain for part in parts):
            return tuple(plain[part] for part in parts)
    return ()


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign not in " _-\ufeff")


def read_layout(path: Path) -> Layout:
    """
    Read a layout from TOML; its keys are the parameters of `Layout`.

    Raises
    ------
    IncidentError
        If it cannot be read, or a key is unknown or of the wrong kind.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IncidentError(f"{path}: expected TOML: {error}") from error
    shape = {each.name: each for each in fields(Layout)}
    unknown = [f"{key!r} (nearest: {nearest(key, list(shape)) or '-'})" for key in table if key not in shape]
    if unknown:
        raise IncidentError(f"{path}: unknown keys {', '.join(unknown)}")
    wrong = [key for key, value in table.items() if not _fits(key, value)]
    if wrong:
        raise IncidentError(f"{path}: keys of the wrong kind: {', '.join(wrong)}")
    return Layout(**cast("dict[str, Any]", {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}))


def _fits(key: str, value: object) -> bool:
    if key in {"columns", "constants", "categories"}:
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if key == "closed":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, bool if key == "day_first" else str)
