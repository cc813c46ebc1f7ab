"""Every address of the site, for tests that try all of them: by the matrix, in which every address has to stand."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tests.access.test_matrix import MATRIX, Scene, url_of


@dataclass(frozen=True)
class Door:
    """One way of asking one address. `form`: what the matrix sends with it."""

    name: str
    url: str
    method: str
    form: dict[str, str] = field(default_factory=dict)

    def ask(self, client: Client, **headers: str) -> Any:
        return self.ask_with(client, self.form, **headers)

    def ask_with(self, client: Client, form: dict[str, str], **headers: str) -> Any:
        way = client.get if self.method == "get" else client.head if self.method == "head" else client.post
        return way(self.url, form, headers=headers)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def doors(scene: Scene, *methods: str) -> list[Door]:
    """One of each address and method; those with ids lead to things that the circle really has."""
    found: dict[tuple[str, str], Door] = {}
    for row in MATRIX:
        if row[2] in methods:
            found.setdefault((row[0], row[2]), Door(row[0], url_of(scene, row), row[2], row[3]))
    return list(found.values())


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in here has not happened afterwards."""
    with transaction.atomic():
        point = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(point)


def tables(*but: str) -> dict[str, str]:
    """A checksum of each table; `but` names those that may change."""
    sums = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            name = model._meta.db_table
            if name in but or not model._meta.managed:
                continue
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM \"{name}\" t")
            sums[name] = hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()
    return sums


def changed(before: dict[str, str]) -> list[str]:
    after = tables()
    return [name for name, value in before.items() if after[name] != value]
