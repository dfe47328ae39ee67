"""What pages that act on one case begin and end with: the case a person may see, an act and its refusals."""

from collections.abc import Callable

from django.shortcuts import get_object_or_404

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.form_fields import RuleForm
from support_cases.access import cases_for
from support_cases.models import Case


def case_of(request, reference: str) -> Case:
    """Return the case with this reference if the person may see it, 404 otherwise."""
    return get_object_or_404(cases_for(request.user).with_parties(), reference=reference)


def done(form: RuleForm, act: Callable[[], object]) -> int:
    """Run ``act`` and return 302; a refusal is shown in the form and gives 200, or 409 where the case changed."""
    try:
        act()
    except InvalidEntry as refusal:
        form.show(refusal)
        return 200
    except NotAllowedNow as refusal:
        for problem in refusal.problems:
            form.add_error(None, problem)
        return 409
    return 302
