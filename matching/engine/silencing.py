"""Words of a request that say nothing about its subject: the language of forms, plans and proposals."""

import re

# English function words are no terms at all (tokenising.py). In Chinese the words of project forms do the most harm: every demand has
# them, and they crowd out the few words that name the matter. They stay in the index, for whoever asks for nothing else.
_SILENT = """
    研究 应用 技术 开发 研发 项目 产业化 关键 核心 方法 制备 工艺 设计 系统 新型 一种 基于 面向 及其 以及 方案 方式 过程
    性能 产品 生产 行业 领域 方面 水平 现状 情况 条件 需求 内容 预期 目标 现有 工作 基础 解决 拟解决 问题 难题 难点 攻关
    技术攻关 突破 创新 优化 改进 升级 改造 要求 指标 公司 我公司 我司 本公司 本单位 企业 有限公司 高校 院所 科研 团队 专家
    人员 合作 共同 联合 联系 引进 建设 推广 示范 服务 支持 促进 投资 资金 万元 亿元 年产 目前 国内 国外 国内外 国际 发展
    先进 市场 前景 经济 社会 效益 提高 提升 降低 减少 实现 达到 满足 符合 完成 形成 建立 开展 具备 具有 拥有 存在 采用 利用
    使用 主要 进行 通过 希望 需要 相关 成果 能够 可以 因此 由于 我们 综合 有效 重要 重大 特点 优势 其中 包括 同时 对于 以上
    以下 不同 一定 各种 各类 大量 全面 进一步 第一 第二
"""
# The longest first: 技术攻关 before 技术.
_PATTERN = re.compile("|".join(sorted(_SILENT.split(), key=lambda word: (-len(word), word))))


def silenced(text: str) -> str:
    """Return the text with a gap of the same length in place of each word that says nothing."""
    return text if text.isascii() else _PATTERN.sub(lambda found: " " * len(found.group()), text)
