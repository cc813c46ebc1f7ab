"""What is collected for production: each script under one name, which changes with its content."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import Context, Template
from django.test import override_settings

SOURCES = Path(settings.BASE_DIR) / "static" / "js"
#: Any way to name another module: import … from, export … from, import "…", import("…").
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([./][^"']*)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The real folder of static files, and a dynamic import, of which we have none at the moment."""
    place = tmp_path_factory.mktemp("static")
    extra = tmp_path_factory.mktemp("extra") / "js"
    extra.mkdir()
    (extra / "lazy.js").write_text('const { showTimes } = await import("./times.js");\nshowTimes();\n')
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static.HashedStaticFilesStorage"},
    }
    with override_settings(
        STATIC_ROOT=place, STORAGES=storages, STATICFILES_DIRS=[*settings.STATICFILES_DIRS, extra.parent]
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield place


def manifest(collected: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((collected / "staticfiles.json").read_text())["paths"]
    return found


def test_every_script_has_a_hashed_name(collected: Path) -> None:
    names = manifest(collected)
    ours = {f"js/{path.name}" for path in SOURCES.glob("*.js")}
    assert ours
    assert ours < set(names)
    assert all(HASHED.search(names[name]) for name in ours)


def test_every_import_leads_to_the_name_of_the_manifest(collected: Path) -> None:
    names = manifest(collected)
    found = 0
    for name in [name for name in names if name.startswith("js/")]:
        source = (collected / name).read_text()
        served = (collected / names[name]).read_text()
        wanted = [Path(names[f"js/{target.removeprefix('./')}"]).name for target in IMPORT.findall(source)]
        assert [Path(target).name for target in IMPORT.findall(served)] == wanted, name
        found += len(wanted)
    assert found > 10


def test_a_dynamic_import_is_hashed_too(collected: Path) -> None:
    names = manifest(collected)
    assert f'import("./{Path(names["js/times.js"]).name}")' in (collected / names["js/lazy.js"]).read_text()


def test_a_script_of_the_page_is_not_loaded_twice(collected: Path) -> None:
    """`times.js` stands in every page and is imported by the room's messages: under the same address."""
    address = Template("{% load static %}{% static 'js/times.js' %}").render(Context())
    assert address == f"/static/{manifest(collected)['js/times.js']}"
    message = (collected / manifest(collected)["js/message.js"]).read_text()
    assert f'"./{Path(address).name}"' in message


def test_the_storage_is_the_one_of_production() -> None:
    assert staticfiles_storage is not None
    words = (Path(settings.BASE_DIR) / "config" / "settings.py").read_text()
    assert '"staticfiles": {"BACKEND": "config.static.HashedStaticFilesStorage"}' in words
