"""The kinds of support, one file each; a new file in this package is a new kind."""

import importlib
import pkgutil

from support_cases.support_types.base import (
    CaseDetails,
    CaseRow,
    FieldGroup,
    Hint,
    KindDay,
    Milestone,
    NextCase,
    SupportType,
)


def _discover() -> dict[str, SupportType]:
    """Import every module of the package and return its kinds by code, in their declared order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    kinds = sorted((cls() for cls in SupportType.__subclasses__()), key=lambda kind: kind.position)
    return {kind.code: kind for kind in kinds}


SUPPORT_TYPES = _discover()


def support_type(code: str) -> SupportType:
    """Return the kind of support with this code.

    Raises:
        KeyError: when there is none.
    """
    return SUPPORT_TYPES[code]


def topic_choices() -> list[tuple[str, str]]:
    """Return ``(code, label)`` of every kind, for forms, filters and the API schema."""
    return [(kind.code, kind.label) for kind in SUPPORT_TYPES.values()]


def topic_label(code: str) -> str:
    """Return the label of a topic, or the code itself for a kind whose file was taken away."""
    kind = SUPPORT_TYPES.get(code)
    return str(kind.label) if kind else code


# A plain list, for the API schema to name the set of values.
TOPICS = topic_choices()

__all__ = [
    "SUPPORT_TYPES",
    "TOPICS",
    "CaseDetails",
    "CaseRow",
    "FieldGroup",
    "Hint",
    "KindDay",
    "Milestone",
    "NextCase",
    "SupportType",
    "support_type",
    "topic_choices",
    "topic_label",
]
