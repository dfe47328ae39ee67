"""Reminders in the admin site: the rules the office may change, refused addresses, and the ledger to look into."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from htx_portal.admin_fields import RemembersEditor
from support_cases.admin.work import ReadOnlyAdmin, ReadOnlyInline
from support_cases.choices import Audience, ReminderChannel, reason_words
from support_cases.models import RefusedAddress, Reminder, ReminderMessage, ReminderRule


class SeveralField(forms.MultipleChoiceField):
    """Several choices, at least one, in a column that lists them separated by commas."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value):
        """Return the choices of a stored list."""
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    def clean(self, value):
        """Return the list as it is stored, in the order of the choices.

        Raises:
            ValidationError: for none, or for one that is not among the choices.
        """
        chosen = super().clean(value)
        return ",".join(code for code, _label in self.choices if code in chosen)

    def has_changed(self, initial, data):
        """Whether other choices are ticked than before."""
        return super().has_changed(self.prepare_value(initial or ""), data)


class ReminderRuleForm(forms.ModelForm):
    """A rule; whom to tell and by which channels is ticked, not typed."""

    audience = SeveralField(label=_("Nhắc ai"), choices=Audience.choices)
    channels = SeveralField(label=_("Kênh"), choices=ReminderChannel.choices)

    class Meta:
        model = ReminderRule
        exclude: list[str] = []


@admin.register(ReminderRule)
class ReminderRuleAdmin(RemembersEditor, admin.ModelAdmin):
    """When whom to remind of what; the last editor is kept.

    A rule that is not wanted any more gets a last day: what was told by it can still be explained.
    """

    form = ReminderRuleForm
    fieldsets = [
        (None, {"fields": ["key", "occasion", "offsets", "unit", "repeat_every"]}),
        (_("Nhắc ai, bằng cách nào"), {"fields": ["audience", "channels", "grace_days", "look_back_days",
                                                  "retry_unknown"]}),
        (_("Hiệu lực và căn cứ"), {"fields": ["valid_from", "valid_to", "legal_document", "article", "confidence",
                                              "note"]}),
    ]  # fmt: skip
    list_display = ["occasion", "when", "told", "by", "valid_from", "valid_to", "confidence", "edited_by"]
    list_filter = ["occasion", "unit", "confidence"]
    list_select_related = ["edited_by"]
    search_fields = ["key", "note"]

    @admin.display(description=_("Nhắc vào"))
    def when(self, rule):
        """Return the days around the occasion and how often they come again."""
        words = f"{rule.offsets} ({rule.get_unit_display()})"
        again = {"days": words, "every": rule.repeat_every}
        return _("%(days)s, rồi mỗi %(every)s") % again if rule.repeat_every else words

    @admin.display(description=_("Nhắc ai"))
    def told(self, rule):
        """Return in words whom the rule tells."""
        return ", ".join(str(Audience(code).label) for code in rule.audience_list)

    @admin.display(description=_("Kênh"))
    def by(self, rule):
        """Return in words by which channels."""
        return ", ".join(str(ReminderChannel(code).label) for code in rule.channel_list)

    def has_delete_permission(self, request, obj=None):
        """A rule that was in force stays, so that what it told can be explained."""
        return False


@admin.register(RefusedAddress)
class RefusedAddressAdmin(admin.ModelAdmin):
    """Addresses nothing is sent to; one that works again is taken off by deleting it."""

    list_display = ["address", "reason", "refused_at"]
    search_fields = ["address"]
    date_hierarchy = "refused_at"

    def has_add_permission(self, request):
        """A mail server refuses an address, nobody else does."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes what a mail server said."""
        return False


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """The ledger of reminders, to look into."""

    list_display = ["rule", "subject", "occurrence_on", "recipient", "channel", "state", "why", "sent_at"]
    list_filter = ["state", "channel", "rule"]
    list_select_related = ["recipient"]
    show_full_result_count = False

    @admin.display(description=_("Lý do"), ordering="reason")
    def why(self, reminder):
        """Return the reason in words."""
        return reason_words(reminder.reason)


class RowInline(ReadOnlyInline):
    """What a message carries."""

    model = Reminder
    fields = ["rule", "subject", "occurrence_on", "state", "reason"]


@admin.register(ReminderMessage)
class ReminderMessageAdmin(ReadOnlyAdmin):
    """Messages, to look into."""

    list_display = ["recipient", "channel", "state", "reason", "run_at", "attempts", "sent_at", "resent_by"]
    list_filter = ["state", "channel"]
    list_select_related = ["recipient", "resent_by"]
    search_fields = ["identity"]
    show_full_result_count = False
    inlines = [RowInline]
