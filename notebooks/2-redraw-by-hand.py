# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 手工调整 Redraw by hand
#
# 每一步一行：改什么、为什么改；方案马上说出改变了什么；任何一步都能撤销。合成数据。
#
# One line each step: what and why. The plan says at once what it changed, and every step can be undone. Synthetic data.

# %%
import gridplan
import samples

source = gridplan.example("district", "work", households=11_250)
plan = gridplan.make_plan(source, effort="quick").by("王芳")

# %% [markdown]
# 选两个相邻的网格。平时从地图上抄编码；这里取户数最少的一格和它的邻居。
#
# Choose two neighbours. You would copy codes from the map; here it is the smallest grid and the one beside it.

# %%
one = samples.smallest(plan)
two = samples.neighbour(plan, one)
plan.grid(one)

# %% [markdown]
# ## 合并 Merge
#
# 合并后超过 500 户：方案会拒绝，并说明原因；什么都没有改变。
#
# Together they have more than 500 households: the plan refuses and says why; nothing has changed.

# %%
try:
    plan.merge(one, two)
except gridplan.EditRefused as refusal:
    print(refusal)

# %% [markdown]
# 坚持要合并，就写 `force=True`：允许，但记为一项例外。
#
# Insist with `force=True`: it is done, and kept as a named violation.

# %%
plan = plan.merge(one, two, name="滨河网格", force=True, reason="同一物业")
plan.last_edit.effects

# %% [markdown]
# ## 拆分 Split
#
# 把它重新分成两格：例外消失。
#
# Split it in two again: the violation is gone.

# %%
joined = plan.grids.query("name == '滨河网格'")["grid_code"].item()
plan = plan.split(joined, into=2, reason="户数过多")
plan.last_edit.effects

# %% [markdown]
# ## 移动一栋楼 Move a building
#
# 这里由示例挑一栋可以移的楼；平时写楼栋编号。
#
# Here the sample picks a building that can go; you would write its id.

# %%
building, target = samples.easy_move(plan)
plan = plan.move(building, to=target, reason="居民要求")
plan.last_edit.effects

# %% [markdown]
# ## 锁定，其余重划 Lock, and cut the rest anew
#
# 锁定的网格谁也不能改，重划也不改。
#
# Nothing changes a locked grid, neither an edit nor a new cut.

# %%
before = plan
plan = plan.lock(target, reason="居民已同意")
plan = plan.replan("unlocked", effort="quick", reason="其余再均衡一次")
plan.last_edit.effects

# %%
unchanged = before.compare(plan).pairs.query("change == 'unchanged'")["new_code"]
print("锁定的网格没有变 the locked grid is unchanged:", target in set(unchanged))

# %% [markdown]
# ## 撤销与重做 Undo and redo

# %%
replanned = plan
plan = plan.undo(reason="先不重划")
plan.history[["action", "author", "reason", "forced", "stands"]]

# %% [markdown]
# 撤销的可以重做；每次都是新方案，`plan` 本身不动，想要哪个就留哪个。
#
# What was undone can be made again. Each step is a new plan and `plan` itself stays: keep whichever you want.

# %%
again = plan.redo(reason="还是重划")
print("重做后与撤销前相同 the same as before the undoing:", again == replanned)
again.last_edit.effects

# %% [markdown]
# ## 试一试，再比较 Try something, and compare
#
# 在分支上试，原方案不动。地图显示哪些网格变了、哪些楼换了网格。
#
# Try it on a branch; the plan itself stays. The map shows which grids changed and which buildings change grid.

# %%
trial = plan.branch("拆分试验").split(plan.grids.nlargest(1, "households")["grid_code"].item(), into=2, force=True)
difference = plan.compare(trial)
print(*difference.lines("zh"), *difference.lines("en"), sep="\n")

# %%
difference

# %% [markdown]
# 保存，修改记录一并保存。
#
# Save, with the whole history.

# %%
plan.write("work/redrawn.gpkg")
gridplan.read_plan("work/redrawn.gpkg")
