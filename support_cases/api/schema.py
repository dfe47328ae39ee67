"""The OpenAPI document: what it cannot read off the serializers, and in which form it is served."""

from drf_spectacular.views import SpectacularAPIView

# Left out of a case's answer for some roles.
_NOT_FOR_ALL = {"secret", "due_on", "extended_from", "overdue", "outcome_reason"}


def by_role_and_kind(result, generator, request, public):
    """Return the document with two facts put right.

    A case's answer leaves columns out by role, so they are not required; and a set of details may fit several
    kinds, because all their columns may be empty.
    """
    schemas = result["components"]["schemas"]
    for name in ("Case", "CaseDetail"):
        schemas[name]["required"] = [column for column in schemas[name]["required"] if column not in _NOT_FOR_ALL]
    for name in ("CaseDetails", "CaseDetailsRequest"):
        schemas[name]["anyOf"] = schemas[name].pop("oneOf")
    return result


class SchemaView(SpectacularAPIView):
    """The document in YAML or JSON, whichever is asked for; in YAML to whoever asks for something else."""

    def perform_content_negotiation(self, request, force=False):
        """Return what the answer is written with; never refuses, for a refusal would have to be written too."""
        return super().perform_content_negotiation(request, force=True)

    def handle_exception(self, exc):
        """Return the answer for ``exc`` in plain words, for YAML would write of which class they are."""
        answer = super().handle_exception(exc)
        answer.data = {name: str(words) for name, words in answer.data.items()}
        return answer
