"""What the OpenAPI document cannot read off the serializers."""

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
