"""Forms of what a person does about their reminders: muting a matter, being away."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import DayField, RuleForm
from htx_portal.accounts.models import User
from support_cases.choices import Occasion
from support_cases.reminders.absences import MOST_CHARACTERS
from support_cases.reminders.resending import MOST_CHARACTERS as MOST_OF_LET_BE

#: What is chosen for all kinds; the row says "".
ALL_KINDS = "all"
_SHORT_REASON = forms.Textarea(attrs={"rows": 2})


class MuteForm(RuleForm):
    """What is muted, for which kind of reminder, until when and why.

    ``matters`` are the things to choose among, as code and words; ``kinds`` the codes of kinds besides all of them.
    """

    use_required_attribute = False

    matter = forms.ChoiceField(label=_("Tắt nhắc về"), widget=forms.RadioSelect)
    occasion = forms.TypedChoiceField(
        label=_("Loại nhắc"), widget=forms.RadioSelect, coerce=lambda code: "" if code == ALL_KINDS else code
    )
    until = DayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống thì tắt đến khi bấm “Bật lại”."))
    reason = forms.CharField(label=_("Lý do"), max_length=MOST_CHARACTERS, widget=_SHORT_REASON)

    def __init__(self, *args, matters: list[tuple[str, str]], kinds: Iterable[str], **kwargs):
        super().__init__(*args, **kwargs)
        words = dict(Occasion.choices)
        self.fields["matter"].choices = matters
        self.fields["occasion"].choices = [(ALL_KINDS, gettext("Mọi loại")), *((code, words[code]) for code in kinds)]
        self.fields["matter"].initial, self.fields["occasion"].initial = matters[0][0], ALL_KINDS


class LetBeForm(RuleForm):
    """Why a message that did not arrive need not be sent."""

    use_required_attribute = False

    reason = forms.CharField(label=_("Lý do"), max_length=MOST_OF_LET_BE, widget=_SHORT_REASON)


class AbsenceForm(RuleForm):
    """Who is away, from when to when, who stands in and why; the person is asked for where it is not the own self."""

    use_required_attribute = False

    person = forms.TypedChoiceField(label=_("Người vắng"), coerce=int)
    first_day = DayField(label=_("Từ ngày"))
    last_day = DayField(label=_("Đến hết ngày"))
    stand_in = forms.TypedChoiceField(label=_("Người làm thay"), coerce=int)
    reason = forms.CharField(label=_("Lý do"), max_length=MOST_CHARACTERS, widget=_SHORT_REASON)

    def __init__(self, *args, by: User, for_others: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in User.objects.officers()}
        named = [(pk, str(person)) for pk, person in self.people.items()]
        others = [pair for pair in named if for_others or pair[0] != by.pk]
        self.fields["stand_in"].choices = [("", "---------"), *others]
        if for_others:
            self.fields["person"].choices = [("", "---------"), *named]
            self.fields["person"].initial = by.pk
        else:
            del self.fields["person"]
