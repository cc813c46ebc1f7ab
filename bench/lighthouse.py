"""Lighthouse on a page: a phone of the middle class on a slow network, as it is set by itself."""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.chrome import View, open_to_others
from bench.table import Row

CATEGORIES = ("performance", "accessibility", "best-practices")
#: The middle one counts, in each category.
RUNS = 3
PATIENCE_SECONDS = 240
#: Units: characters of what an audit found that are printed.
SHOWN = 300

Report = dict[str, Any]


def measure(modules: Path, program: str, views: Sequence[View]) -> list[Row]:
    """Rows hold the points that are missing of 100. What is less than perfect is printed, with what was found."""
    rows = []
    for view in views:
        reports = [audit(modules, program, view) for _ in range(RUNS)]
        for category in CATEGORIES:
            missing = [100 - 100 * float(report["categories"][category]["score"] or 0) for report in reports]
            rows.append(
                Row(f"{view.title}: Lighthouse, {category}, points missing", statistics.median(missing), 0, 0, "")
            )
        for line in dict.fromkeys(line for report in reports for line in imperfect(report)):
            print(f"lighthouse: {view.title}: {line}", flush=True)
    return rows


def audit(modules: Path, program: str, view: View) -> Report:
    """One report, in a browser of its own: nothing is cached, and the page's person stays signed in."""
    with tempfile.TemporaryDirectory(prefix="kreis-bench-") as folder, open_to_others(program, view) as port:
        file = Path(folder) / "report.json"
        options = [
            f"--port={port}",
            f"--only-categories={','.join(CATEGORIES)}",
            "--disable-storage-reset",  # or the cookie is gone
            "--no-enable-error-reporting",
            "--quiet",
            "--output=json",
            f"--output-path={file}",
        ]
        done = subprocess.run(
            ["node", str(modules / "lighthouse" / "cli" / "index.js"), view.url, *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode or not file.exists():
            raise SystemExit(f"Lighthouse failed on {view.title}: {done.stderr[-1000:]}")
        report: Report = json.loads(file.read_text())
    if problem := report.get("runtimeError"):
        raise SystemExit(f"Lighthouse failed on {view.title}: {problem}")
    if report["finalDisplayedUrl"] != view.url:
        raise SystemExit(f"{view.title}: Lighthouse came to {report['finalDisplayedUrl']}.")
    return report


def imperfect(report: Report) -> list[str]:
    """The audits that take points, with their score and what they found."""
    weights = {
        reference["id"]: reference["weight"]
        for category in report["categories"].values()
        for reference in category["auditRefs"]
    }
    lines = []
    for name, found in report["audits"].items():
        if weights.get(name) and found["score"] is not None and found["score"] < 1:
            items = found.get("details", {}).get("items")
            what = json.dumps(items, ensure_ascii=False)[:SHOWN] if items else ""
            score = f"{name} {found['score']:.2f} of weight {weights[name]}"
            lines.append(f"{score}: {found.get('displayValue', '')} {what}".rstrip())
    return lines
