"""Forms of OCOP products and their papers; what may be entered is decided in ``ocop``."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import RuleForm, field_for
from cooperatives.models import Cooperative, OcopPaper, OcopProduct
from cooperatives.ocop import enter_product, record_paper

_EXPIRY_HINT = _("Để trống thì tính theo thời hạn thường dùng của loại giấy này.")


class _RowForm(RuleForm):
    """A form of the columns of one row, new or there already."""

    MODEL: type
    COLUMNS: tuple[str, ...]
    use_required_attribute = False

    def __init__(self, *args, row, **kwargs):
        self.row = row
        super().__init__(*args, **kwargs)
        for name in self.COLUMNS:
            column = self.MODEL._meta.get_field(name)
            self.fields[name] = field_for(column)
            self.initial.setdefault(name, getattr(row, column.attname))

    def _filled(self):
        for name in self.COLUMNS:
            setattr(self.row, name, self.cleaned_data[name])
        return self.row


class ProductForm(_RowForm):
    """What the register holds about a product itself."""

    MODEL = OcopProduct
    COLUMNS = ("name", "group", "product_set", "first_year", "external_ref")

    def save(self, cooperative: Cooperative) -> OcopProduct:
        """Enter the product and return it.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        return enter_product(cooperative, self._filled())


class PaperForm(_RowForm):
    """One paper of a product; left empty, its last day is counted by the rule of its kind."""

    MODEL = OcopPaper
    COLUMNS = ("kind", "number", "issuer", "issued_on", "expires_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].help_text = _EXPIRY_HINT

    def save(self, today: date) -> OcopPaper:
        """Record the paper and return it.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        return record_paper(self._filled(), today)
