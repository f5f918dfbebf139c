"""A desk over a store with one plan in force, its ground, and records drawn in its grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from stored import draw

from gridplan.incidents.ground import Ground
from gridplan.incidents.handling import read_handling
from gridplan.incidents.mapping import Layout
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.grounds import ground_in_force
from gridplan.store import Store

LAYOUT = Layout(source="热线")
HANDLING = read_handling()


def desk_of(store: Store) -> tuple[Incidents, Ground]:
    """Return a desk and the ground in force: the drawn plan, published where it is not."""
    if not store.all_in_force():
        store.publish(draw(), by="王强")
    return Incidents(store, HANDLING), ground_in_force(store)


def calls(count: int, seed: int = 1, *, closed: float = 0.5) -> pd.DataFrame:
    """Return records of a register: on houses of the drawn plan, a share of them closed."""
    rng = np.random.default_rng(seed)
    points = draw().grids.geometry.buffer(-15).sample_points(60, rng=seed).explode().to_crs(4326)
    chosen = rng.integers(0, len(points), count)
    begin = pd.Timestamp("2026-10-01T08:00") + pd.to_timedelta(rng.integers(0, 30 * 24 * 60, count), "min")
    hours = rng.integers(1, 200, count)
    done = rng.random(count) < closed
    end = [
        str(at + pd.Timedelta(hours=int(h))) if is_done else None
        for at, h, is_done in zip(begin, hours, done, strict=True)
    ]
    ratings = rng.choice(["满意", "基本满意", "不满意", ""], count)
    return pd.DataFrame(
        {
            "工单编号": [f"R{k:05d}" for k in range(count)],
            "受理时间": begin.astype(str),
            "类别": rng.choice(["噪音扰民", "暴露垃圾", "供水停水", "物业服务"], count),
            "办结时间": end,
            "满意度": np.where(done, ratings, ""),
            "经度": points.x.to_numpy()[chosen].round(7),
            "纬度": points.y.to_numpy()[chosen].round(7),
            "联系人": "张三",
            "电话": "13900000000",
            "地址": [f"花园街{k}号" for k in range(count)],
            "内容": "垃圾没人清",
        }
    ).astype(object)


def opened(desk: Incidents, ground: Ground, number: int = 1, **more: Any) -> str:
    """Open one matter in the first grid; return its id."""
    point = ground.grids.geometry.representative_point().to_crs(4326).iloc[0]
    record = {
        "source_id": f"D{number}",
        "reported_at": desk.now().isoformat(),
        "category": "noise",
        "lon": point.x,
        "lat": point.y,
        **more,
    }
    return desk.open(record, ground, by="李娜", source="窗口").incident.incident_id
