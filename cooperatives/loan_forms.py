"""Forms of loans. What may be recorded is decided in ``lending``; forms only read and hand on."""

from django import forms

from cooperatives.form_fields import RuleForm, field_for
from cooperatives.lending import add_disbursement
from cooperatives.models import Disbursement, Loan


class DisbursementForm(RuleForm):
    """One payment of a loan; ``seen`` is the sum paid out so far as the form was opened."""

    use_required_attribute = False

    paid_on = field_for(Disbursement._meta.get_field("paid_on"))
    amount = field_for(Disbursement._meta.get_field("amount"))
    note = field_for(Disbursement._meta.get_field("note"))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def save(self, loan: Loan, *, by, today) -> Disbursement:
        """Record the payment and return it.

        Raises:
            InvalidEntry, NotAllowedNow: see :func:`cooperatives.lending.add_disbursement`.
        """
        return add_disbursement(loan, by=by, today=today, **self.cleaned_data)
