"""The Nu HTML checker on every kind of page."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.house import House
from bench.table import Row
from bench.walk import Scene, walk

PATIENCE_SECONDS = 300
#: What the checker is wrong about, by a part of its words, and why. Printed, not counted.
WRONG = {"“link” element with a “blocking” attribute": "the checker's rule is older than rel=expect"}
MOST_PAGES = 6


@dataclass
class Complaint:
    """What the checker says, once, with a piece of what it says it of and all the pages where it stands."""

    words: str
    extract: str
    pages: list[str] = field(default_factory=list)

    @property
    def excuse(self) -> str:
        return next((why for part, why in WRONG.items() if part in self.words), "")

    def __str__(self) -> str:
        more = f" and {len(self.pages) - MOST_PAGES} more" if len(self.pages) > MOST_PAGES else ""
        return f"{self.words}\n    {self.extract}\n    on: {'; '.join(self.pages[:MOST_PAGES])}{more}"


def measure(modules: Path, place: House, scene: Scene) -> list[Row]:
    """Rows: different errors, and addresses of which no page could be seen."""
    if not shutil.which("java"):
        print("browser: the HTML checker is left out: it needs Java.")
        return []
    found = walk(scene, lambda session: place.manage("-m", "bench.codes", session).strip())
    for line in found.missing:
        print(f"vnu: not seen: {line}")
    complaints = check(modules / "vnu-jar" / "build" / "dist" / "vnu.jar", found.documents)
    counted = [one for one in complaints if not one.excuse]
    for one in counted:
        print(f"vnu: {one}")
    for one in complaints:
        if one.excuse:
            print(f"vnu: set aside, {one.excuse}: {one}")
    print(f"vnu: {len(found.documents)} pages", flush=True)
    return [
        Row("HTML: different errors on all kinds of pages", len(counted), 0, 0, ""),
        Row("HTML: pages and addresses that could not be seen", len(found.missing), 0, 0, ""),
    ]


def check(jar: Path, documents: Mapping[str, str]) -> list[Complaint]:
    """All errors, those of the same words together."""
    with tempfile.TemporaryDirectory(prefix="kreis-bench-") as folder:
        titles = {}
        for number, (title, text) in enumerate(documents.items()):
            file = Path(folder) / f"{number:04}.html"
            file.write_text(text, encoding="utf-8")
            titles[file.name] = title
        done = subprocess.run(
            ["java", "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", "--errors-only", folder],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"The HTML checker failed: {done.stderr[-1000:]}")
        return gathered(json.loads(done.stdout)["messages"], titles)


def gathered(messages: Iterable[Mapping[str, str]], titles: Mapping[str, str]) -> list[Complaint]:
    by_words: dict[str, Complaint] = {}
    for message in messages:
        words = message["message"]
        extract = " ".join(message.get("extract", "").split())
        title = titles.get(message.get("url", "").rpartition("/")[2], "?")
        complaint = by_words.setdefault(words, Complaint(words, extract))
        if title not in complaint.pages:
            complaint.pages.append(title)
    for complaint in by_words.values():
        complaint.pages.sort()  # the checker looks at several at once
    return sorted(by_words.values(), key=lambda complaint: complaint.words)
