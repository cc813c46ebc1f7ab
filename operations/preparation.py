"""What stands between a clone and a running site: tables, translations, static files, the demo."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.translations import compile_catalogues

Say = Callable[[str], object]


def prepare(say: Say) -> None:
    """Do what is needed and nothing else; safe to run twice. A second start changes nothing and is quick."""
    prepare_files(say)
    prepare_tables(say)


def prepare_files(say: Say) -> None:
    """What a container's image holds ready. Asks no database."""
    if compile_catalogues():
        say("Translations compiled.")
    if _collect_static():
        say("Static files collected.")


def prepare_tables(say: Say) -> None:
    """What is in the database."""
    if _migrate():
        say("Database brought up to date.")
    if settings.DEMO:
        from operations.demo.loading import load_demo

        if load_demo():
            say("Demo communities loaded.")


def _migrate() -> bool:
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def _collect_static() -> bool:
    """The stamp holds what was collected, and how: names, sizes and times of all static files, and the storage."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = _static_state()
    if stamp.exists() and stamp.read_text() == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)
    return True


def _static_state() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
