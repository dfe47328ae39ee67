"""What the work stands on, dated and open to correction: laws by topic, checklists."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from htx_portal.admin_fields import RemembersEditor
from support_cases.models import ChecklistRule, LegalBasis
from support_cases.support_types import topic_choices


class TopicForm(forms.ModelForm):
    """A row of one topic, chosen by its words and not typed as a code."""

    topic = forms.ChoiceField(label=_("Nội dung"), choices=topic_choices)


@admin.register(LegalBasis)
class LegalBasisAdmin(RemembersEditor, admin.ModelAdmin):
    """The law each topic stands on, in force until the next one begins."""

    form = TopicForm
    list_display = ["topic", "title_vi", "valid_from", "legal_document", "confidence", "edited_by"]
    list_filter = ["topic", "confidence"]
    list_select_related = ["edited_by"]
    search_fields = ["code", "title_vi", "legal_document"]

    def has_delete_permission(self, request, obj=None):
        """A law that was in force stays: without the first one a topic would have days without any."""
        return False


@admin.register(ChecklistRule)
class ChecklistRuleAdmin(RemembersEditor, admin.ModelAdmin):
    """Dated checklists staff can edit."""

    form = TopicForm
    list_display = ["topic", "variant", "position", "label_vi", "required", "valid_from", "valid_to", "confidence"]
    list_filter = ["topic", "required", "confidence"]
    search_fields = ["code", "variant", "label_vi"]
