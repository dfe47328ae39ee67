"""Consultations over HTTP: list, read, and the one act that records a lượt."""

from functools import partial

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.response import Response

from cooperatives.access import cooperatives_for, founding_groups_for
from cooperatives.models import Cooperative, FoundingGroup
from htx_portal.accounts.permissions import ReadOrWork
from htx_portal.pagination import ApiPagination, CountedElsewhere
from support_cases.access import cases_for, consultations_for
from support_cases.api.fields import FlatListField, SentId, VisibleRow, party_of
from support_cases.choices import Channel, Outcome
from support_cases.consultations import Entry, log_consultation
from support_cases.filters import OF_THE_PAST, ListedConsultationFilter
from support_cases.models import Consultation
from support_cases.reports.counts import question_of, remembered_count
from support_cases.support_types import topic_choices

# What an answer holds of an entry; everything else stays in the database.
_COLUMNS = (
    "pk", "client_id", "cooperative_id", "founding_group_id", "cooperative__name", "founding_group__name", "held_on",
    "recorded_at", "officer_id", "officer__full_name", "officer__username", "channel", "topic_list", "case_list",
    "question", "advice", "outcome", "follow_up_day", "voided_at", "void_reason", "replaced_by_id",
)  # fmt: skip


class ConsultationSerializer(serializers.ModelSerializer):
    """One entry as it was recorded; ``voided`` says that it was taken back and counts no more."""

    topics = serializers.ListField(child=serializers.CharField(), read_only=True)
    cases = serializers.ListField(child=serializers.CharField(), read_only=True)
    follow_up_on = serializers.DateField(source="follow_up_day", allow_null=True, read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    officer_name = serializers.CharField(source="officer.get_full_name", read_only=True)
    voided = serializers.BooleanField(source="is_void", read_only=True)

    class Meta:
        model = Consultation
        fields = [
            "id", "client_id", "cooperative", "founding_group", "party_name", "held_on", "recorded_at", "officer",
            "officer_name", "channel", "topics", "cases", "question", "advice", "outcome", "follow_up_on",
            "voided", "void_reason", "replaced_by",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, row):
        """Return what the fields say, written out: a page of 25 entries asks the fields 400 times otherwise.

        ``row`` holds ``_COLUMNS``, as read from the database or as an entry just written.
        """
        row = row if isinstance(row, dict) else _columns_of(row)
        return {
            "id": row["pk"],
            "client_id": str(row["client_id"]),
            "cooperative": row["cooperative_id"],
            "founding_group": row["founding_group_id"],
            "party_name": row["cooperative__name"] or row["founding_group__name"],
            "held_on": row["held_on"].isoformat(),
            "recorded_at": timezone.localtime(row["recorded_at"]).isoformat(),
            "officer": row["officer_id"],
            "officer_name": row["officer__full_name"] or row["officer__username"],
            "channel": row["channel"],
            "topics": _parts(row["topic_list"]),
            "cases": _parts(row["case_list"]),
            "question": row["question"],
            "advice": row["advice"],
            "outcome": row["outcome"],
            "follow_up_on": row["follow_up_day"].isoformat() if row["follow_up_day"] else None,
            "voided": row["voided_at"] is not None,
            "void_reason": row["void_reason"],
            "replaced_by": row["replaced_by_id"],
        }


def _with_columns(rows):
    """Return the rows as values with all their lists, in one query."""
    return rows.with_lists().values(*_COLUMNS)


def _columns_of(entry: Consultation) -> dict:
    """Return the columns of an entry that was just written, with its lists remembered."""
    values = {}
    for column in _COLUMNS:
        table, _, name = column.rpartition("__")
        source = getattr(entry, table) if table else entry
        values[column] = getattr(source, name, None)
    return values


def _parts(joined: str | None) -> list[str]:
    """Return what was joined with commas, in one order: databases join in any, and a repeat answers as the first."""
    return sorted(joined.split(",")) if joined else []


class ConsultationLogSerializer(serializers.Serializer):
    """What is sent to record a lượt; ``client_id`` is made by the sender and makes a repeat harmless."""

    client_id = SentId()
    cooperative = VisibleRow(
        visible_to=cooperatives_for, queryset=Cooperative.objects.none(), required=False, allow_null=True
    )
    founding_group = VisibleRow(
        visible_to=founding_groups_for, queryset=FoundingGroup.objects.none(), required=False, allow_null=True
    )
    held_on = serializers.DateField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    topics = FlatListField(child=serializers.ChoiceField(choices=topic_choices()), max_length=50)
    cases = FlatListField(child=serializers.CharField(max_length=20), required=False, max_length=50)
    open_topics = FlatListField(child=serializers.ChoiceField(choices=topic_choices()), required=False, max_length=50)
    question = serializers.CharField(allow_blank=True, max_length=20_000)
    advice = serializers.CharField(allow_blank=True, required=False, max_length=20_000)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    follow_up_on = serializers.DateField(required=False, allow_null=True)

    def validate_cases(self, references):
        """Return the cases behind the references, only those the person may see."""
        wanted = list(dict.fromkeys(references))
        if not wanted:
            return []
        found = {case.reference: case for case in self._visible_cases().filter(reference__in=wanted)}
        unknown = [reference for reference in wanted if reference not in found]
        if unknown:
            raise serializers.ValidationError(
                [_("Không có hồ sơ %(reference)s.") % {"reference": reference} for reference in unknown]
            )
        return [found[reference] for reference in wanted]

    def _visible_cases(self):
        return cases_for(self.context["request"].user).select_related("cooperative", "founding_group")

    def entry(self) -> Entry:
        """Return the entry that was sent; call after ``is_valid``."""
        values = dict(self.validated_data)
        return Entry(party=party_of(values), **values)


class EntriesPagination(ApiPagination):
    """Pages of entries; their number is remembered for those who see all of them."""

    def paginate_queryset(self, queryset, request, view=None):
        """Return the rows of the page asked for, with all that an answer holds of them.

        Counted without what is joined to them, which no count needs.
        """
        counter = queryset.count
        if request.user.may_review:
            counter = partial(remembered_count, queryset, question_of(request.query_params))
        self.django_paginator_class = partial(CountedElsewhere, counter=counter)
        return super().paginate_queryset(_with_columns(queryset), request, view)


class ConsultationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Consultations the signed-in person may see."""

    queryset = Consultation.objects.none()
    serializer_class = ConsultationSerializer
    filterset_class = ListedConsultationFilter
    permission_classes = (ReadOrWork,)
    pagination_class = EntriesPagination
    lookup_value_regex = r"\d+"

    def get_queryset(self):
        """Return the rows of the role; a list adds the columns when the page is known."""
        rows = consultations_for(self.request.user)
        return rows if self.action == "list" else _with_columns(rows)

    def filter_queryset(self, queryset):
        """Filter the list; an entry asked for by its number is answered also when lists leave it out."""
        if self.action == "retrieve":
            return queryset
        # Said here too, because without a filter in the address none is asked.
        asked = self.request.query_params
        rows = queryset if any(asked.get(name) for name in OF_THE_PAST) else queryset.standing()
        return super().filter_queryset(rows)

    @extend_schema(
        request=ConsultationLogSerializer,
        responses={201: ConsultationSerializer, 200: ConsultationSerializer},
        description="Record one lượt. The same client_id again answers 200 with the first row; with another body 409.",
    )
    def create(self, request):
        """Record one consultation."""
        sent = ConsultationLogSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        row, is_new = log_consultation(sent.entry(), by=request.user, today=timezone.localdate())
        if not is_new:
            return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)
