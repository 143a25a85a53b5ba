"""The 43 regions of Beijing, Tianjin and Hebei by GB/T 2260 code; names repeat, codes do not."""

from dataclasses import dataclass

from marketplace.common.errors import Invalid
from marketplace.common.text import bi, pick


@dataclass(frozen=True, slots=True)
class Region:
    """One district of Beijing or Tianjin, or one prefecture-level city of Hebei."""

    code: str
    zh: str
    en: str

    @property
    def province(self) -> str:
        return self.code[:2]

    @property
    def name(self) -> str:
        """District and province: 天津 滨海新区, or Binhai New Area, Tianjin."""
        zh, en = PROVINCES[self.province]
        return pick(f"{zh} {self.zh}", f"{self.en}, {en}")


PROVINCES = {"11": ("北京", "Beijing"), "12": ("天津", "Tianjin"), "13": ("河北", "Hebei")}

REGIONS = {
    region.code: region
    for region in (
        Region("110101", "东城区", "Dongcheng"),
        Region("110102", "西城区", "Xicheng"),
        Region("110105", "朝阳区", "Chaoyang"),
        Region("110106", "丰台区", "Fengtai"),
        Region("110107", "石景山区", "Shijingshan"),
        Region("110108", "海淀区", "Haidian"),
        Region("110109", "门头沟区", "Mentougou"),
        Region("110111", "房山区", "Fangshan"),
        Region("110112", "通州区", "Tongzhou"),
        Region("110113", "顺义区", "Shunyi"),
        Region("110114", "昌平区", "Changping"),
        Region("110115", "大兴区", "Daxing"),
        Region("110116", "怀柔区", "Huairou"),
        Region("110117", "平谷区", "Pinggu"),
        Region("110118", "密云区", "Miyun"),
        Region("110119", "延庆区", "Yanqing"),
        Region("120101", "和平区", "Heping"),
        Region("120102", "河东区", "Hedong"),
        Region("120103", "河西区", "Hexi"),
        Region("120104", "南开区", "Nankai"),
        Region("120105", "河北区", "Hebei District"),
        Region("120106", "红桥区", "Hongqiao"),
        Region("120110", "东丽区", "Dongli"),
        Region("120111", "西青区", "Xiqing"),
        Region("120112", "津南区", "Jinnan"),
        Region("120113", "北辰区", "Beichen"),
        Region("120114", "武清区", "Wuqing"),
        Region("120115", "宝坻区", "Baodi"),
        Region("120116", "滨海新区", "Binhai New Area"),
        Region("120117", "宁河区", "Ninghe"),
        Region("120118", "静海区", "Jinghai"),
        Region("120119", "蓟州区", "Jizhou"),
        Region("130100", "石家庄市", "Shijiazhuang"),
        Region("130200", "唐山市", "Tangshan"),
        Region("130300", "秦皇岛市", "Qinhuangdao"),
        Region("130400", "邯郸市", "Handan"),
        Region("130500", "邢台市", "Xingtai"),
        Region("130600", "保定市", "Baoding"),
        Region("130700", "张家口市", "Zhangjiakou"),
        Region("130800", "承德市", "Chengde"),
        Region("130900", "沧州市", "Cangzhou"),
        Region("131000", "廊坊市", "Langfang"),
        Region("131100", "衡水市", "Hengshui"),
    )
}


def choices() -> list[tuple[str, str]]:
    """Code and name in the reader's language, for forms."""
    return [(code, region.name) for code, region in REGIONS.items()]


def name_of(code: str) -> str:
    """The region's name in the reader's language, or the code itself where it is not one of ours."""
    region = REGIONS.get(code)
    return region.name if region else code


def check(code: str) -> str:
    """The code, or Invalid when it is not one of the 43 regions."""
    if code not in REGIONS:
        text = bi(
            f"地区代码 {code} 不在京津冀 43 个地区之内（GB/T 2260）。",
            f"Region code {code} is not one of the 43 of Beijing, Tianjin and Hebei (GB/T 2260).",
        )
        raise Invalid(text, fields={"region_code": [text]})
    return code
