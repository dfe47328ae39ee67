"""Who may enter a view: those who record, who review, who lead; everybody else reads the page of a refusal."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied


def worker_required(view: Callable) -> Callable:
    """Let in people who record (staff and administrators); answer 403 to others who are signed in."""
    return _let_in(view, "may_work")


def reviewer_required(view: Callable) -> Callable:
    """Let in people who see everything (staff, managers, administrators); answer 403 to others signed in."""
    return _let_in(view, "may_review")


def leader_required(view: Callable) -> Callable:
    """Let in people who answer for the figures (managers and administrators); answer 403 to others signed in."""
    return _let_in(view, "may_lead")


def _let_in(view: Callable, right: str) -> Callable:
    """Return ``view`` behind a question to the account, named as one of its properties."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not getattr(request.user, right, False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
