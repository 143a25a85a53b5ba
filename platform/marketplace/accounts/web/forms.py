"""What the pages of accounts ask; the rules stand in the services."""

from django import forms

from marketplace.accounts.models import MemberRole, OrganisationKind
from marketplace.accounts.models.keys import KeyScope
from marketplace.accounts.models.people import Language
from marketplace.common.codes import regions
from marketplace.common.text import bi

KINDS = [(value, label) for value, label in OrganisationKind.choices if value != OrganisationKind.PLATFORM]


class OrganisationForm(forms.Form):
    kind = forms.ChoiceField(label=bi("单位类型", "Kind of organisation"), choices=KINDS)
    name_zh = forms.CharField(label=bi("中文名称", "Chinese name"), max_length=120, required=False)
    name_en = forms.CharField(label=bi("英文名称", "English name"), max_length=160, required=False)
    uscc = forms.CharField(
        label=bi("统一社会信用代码", "Unified social credit code"),
        help_text=bi(
            "18 位，见营业执照或事业单位法人证书。", "18 characters, on the business licence or the certificate of incorporation."
        ),
        max_length=40,
    )
    region_code = forms.ChoiceField(label=bi("所在地区", "Region"), choices=regions.choices)


class InvitationForm(forms.Form):
    email = forms.EmailField(label=bi("电子邮箱", "E-mail address"))
    roles = forms.MultipleChoiceField(label=bi("角色", "Roles"), choices=MemberRole.choices, widget=forms.CheckboxSelectMultiple)


class KeyForm(forms.Form):
    name = forms.CharField(label=bi("名称", "Name"), max_length=60, help_text=bi("例如“财务系统”。", "For example “accounting system”."))
    scopes = forms.MultipleChoiceField(label=bi("权限范围", "Scopes"), choices=KeyScope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label=bi("有效期（天）", "Life in days"), min_value=1, initial=90)


class PersonForm(forms.Form):
    name = forms.CharField(label=bi("姓名", "Name"), max_length=80)
    language = forms.ChoiceField(label=bi("语言", "Language"), choices=Language.choices)
