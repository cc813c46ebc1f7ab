"""How every form of the house is written, Django's and allauth's included."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from core.text import tidy_lines


class HouseRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field.as_field_group }}` are our own elements. Needs `django.forms` installed."""

    form_template_name = "elements/_form.html"
    field_template_name = "elements/_field.html"


class LinesField(forms.CharField):
    """Text of several lines, as long as it was typed: a line end counts once."""

    def __init__(self, *, rows: int = 3, **settings: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}), **settings)

    def to_python(self, value: Any) -> str:
        return super().to_python(tidy_lines(value) if isinstance(value, str) else value) or ""
