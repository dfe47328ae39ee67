"""What is not there, in the form the asker reads: a page for people, JSON for programs."""

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found


def not_found(request, exception):
    """Answer 404 as JSON below ``/api/`` and as the portal's own page elsewhere."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": _("Không tìm thấy.")}, status=404)
    return page_not_found(request, exception)
