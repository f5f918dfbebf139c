# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6 用自己的数据 Your own data
#
# 一个 GBK 编码的社区 shapefile、一张火星坐标的 Excel 户数表、一份道路：说明各列的意思，检查，改错，编制方案。
# 这里的文件由示例生成（合成数据），并故意放进几处错误。
#
# A shapefile of communities in GBK, an Excel sheet of households in GCJ-02, streets: say what the columns mean, check,
# mend, plan. The files here are made by the sample (synthetic), with some slips put in on purpose.

# %%
from pathlib import Path

import pandas as pd

import gridplan
import samples

# %%
example = gridplan.example("district", "work", households=11_250)
folder = samples.office_files(example, Path("work/office"))
sorted(path.name for path in folder.iterdir())

# %%
sheet = pd.read_excel(folder / "户数.xlsx", dtype={"编号": str})
sheet.head()

# %% [markdown]
# ## 列的对应 Which column is which
#
# 等号左边是 gridplan 的列名，右边是您文件里的列名。全部写法见 docs/sources.md。
#
# Left of the equals sign stands gridplan's column, right of it yours. All of it is in docs/sources.md.

# %%
(folder / "gridplan.toml").write_text(
    """
[source]
households_are = "synthetic"
[layers.communities]
path = "社区.shp"
columns = { community_code = "SQDM", name = "SQMC" }
[layers.buildings]
path = "户数.xlsx"
columns = { building_id = "编号", households = "户数", floors = "层数", lon = "经度", lat = "纬度" }
datum = "gcj02"
[layers.barriers]
path = "道路.gpkg"
columns = { kind = "LX" }
""",
    encoding="utf-8",
)

# %% [markdown]
# ## 检查 Check
#
# 所有问题一次列出：在哪一行、应该是什么、怎么办。
#
# All faults at once: which rows, what was expected, what to do.

# %%
print(gridplan.check_source(folder / "gridplan.toml").text("zh"))

# %%
print(gridplan.check_source(folder / "gridplan.toml").text("en"))

# %% [markdown]
# ## 改两处 Mend two
#
# “约40”改成 40；重复的编号加上后缀。在 Excel 里改也一样。
#
# "约40" becomes 40; the id that comes twice gets a suffix. Mending them in Excel is just as good.

# %%
sheet["户数"] = sheet["户数"].replace("约40", 40)
sheet["编号"] = sheet["编号"].where(~sheet["编号"].duplicated(), sheet["编号"] + "-2")
sheet.to_excel(folder / "户数.xlsx", index=False)

# %% [markdown]
# ## 接受一处，估算空缺 Accept one, estimate what is missing
#
# 一栋楼的坐标在区外：接受（这栋楼不计，方案会写明）。三栋楼没有户数：按层数估算并标明。
#
# One building lies outside: accepted (it is left out, and the plan says so). Three buildings have no count: estimated
# from their floors, and marked.

# %%
choices = {"accept": ["buildings-outside"], "estimate": True}
report = gridplan.check_source(folder / "gridplan.toml", **choices)
print(report.text("zh"))

# %%
plan = gridplan.make_plan(folder / "gridplan.toml", effort="quick", **choices)
print(plan.summary("zh"))
print(plan.summary("en"))

# %%
plan

# %% [markdown]
# 哪些户数是估算的？
#
# Which households are estimates?

# %%
plan.units.query("estimated == 1")[["building_id", "households", "grid_code"]]

# %%
plan.write("work/own-plan.gpkg")
