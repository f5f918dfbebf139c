"""Tables of addresses that the tests of matching share."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from gridplan.locator import Locator


def _invented() -> ModuleType:
    path = Path(__file__).with_name("invented.py")
    spec = importlib.util.spec_from_file_location("invented", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["invented"] = module
    spec.loader.exec_module(module)
    return module


def frame_of(rows: int, seed: int, style: str) -> pd.DataFrame:
    table = _invented().table(rows, np.random.default_rng(seed), style)
    return pd.DataFrame(
        {
            "address_id": [each.address_id for each in table],
            "address": [each.address for each in table],
            "aliases": [";".join(each.aliases) for each in table],
            "grid_code": [each.grid_code for each in table],
        }
    )


TOWN = "黑龙江省林海市东山区"
#: A town that a reader can keep in mind: two estates of one stem, phases, a yard, a village, a school.
ROWS = [
    ("C1", f"{TOWN}河畔街道红星社区光明路12号锦绣花园", "老纺织厂", "G1"),
    *(
        (f"C1-{k}", f"{TOWN}河畔街道红星社区光明路12号锦绣花园{k}号楼", "", "G1" if k < 3 else "G2")
        for k in range(1, 5)
    ),
    *((f"C2-{k}", f"{TOWN}站前街道铁路社区站前街8号锦绣家园{k}栋", "", "G3") for k in range(1, 4)),
    *((f"P1-{k}", f"{TOWN}站前街道铁路社区站前街20号翠湖小区一期{k}幢", "", "G4") for k in range(1, 4)),
    *((f"P2-{k}", f"{TOWN}站前街道铁路社区站前街22号翠湖小区二期{k}幢", "", "G4") for k in (1, 2)),
    ("Y", f"{TOWN}河畔街道红星社区光明路29号院", "", "G1"),
    ("Y-1", f"{TOWN}河畔街道红星社区光明路29号院1号楼", "", "G1"),
    ("D1", f"{TOWN}河畔街道红星社区光明路291号", "", "G2"),
    ("D2", f"{TOWN}河畔街道红星社区光明路74-1号", "", "G2"),
    ("V1", f"{TOWN}柳河镇青山村3组15号", "", "G5"),
    ("V2", f"{TOWN}河畔街道青山村3组15号", "", "G6"),
    ("S", f"{TOWN}河畔街道红星社区光明路40号红星社区卫生服务站", "", "G1"),
    ("T", f"{TOWN}河畔街道红星社区光明路50号滨江府A6号楼", "", "G2"),
    ("T2", f"{TOWN}河畔街道红星社区光明路50号滨江府9-1号楼", "", "G2"),
]


@pytest.fixture(scope="session")
def town() -> Locator:
    return Locator.from_table(pd.DataFrame(ROWS, columns=["address_id", "address", "aliases", "grid_code"]))


@pytest.fixture(scope="session")
def city_frame() -> pd.DataFrame:
    return frame_of(8_000, 21, "north")


@pytest.fixture(scope="session")
def city(city_frame: pd.DataFrame) -> Locator:
    return Locator.from_table(city_frame)
