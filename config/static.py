"""Style sheets and scripts under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


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
