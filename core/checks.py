"""From a check that raises to a yes or no, for pages that ask what to show."""

from collections.abc import Callable
from typing import ParamSpec

from django.core.exceptions import PermissionDenied, ValidationError

P = ParamSpec("P")


def passes(check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether a `check_…` function lets this pass."""
    try:
        check(*args, **kwargs)
    except (PermissionDenied, ValidationError):
        return False
    return True
