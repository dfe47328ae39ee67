"""What is sent and answered about cases over HTTP."""

from django.utils import timezone
from rest_framework import serializers

from cooperatives.access import cooperatives_for, founding_groups_for
from cooperatives.models import Cooperative, FoundingGroup
from htx_portal.accounts.models import Role, User
from support_cases.api.fields import DetailsField, RowNumber, VisibleRow, party_of, read_details
from support_cases.cases import change_case, open_case
from support_cases.choices import PUBLIC_STATUS, Status
from support_cases.models import Case, CaseEvent
from support_cases.support_types import topic_choices
from support_cases.workflow import step_choices


class BasisSerializer(serializers.Serializer):
    """The law a case is handled by."""

    code = serializers.CharField()
    title = serializers.CharField()
    valid_from = serializers.DateField()
    legal_document = serializers.CharField()
    article = serializers.CharField()
    confidence = serializers.CharField()


class PaperSerializer(serializers.Serializer):
    """One paper of the checklist; ``dropped_on`` is set where the law of the case no longer asks for it."""

    code = serializers.CharField()
    label = serializers.CharField()
    required = serializers.BooleanField()
    received_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    dropped_on = serializers.DateField(allow_null=True)


# What of a case a cooperative's people do not see.
_OFFICE_ONLY = ("due_on", "extended_from", "overdue", "outcome_reason")


class CaseSerializer(serializers.ModelSerializer):
    """One case as a list shows it; the secret only for staff."""

    topic_label = serializers.CharField(read_only=True)
    status_label = serializers.SerializerMethodField()
    party_name = serializers.CharField(source="party.name", read_only=True)
    officer = RowNumber(queryset=User.objects.officers(), required=False)
    overdue = serializers.SerializerMethodField()
    follows = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    secret = serializers.CharField(read_only=True)

    class Meta:
        model = Case
        fields = [
            "reference", "secret", "topic", "topic_label", "title", "cooperative", "founding_group", "party_name",
            "status", "status_label", "milestone", "officer", "opened_on", "event_on", "due_on", "extended_from",
            "overdue", "closed_on", "outcome", "outcome_reason", "follows", "receiving_agency", "external_ref",
            "appointment_on", "version", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "reference", "topic", "cooperative", "founding_group", "status", "milestone", "opened_on", "event_on",
            "extended_from", "closed_on", "outcome", "outcome_reason", "version", "updated_at",
        ]  # fmt: skip

    def get_fields(self):
        """Leave out the secret for all but staff, the office's due day for a cooperative; the schema shows both."""
        fields = super().get_fields()
        request = self.context.get("request")
        # The schema is made for nobody; nobody is never shown a case.
        if request is None or not request.user.is_authenticated:
            return fields
        if request.user.role != Role.STAFF:
            fields.pop("secret")
        if not request.user.may_review:
            for name in _OFFICE_ONLY:
                fields.pop(name)
        return fields

    def get_status_label(self, case) -> str:
        """Return the words for the status: those of staff, or the public ones for a cooperative."""
        request = self.context.get("request")
        if request is not None and not request.user.may_review:
            return str(PUBLIC_STATUS[Status(case.status)])
        return case.get_status_display()

    def get_overdue(self, case) -> bool:
        """Return whether the case is past its due day with a running clock."""
        return case.is_overdue(timezone.localdate())


class CaseDetailSerializer(CaseSerializer):
    """One case in full, with details and checklist; ``version`` sent with a change notices a stale form."""

    details = DetailsField(required=False, allow_null=True)
    checklist = PaperSerializer(many=True, read_only=True, source="checklist.all")
    basis = BasisSerializer(read_only=True, allow_null=True)
    version = serializers.IntegerField(required=False, min_value=1)

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "basis", "details", "checklist"]
        read_only_fields = [name for name in CaseSerializer.Meta.read_only_fields if name != "version"]

    def update(self, case, values):
        """Change the case through its own act.

        Raises:
            InvalidEntry, StaleVersion: see :func:`support_cases.cases.change_case`.
        """
        version = values.pop("version", None)
        if "details" in values:
            values["details"] = read_details(case.topic, values["details"] or {})
        by = self.context["request"].user
        return change_case(case, values, by=by, today=timezone.localdate(), version=version)


class CaseOpenSerializer(serializers.Serializer):
    """What opens a case: a party, a topic, a title, and the details of that kind."""

    cooperative = VisibleRow(
        visible_to=cooperatives_for, queryset=Cooperative.objects.none(), required=False, allow_null=True
    )
    founding_group = VisibleRow(
        visible_to=founding_groups_for, queryset=FoundingGroup.objects.none(), required=False, allow_null=True
    )
    topic = serializers.ChoiceField(choices=topic_choices())
    title = serializers.CharField(max_length=200)
    details = DetailsField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    opened_on = serializers.DateField(required=False, allow_null=True)
    event_on = serializers.DateField(required=False, allow_null=True)
    officer = RowNumber(queryset=User.objects.officers(), required=False)
    receiving_agency = serializers.CharField(max_length=160, required=False, allow_blank=True)
    external_ref = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def create(self, values):
        """Open the case through its own act.

        Raises:
            InvalidEntry: see :func:`support_cases.cases.open_case`.
        """
        values["details"] = read_details(values["topic"], values.get("details") or {})
        today = timezone.localdate()
        received_at = timezone.localtime().time() if (values.get("opened_on") or today) == today else None
        by = self.context["request"].user
        return open_case(party=party_of(values), by=by, today=today, received_at=received_at, **values)


class StepSerializer(serializers.Serializer):
    """A step, its note, and the version of the case the person saw."""

    step = serializers.ChoiceField(choices=step_choices())
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    version = serializers.IntegerField(required=False, min_value=1)


class EventSerializer(serializers.ModelSerializer):
    """One line of the history."""

    actor = serializers.CharField(source="actor.get_full_name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = CaseEvent
        fields = ["step", "from_status", "to_status", "note", "actor", "effective_on", "recorded_at"]


class PublicEventSerializer(serializers.ModelSerializer):
    """One line of the history as the cooperative reads it: no internal note, no name."""

    class Meta:
        model = CaseEvent
        fields = ["step", "from_status", "to_status", "effective_on"]
