"""The register in the admin site, one module for each subject; Django imports this package and finds them all."""

from cooperatives.admin import agencies, register

__all__ = ["agencies", "register"]
