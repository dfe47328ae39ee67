"""The register in the admin site, one module for each subject; Django imports this package and finds them all."""

from cooperatives.admin import (
    agencies,
    governance,
    lending,
    lines,
    ocop,
    register,
    registration,
    tax,
    workforce,
    yearly,
)

__all__ = [
    "agencies",
    "governance",
    "lending",
    "lines",
    "ocop",
    "register",
    "registration",
    "tax",
    "workforce",
    "yearly",
]
