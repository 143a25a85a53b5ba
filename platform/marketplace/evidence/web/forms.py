"""What the page of deposits asks."""

from django import forms

from marketplace.common.text import bi
from marketplace.evidence.services.depositing import LARGEST_STATED


class DepositForm(forms.Form):
    """A title and a file, or a title and a hash; where the page's script runs, the file never leaves the reader's computer."""

    title = forms.CharField(label=bi("名称", "Title"), max_length=200, help_text=bi("只有存证方能看到。", "Only the depositor sees it."))
    file = forms.FileField(
        label=bi("文件", "File"), required=False, max_length=255, widget=forms.FileInput(attrs={"data-hash": "id_sha256"})
    )
    sha256 = forms.CharField(
        label=bi("SHA-256", "SHA-256"),
        required=False,
        max_length=64,
        help_text=bi(
            "也可自行计算后填写 64 位十六进制哈希，不上传文件。", "Or compute it yourself and write its 64 hex digits, without any upload."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    size = forms.IntegerField(required=False, min_value=0, max_value=LARGEST_STATED, widget=forms.HiddenInput)
    keep = forms.BooleanField(
        label=bi("请平台保存原件", "Keep the file itself"),
        required=False,
        help_text=bi("不勾选时只存哈希，原件不予保存。", "Otherwise only the hash is kept and the file is forgotten."),
    )
