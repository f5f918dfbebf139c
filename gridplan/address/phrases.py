"""What people say before and behind an address, and when they give none: for made queries."""

from __future__ import annotations

#: Before an address.
BEFORE = (
    "我家住在", "您好，我是", "地址：", "地址是", "位于", "在", "家住", "住址", "报修地址：", "诉求地址:", "来电人反映",
    "市民反映：", "嗯我在那个", "喂你好我这是", "我住", "请送到", "麻烦到", "业主在",
)  # fmt: skip
#: Behind an address.
AFTER = (
    "附近", "旁边", "对面", "门口", "楼道灯坏了", "暖气不热", "下水道堵了", "水管漏水没人管", "电梯坏了两个月",
    "有人乱停车", "楼下烧烤店扰民", "的住户", "路灯不亮", "单元门坏了", "垃圾没人清", "已断水2天",
    "晚上10点还在施工", "（请送货上门）", "，联系人李女士",
)  # fmt: skip
#: Numbers that are no part of an address.
NOISE = (" 13800000000", " 电话138****0000", "（2024年3月）", "，昨晚8点30分")
#: No address at all.
CHATTER = (
    "你们几点下班", "谢谢再见", "我要投诉物业乱收费", "孩子上学的问题找谁", "停水什么时候恢复", "公交车不按时来",
    "办身份证要带什么", "供热公司电话是多少", "有人诈骗我", "小区里流浪狗很多", "路边树倒了", "麻烦帮我查一下进度",
)  # fmt: skip
#: Other cities, full and with a district.
FAR = (
    "沈阳市", "昆明市五华区", "福州市鼓楼区", "广东省河源市", "兰州市", "保定市曲阳县", "信阳市平桥区",
    "内蒙古自治区乌兰察布市", "甘肃省平凉市", "泉州市晋江市", "南宁市", "宿迁市",
)  # fmt: skip
