"""The form of the public look-up."""

from django import forms
from django.utils.translation import gettext_lazy as _

_CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class StatusForm(forms.Form):
    """The two codes of a receipt, in whatever way a person types them."""

    use_required_attribute = False

    code = forms.CharField(
        label=_("Mã hồ sơ"),
        max_length=40,
        help_text=_("In trên phiếu tiếp nhận, dạng TCT-230905-0012."),
        widget=forms.TextInput(attrs=_CODE),
        error_messages={"required": _("Hãy ghi mã hồ sơ.")},
    )
    secret = forms.CharField(
        label=_("Mã bí mật"),
        max_length=40,
        help_text=_("Gồm 10 chữ và số, không phân biệt chữ hoa, chữ thường."),
        widget=forms.TextInput(attrs=_CODE | {"data-from-hash": "k"}),
        error_messages={"required": _("Hãy ghi mã bí mật.")},
    )
