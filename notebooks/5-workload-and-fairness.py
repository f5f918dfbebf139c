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
# # 5 工作量与公平 Workload and fairness
#
# 豫都花园：40 栋、108 个单元、1856 户、4860 人，四个网格员，人均超过一千人。应该分几格？每人承担多少？
# 总数有出处，图形和分布是编造的。
#
# Yudu garden: 40 buildings, 108 entrances, 1,856 households, 4,860 people, four workers with over 1,000 people each.
# How many grids should it be, and what does each worker carry? The totals have a source; drawing and shares are ours.

# %%
import gridplan

estate = gridplan.read_source(gridplan.example("yudu", "work"))

# %% [markdown]
# ## 今天的四格 The four grids of today
#
# 修订今天的网格：都在 300-500 户之内，所以一格不动。但是每格都超过一千人。
#
# Revised, today's grids stay: all have 300-500 households. But each has over 1,000 people.

# %%
today = gridplan.revise(estate)
columns = ["grid_code", "households", "persons", "units", "work_min"]
today.grids[columns].assign(hours=(today.grids["work_min"] / 60).round())

# %% [markdown]
# ## 每人最多一千人 At most 1,000 people each

# %%
relieved = gridplan.make_plan(estate, {"persons_maximum": 1000})
relieved.grids[columns].assign(hours=(relieved.grids["work_min"] / 60).round())

# %%
relieved

# %% [markdown]
# 哪些楼换了网格？
#
# Which buildings change grid?

# %%
today.compare(relieved)

# %% [markdown]
# ## 有多公平？ How fair is it?
#
# 变异系数（cv）和基尼系数（gini）越接近 0 越均衡；`max_to_mean` 是最忙的网格员与平均的比。
#
# The nearer cv and gini are to 0, the more even; `max_to_mean` is the busiest worker against the mean.

# %%
for name, plan in {"今天 today": today, "减负后 relieved": relieved}.items():
    work = plan.report["measures"]["work_min_per_grid"]
    print(f"{name}: cv {work['cv']:.3f}, gini {work['gini']:.3f}, max/mean {work['max_to_mean']:.2f}")

# %% [markdown]
# ## 换一套权重 Other weights
#
# 工作量公式没有国家标准，默认权重是我们的假设。例如独居老人每月 120 分钟：
#
# No official formula exists; the default weights are our assumptions. Say, 120 minutes a month for each old person who
# lives alone:

# %%
caring = {"persons_maximum": 1000, "work": {"special": {"elderly_alone": 120.0}}}
gridplan.make_plan(estate, caring).grids[columns]

# %% [markdown]
# ## 权重有多要紧？ How much do the weights matter?
#
# 每个权重加减 20 %，各重划一次。第一行只换随机数：变动不比它大的权重，不起决定作用。
#
# Each weight up and down by 20 %, planned anew. The first row changes only the random numbers: a weight that moves no
# more households than that decides nothing.

# %%
found = gridplan.sensitivity(estate, gridplan.Rules(persons_maximum=1000))
found.scenarios[["weight", "change", "share_of_work", "share_moved", "work_cv"]].round(3)
