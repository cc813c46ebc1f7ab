"""How every form of the house is written, Django's and allauth's included."""

from django.forms.renderers import TemplatesSetting


class HouseRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field.as_field_group }}` are our own elements. Needs `django.forms` installed."""

    form_template_name = "elements/_form.html"
    field_template_name = "elements/_field.html"
