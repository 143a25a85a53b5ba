"""How a form field is laid out; what it asks and accepts is the form's affair."""

from django import forms, template
from django.forms import BoundField

register = template.Library()


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is a set of choices that need a common legend."""
    return field.widget_type in {"radioselect", "checkboxselectmultiple"} or field.use_fieldset


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is one tick box, whose label stands after it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_short(field: BoundField) -> bool:
    """Whether the answer is a number, an amount or a date: a wide box would suggest a long answer."""
    return isinstance(field.field.widget, forms.NumberInput | forms.DateInput | forms.DateTimeInput | forms.TimeInput) or bool(unit(field))


@register.filter
def unit(field: BoundField) -> str:
    """The unit shown inside the box, from the widget's data-unit."""
    return str(field.field.widget.attrs.get("data-unit", ""))
