"""Every table that could hold something about a person is declared by its app."""

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Field, Model

from core.personal_data import declarations, not_personal

#: Django's and libraries' own tables without people in them; sessions and addresses are declared by accounts.
FOREIGN = {
    "contenttypes.ContentType",
    "auth.Permission",
    "auth.Group",
    "guardian.UserObjectPermission",
    "guardian.GroupObjectPermission",
}
#: A text without choices may say anything; a link to a person or an address is one.
TEXTS = (models.TextField, models.CharField, models.GenericIPAddressField, models.FileField, models.JSONField)


def holds_something_personal(model: type[Model]) -> bool:
    return any(is_text(field) or is_person(field) for field in model._meta.get_fields() if isinstance(field, Field))


def is_text(field: "Field[object, object]") -> bool:
    return isinstance(field, TEXTS) and not field.choices


def is_person(field: "Field[object, object]") -> bool:
    people = {settings.AUTH_USER_MODEL, "communities.Membership"}
    return field.is_relation and field.related_model is not None and _label(field) in people


def _label(field: "Field[object, object]") -> str:
    related = field.related_model
    return related if isinstance(related, str) else related._meta.label  # type: ignore[union-attr]


def undeclared(model_classes: Iterable[type[Model]]) -> set[str]:
    declared = {model for declaration in declarations for model in declaration.models}
    return {
        model._meta.label
        for model in model_classes
        if holds_something_personal(model)
        and model not in declared
        and model._meta.label not in not_personal.reasons
        and model._meta.label not in FOREIGN
    }


def test_every_table_about_people_is_declared() -> None:
    assert undeclared(apps.get_models()) == set()


def test_a_table_that_nobody_declared_is_found() -> None:
    class Diary(models.Model):
        text = models.TextField()

        class Meta:
            app_label = "tests"

    try:
        assert undeclared([Diary]) == {"tests.Diary"}
    finally:
        apps.all_models.pop("tests", None)
        apps.clear_cache()


def test_a_declaration_says_why_and_how_long() -> None:
    for declaration in declarations:
        assert declaration.models
        assert declaration.purpose
        assert declaration.kept
