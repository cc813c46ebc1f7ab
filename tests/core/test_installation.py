"""The installation's row in memory."""

import threading

import pytest
from django.db import connection, transaction

from core.installation import installation
from core.models import Installation


@pytest.mark.django_db(transaction=True)
def test_who_asks_before_the_commit_does_not_keep_what_was_before() -> None:
    Installation.objects.update_or_create(pk=Installation.ROW, defaults={"name": "Before"})

    def ask() -> None:
        installation()
        connection.close()

    with transaction.atomic():
        row = Installation.objects.select_for_update().get(pk=Installation.ROW)
        row.name = "After"
        row.save()
        other = threading.Thread(target=ask)
        other.start()
        other.join()
    assert installation().name == "After"
