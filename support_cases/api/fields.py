"""Fields shared by the API of cases and consultations: rows a person may see, ids, typed details by topic."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from support_cases.support_types import SUPPORT_TYPES


class RowNumber(serializers.PrimaryKeyRelatedField):
    """The number of a row; 1.5 is not cut down to 1, which would be somebody else."""

    def to_internal_value(self, data):
        """Return the row.

        Raises:
            serializers.ValidationError: when there is none, or ``data`` is no whole number.
        """
        if isinstance(data, float):
            self.fail("incorrect_type", data_type="float")
        return super().to_internal_value(data)


class VisibleRow(RowNumber):
    """A row of the queryset the signed-in person may see; anything else does not exist."""

    def __init__(self, visible_to=None, **kwargs):
        self.visible_to = visible_to
        super().__init__(**kwargs)

    def get_queryset(self):
        """Return the rows of the role, or those given for the schema."""
        request = self.context.get("request")
        return self.visible_to(request.user) if request else super().get_queryset()


class SentId(serializers.UUIDField):
    """An id made by the sender, as text; plain numbers would be made by two senders alike."""

    def to_internal_value(self, data):
        """Return the UUID.

        Raises:
            serializers.ValidationError: when ``data`` is no UUID written as text.
        """
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class FlatListField(serializers.ListField):
    """A list whose messages are one flat list, whichever of its members they are about."""

    def to_internal_value(self, data):
        """Return the values.

        Raises:
            serializers.ValidationError: with a list of messages.
        """
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as refusal:
            if not isinstance(refusal.detail, dict):
                raise
            raise serializers.ValidationError(
                [message for messages in refusal.detail.values() for message in messages]
            ) from refusal


def party_of(values: dict):
    """Take the party out of validated values and return it.

    Raises:
        serializers.ValidationError: when none or both are named.
    """
    named = [values.pop(name, None) for name in ("cooperative", "founding_group")]
    given = [party for party in named if party is not None]
    if len(given) != 1:
        raise serializers.ValidationError({"cooperative": [_("Chọn một HTX hoặc một nhóm sáng lập.")]})
    return given[0]


def details_serializer(topic: str) -> type[serializers.ModelSerializer]:
    """Return the serializer of the typed columns of one kind of support."""
    return _DETAILS[topic]


def _make(kind) -> type[serializers.ModelSerializer]:
    names = [field.name for field in kind.detail_fields()]
    meta = type("Meta", (), {"model": kind.details, "fields": names})
    return type(kind.details.__name__, (serializers.ModelSerializer,), {"Meta": meta, "__doc__": kind.__doc__})


_DETAILS = {code: _make(kind) for code, kind in SUPPORT_TYPES.items()}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="CaseDetails",
        serializers=[*_DETAILS.values()],
        resource_type_field_name=None,
    )
)
class DetailsField(serializers.DictField):
    """The typed columns of the case's kind of support, as an object."""

    def to_representation(self, value):
        """Return the columns of a details row."""
        return _DETAILS[value.case.topic](value).data if value is not None else {}


def read_details(topic: str, sent: dict) -> dict:
    """Return the typed values of ``sent`` for ``topic``; only columns that were sent.

    Raises:
        serializers.ValidationError: with messages under ``details``.
    """
    if topic not in _DETAILS:
        return {}
    form = _DETAILS[topic](data=sent, partial=True)
    unknown = [name for name in sent if name not in form.fields]
    problems = [f"{name}: {_('Nội dung này không có mục này.')}" for name in unknown]
    if not form.is_valid():
        problems += [f"{name}: {message}" for name, messages in form.errors.items() for message in messages]
    if problems:
        raise serializers.ValidationError({"details": problems})
    return dict(form.validated_data)
