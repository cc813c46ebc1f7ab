"""Read before Django's settings (`-p tests.worker`): each worker of a parallel run has its corner of Redis and disk."""

import os
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["KREIS_PREFIX"] = f"kreis-test-{_worker}"
if "KREIS_VAR" in os.environ and _worker != "main":
    # The controller's folder stands in the environment of its workers.
    os.environ["KREIS_VAR"] = str(Path(os.environ["KREIS_VAR"]) / _worker)
