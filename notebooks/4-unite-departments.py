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
# # 4 多网合一 One net from many
#
# 公安、城管、消防、党建各有网格，互相重叠、留有空隙、跨社区。合成一张网，再看每个旧网格变成了什么。合成数据。
#
# Police, city management, fire and party each have grids that overlap, leave gaps and cross communities. Make one net
# of them, and see what became of every old grid. Synthetic data.

# %%
import gridplan
from gridplan.uniting.words import united_lines

source = gridplan.example("district", "work", households=11_250)
departments = gridplan.example("departments", "work", households=11_250)

# %% [markdown]
# 各部门的图层：名称，文件和图层。
#
# The departments' layers: name, file and layer.

# %%
layers = {
    "公安": f"{departments}:police",
    "城管": f"{departments}:city_management",
    "消防": f"{departments}:fire",
    "党建": f"{departments}:party",
}

# %% [markdown]
# ## 合并 Unite

# %%
united = gridplan.unite(source, layers, effort="quick")
print(united.plan.summary("zh"))

# %% [markdown]
# 每一层有哪些问题，新网格沿用了多少旧界线。
#
# What is wrong with each layer, and how much of the old borders the new grids follow.

# %%
print(*united_lines(united, "zh"), sep="\n")

# %%
print(*united_lines(united, "en"), sep="\n")

# %%
united.plan

# %% [markdown]
# ## 旧网格变成了什么？ What became of the old grids?
#
# 每个部门的户数合计都等于全区户数。
#
# The households of each department add up to all.

# %%
united.lineage.groupby("department")["households"].sum()

# %%
united.lineage.query("department == '公安'").head(10)

# %%
united.plan.write("work/united.gpkg")
