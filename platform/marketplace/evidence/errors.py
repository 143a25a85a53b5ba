"""The refusals of certificates and deposits, named by their reason."""

from marketplace.common.errors import Conflict, Forbidden, Invalid
from marketplace.common.text import bi


class EvidenceNotYet(Conflict):
    code = "evidence_not_yet"
    title = bi(
        "相关记录尚未进入已签名的检查点，请一分钟后再试",
        "No entry of this object stands under a signed checkpoint yet: try again in a minute",
    )


class NoSuchField(Invalid):
    code = "field_unknown"
    title = bi("所选内容不在可披露范围内，请重新选择", "A chosen field is not among those that can be disclosed: choose again")


class HashRefused(Invalid):
    code = "hash_refused"
    title = bi("哈希不能接收", "The hash cannot be taken")


class NoDepositor(Forbidden):
    code = "no_depositor"
    title = bi(
        "存证由已核验的单位办理，或由专家库中的专家以本人名义办理：请先登记、加入或选择单位",
        "Verified organisations deposit, and experts on the register in their own name: register, join or choose an organisation first",
    )
