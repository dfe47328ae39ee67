"""The first page after signing in: each role finds its own work."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from htx_portal.accounts.models import Role
from support_cases.pages.desk import desk
from support_cases.pages.month import month
from support_cases.pages.own_space import own_space


def administration(request, today):
    """Show the administrator the ways to the parts of the portal; daily figures are not this role's work."""
    return render(request, "support/administration.html", {"today": today})


_PAGE_OF = {
    Role.STAFF: desk,
    Role.MANAGER: month,
    Role.COOPERATIVE: own_space,
    Role.ADMIN: administration,
}


@require_safe
def home(request):
    """Show the page of the person's role."""
    return _PAGE_OF[Role(request.user.role)](request, timezone.localdate())
