"""The layer contract holds, and would not hold if someone broke it."""

import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings

APPS = ("config", "operations", "overview", "messaging", "communities", "realtime", "accounts", "core")


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_a_planted_breach_is_found(tmp_path: Path) -> None:
    for app in APPS:
        shutil.copytree(
            Path(settings.BASE_DIR) / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__", "*.json")
        )
    shutil.copy(Path(settings.BASE_DIR) / "pyproject.toml", tmp_path)
    assert lint_imports(tmp_path).returncode == 0
    breach = tmp_path / "communities" / "querysets.py"
    breach.write_text(breach.read_text() + "\nfrom messaging import markdown\n")
    found = lint_imports(tmp_path)
    assert found.returncode == 1
    assert "communities.querysets -> messaging.markdown" in found.stdout
