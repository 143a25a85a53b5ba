"""Forms of the table of names."""

from typing import Any

from django import forms

from marketplace.common.text import bi
from marketplace.lexicon.services.changing import LONGEST_REASON


class ReasonForm(forms.Form):
    """What every change of the table asks for."""

    reason = forms.CharField(
        label=bi("理由", "Reason"), max_length=LONGEST_REASON, help_text=bi("与词表一起公开。", "Public, with the table.")
    )


class NamesField(forms.CharField):
    """Names, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> Any:
        """The names that are written, in their order."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """Show stored names a line each; leave what the person typed."""
        return "\n".join(value) if isinstance(value, list | tuple) else value


class EntryForm(ReasonForm):
    """An entry of the table."""

    chinese = NamesField(
        label=bi("中文名称", "Chinese names"), help_text=bi("每行一个；第一个是首要名称。", "One a line; the entry is known by the first.")
    )
    english = NamesField(label=bi("英文名称", "English names"), help_text=bi("每行一个；缩写也可。", "One a line; abbreviations too."))
    field_order = ("chinese", "english", "reason")


class FileForm(ReasonForm):
    """A file of entries."""

    file = forms.FileField(
        label=bi("CSV 文件", "CSV file"),
        help_text=bi(
            "UTF-8，两列 chinese,english，名称之间用竖线分开；格式与下载的文件相同。",
            "UTF-8, two columns chinese,english, names parted by bars: the form in which the table is downloaded.",
        ),
    )
    field_order = ("file", "reason")
