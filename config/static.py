"""Style sheets and scripts: the sheets as one file, and all under names that change with their content."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: One small file per component; layers (declared first, in tokens.css) make their order a matter of taste.
SHEETS = (
    "tokens",
    "hues",
    "base",
    "layout",
    "components/text",
    "components/buttons",
    "components/fields",
    "components/mark",
    "components/people",
    "components/presence",
    "components/seats",
    "components/ring",
    "components/cards",
    "components/nav",
    "components/messages",
    "components/composer",
    "components/overlays",
    "components/palette",
    "components/quiet",
    "components/forced-colors",
    "screens/plain",
    "screens/landing",
    "screens/auth",
    "screens/account",
    "screens/security",
    "screens/invite",
    "screens/invitations",
    "screens/slips",
    "screens/found",
    "screens/wizard",
    "screens/today",
    "screens/rooms",
    "screens/search",
    "screens/people",
    "screens/lost",
    "screens/mail",
    "screens/operations",
    "screens/legal",
    "utilities",
    "print",
)
BUNDLE = "css/kreis.css"


class StyleFinder(BaseFinder):
    """All style sheets as one: over thirty requests before anything is drawn would be the slowest part of a page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(settings.VAR_DIR / "bundles")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != BUNDLE:
            return [] if find_all else None
        found = str(self._written())
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        self._written()
        yield BUNDLE, self.storage

    def _written(self) -> Path:
        """Written only where it says something else: several processes look for it at once."""
        sources = Path(settings.BASE_DIR) / "static" / "css"
        text = "".join((sources / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)
        bundle = Path(self.storage.path(BUNDLE))
        if not bundle.exists() or bundle.read_text(encoding="utf-8") != text:
            bundle.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=bundle.parent, text=True)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(bundle)
        return bundle


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Also what a script imports is imported under its hashed name: else a browser would keep old modules under
    names that do not change, and load those twice that a page names, too.

    Only in our own scripts: others bring examples whose imports lead nowhere, over which collecting would fail.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
