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
# # 3 普查后修订 Revise after a census
#
# 一年以后户数变了。保留仍然合规的网格，尽量少让居民换网格。合成数据，普查数字也是编造的。
#
# A year later the households have changed. Keep the grids that still fit; let as few households as possible change
# grid. Synthetic data; the census is made up too.

# %%
from pathlib import Path

import gridplan
import samples

# %% [markdown]
# 今天的方案。
#
# The plan of today.

# %%
source = gridplan.example("district", "work", households=11_250)
today = gridplan.make_plan(source, effort="quick")
today.write("work/today.gpkg")
print(today.summary("zh"))

# %% [markdown]
# ## 新的户数 The new counts
#
# 普查给出每栋楼的新户数。
#
# The census gives each building's new count.

# %%
census = samples.census(source, Path("work"))

# %% [markdown]
# 说明每一层数据在哪里：楼栋用普查的，现有网格用今天的方案，其余照旧。
#
# Say where each layer is: buildings from the census, today's grids from today's plan, the rest as it was.

# %%
Path("work/next-year.toml").write_text(
    """
[source]
households_are = "synthetic"
[layers.communities]
path = "synthetic-district.gpkg"
layer = "communities"
[layers.barriers]
path = "synthetic-district.gpkg"
layer = "barriers"
[layers.exclusive]
path = "synthetic-district.gpkg"
layer = "exclusive"
[layers.buildings]
path = "census.gpkg"
layer = "buildings"
[layers.entrances]
path = "census.gpkg"
layer = "entrances"
[layers.grids]
path = "today.gpkg"
layer = "grids"
""",
    encoding="utf-8",
)
print(gridplan.check_source("work/next-year.toml").text("zh"))

# %% [markdown]
# ## 修订 Revise

# %%
revised = gridplan.revise("work/next-year.toml", effort="quick")
print(revised.summary("zh"))
print(revised.summary("en"))

# %% [markdown]
# 哪些网格变了？哪些居民换了网格？
#
# Which grids changed? Who changes grid?

# %%
difference = today.compare(revised)
print(*difference.lines("zh"), *difference.lines("en"), sep="\n")

# %%
difference

# %% [markdown]
# 变动表：从哪一格到哪一格，多少户。可以另存为 Excel。
#
# The list of changes: from which grid to which, how many households.

# %%
moves = difference.pairs.query("old_code != new_code")
moves[["old_code", "new_code", "change", "households", "old_share", "new_share"]]

# %% [markdown]
# ## 与重新划分比较 Against a fresh cut
#
# 如果不管现有网格、全部重划，会有多少户换网格？
#
# And if all were cut afresh, without regard to today's grids?

# %%
fresh = gridplan.make_plan("work/next-year.toml", effort="quick")
print("修订 revised:", difference.households_moved, "户 households")
print("重划 fresh:  ", today.compare(fresh).households_moved, "户 households")

# %% [markdown]
# ## 统计换算到新网格 Figures for the new grids
#
# 去年按老网格统计的数字，按户数换算到新网格，合计一个不差。
#
# Last year's figures by old grid, shared out among the new ones by households; the sum stays the same.

# %%
incidents = dict.fromkeys(today.grids["grid_code"], 100)
restated = difference.restate(incidents)
print(sum(incidents.values()), "=", restated.sum())
restated.head()

# %%
revised.write("work/next-year-plan.gpkg")
