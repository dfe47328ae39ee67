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
    """Return the serializer of the details of a kind, its child rows nested as lists of objects."""
    names = [field.name for field in kind.detail_fields()]
    rows = {
        name: _rows_serializer(kind, name)(many=True, required=False, source=".".join(_place_of(model)))
        for name, model in kind.rows.items()
    }
    return _serializer(kind.details, [*names, *rows], rows | {"__doc__": kind.__doc__})


def _rows_serializer(kind, name: str) -> type[serializers.ModelSerializer]:
    """Return the serializer of one list of child rows; ``id`` names a row that is there already."""
    columns = [field.name for field in kind.row_fields(name)]
    model = kind.rows[name]
    number = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    return _serializer(model, ["id", *columns], {"id": number, "__doc__": model.__doc__})


def _serializer(model, fields: list[str], attributes: dict) -> type[serializers.ModelSerializer]:
    # What constraints say is said by the acts, with the row as a whole before them.
    meta = type("Meta", (), {"model": model, "fields": fields, "validators": []})
    bases = (serializers.ModelSerializer,)
    return type(model.__name__, bases, attributes | {"Meta": meta, "serializer_related_field": RowNumber})


def _place_of(rows) -> tuple[str, str, str]:
    """Return by which attributes the child rows of a model are reached from the details."""
    return "case", f"{rows._meta.model_name}_rows", "all"


_DETAILS = {code: _make(kind) for code, kind in SUPPORT_TYPES.items()}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="CaseDetails",
        serializers=[*_DETAILS.values()],
        resource_type_field_name=None,
    )
)
class DetailsField(serializers.DictField):
    """The typed columns of the case's kind of support, as an object; child rows as lists of objects."""

    def to_representation(self, value):
        """Return the columns of a details row, for a cooperative's people without what is the office's own."""
        if value is None:
            return {}
        kind = value.case.kind
        data = _DETAILS[kind.code](value).data
        request = self.context.get("request")
        if request is not None and request.user.may_review:
            return data
        return {name: words for name, words in data.items() if name not in kind.office_only}


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
        problems += [f"{name}: {message}" for name, found in form.errors.items() for message in _flat(found)]
    if problems:
        raise serializers.ValidationError({"details": problems})
    values = dict(form.validated_data)
    lists = values.pop("case", {})
    for name, model in SUPPORT_TYPES[topic].rows.items():
        if name in sent:
            _case, rows, every = _place_of(model)
            values[name] = lists[rows][every]
    return values


def _flat(found) -> list[str]:
    """Return the messages of a field; those of child rows say in which row and column."""
    if isinstance(found, dict):
        return [f"{name}: {message}" for name, inner in found.items() for message in _flat(inner)]
    lines = []
    for place, inner in enumerate(found, start=1):
        lines += [f"{place}. {message}" for message in _flat(inner)] if isinstance(inner, dict) else [str(inner)]
    return lines
