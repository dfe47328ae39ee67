"""The receipt of a case, to be printed and handed over: both codes, what came in, what is missing, whom to call."""

from io import BytesIO
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from support_cases.access import cases_for
from support_cases.models import Case


def look_up_address(case: Case) -> str:
    """Return the address printed as QR code; the secret stands after ``#``, which no server ever receives."""
    query = urlencode({"ma": case.reference})
    return f"{settings.SITE_URL}{reverse('support:status')}?{query}#k={case.secret}"


def qr_code(text: str) -> str:
    """Return ``text`` as an inline SVG without style attributes, safe to be put into a page."""
    drawing = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, border=0
    )
    # Nothing in the drawing but segno's own path: the text only decides where the squares are.
    return mark_safe(drawing.getvalue().decode())  # noqa: S308


@require_safe
@never_cache
def receipt(request, reference):
    """The receipt, for staff and for the cooperative's own people; others who see the case do not see its secret."""
    case = get_object_or_404(cases_for(request.user).with_parties(), reference=reference)
    if request.user.may_review and not request.user.may_work:
        raise PermissionDenied
    papers = list(case.checklist.all())
    context = {
        "case": case,
        "office_phone": settings.OFFICE_PHONE,
        "qr": qr_code(look_up_address(case)),
        "site": settings.SITE_URL.split("://")[-1] + reverse("support:status"),
        "received": [paper for paper in papers if paper.received_on],
        "missing": [paper for paper in papers if paper.is_missing],
        "optional": [paper for paper in papers if not paper.required and not paper.received_on],
    }
    return render(request, "support/receipt.html", context)
