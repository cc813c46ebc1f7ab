"""Duty: every app says what it stores about people, how a copy is made and how it is erased.

A test walks all models and fails when one with a link to a person, or free text, an address or a file, stands in
no declaration.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar

from django.db.models import Model


class Keep(StrEnum):
    """What a leaving person wants to happen to their words."""

    UNDER_NAME = "under_name"
    UNDER_FORMER_MEMBER = "under_former_member"
    DELETE = "delete"


class PersonalData(ABC):
    """What one app stores about people in some of its tables."""

    #: The tables this declaration answers for.
    models: ClassVar[tuple[type[Model], ...]]
    #: English sentences for the register: why it is stored, how long.
    purpose: ClassVar[str]
    kept: ClassVar[str]

    @abstractmethod
    def export(self, person: Model) -> Iterator[tuple[str, dict[str, Any]]]:
        """The person's own data. Shape: pairs of a path in the copy and JSON-ready values."""

    @abstractmethod
    def erase(self, membership: Model, choice: Keep) -> None:
        """Take one membership's data out of these tables, as far as the choice says."""


class NotPersonal:
    """Tables with text or links that are looked at and hold nothing about a person, each with its reason."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def declare(self, label: str, reason: str) -> None:
        self.reasons[label] = reason


declarations: list[PersonalData] = []
not_personal = NotPersonal()


def declare(declaration: type[PersonalData]) -> type[PersonalData]:
    """Class decorator for the declarations in an app's `personal_data.py`."""
    declarations.append(declaration())
    return declaration
