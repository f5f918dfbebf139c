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
# # 1 第一个方案 First plan
#
# 把一个小区域的社区划成每格 300-500 户的网格。数据是程序生成的，不对应任何真实地方。按 Shift+Enter 逐格运行。
#
# Cut the communities of a small area into grids of 300-500 households. The data are synthetic: every place and count
# in them is generated. Run cell after cell with Shift+Enter.

# %%
import gridplan

# %% [markdown]
# 写出示例数据：三个社区，约一万一千户。
#
# Write the sample: three communities, about 11,000 households.

# %%
source = gridplan.example("district", "work", households=11_250)

# %% [markdown]
# 先检查数据：有错会全部列出。
#
# Check the data first: all faults are listed at once.

# %%
print(gridplan.check_source(source).text("zh"))

# %% [markdown]
# 编制方案。`effort="quick"` 几秒钟；正式方案去掉它。
#
# Make the plan. `effort="quick"` takes seconds; leave it out for the plan that counts.

# %%
plan = gridplan.make_plan(source, effort="quick")
print(plan.summary("zh"))
print(plan.summary("en"))

# %% [markdown]
# 看地图：点网格看户数和工作量，右上角可切换语言。不需要上网。
#
# Look at the map: click a grid for its households and work. No network is needed.

# %%
plan

# %% [markdown]
# 表格：户数最多的五个网格。
#
# As a table: the five grids with most households.

# %%
plan.grids.nlargest(5, "households")[["grid_code", "name", "households", "persons", "units", "work_min"]]

# %% [markdown]
# ## 为什么有一个网格超过 500 户？ Why has one grid more than 500 households?
#
# 上面，超过 500 户的高楼按单元分成了两格。如果规定高楼不分单元，它就自成一格；方案会说明原因，以及是否已证明无法避免。
#
# Above, a tower of more than 500 households was divided by entrance. If the rules keep towers whole, it is a grid of
# its own; the plan names the reason, and whether it is proven that there is no other way.

# %%
whole = gridplan.make_plan(source, {"divide_towers": False}, effort="quick")
print(whole.summary("zh"))
print(whole.summary("en"))

# %%
whole.violations[["grid_code", "value", "limit", "reason", "proven"]]

# %% [markdown]
# 在地图上看这一格。
#
# Look at that grid on the map.

# %%
whole.grid(whole.violations["grid_code"].iloc[0])

# %% [markdown]
# 保存。一个文件，QGIS 也能打开。
#
# Save. One file, which QGIS opens as well.

# %%
plan.write("work/first-plan.gpkg")
