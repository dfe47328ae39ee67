"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class KnownAddresses:
    """A storage that puts the address of each file together once; names stay while a process lives."""

    manifest_strict = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name, force=False):
        """Return the address of a file."""
        if settings.DEBUG or force:
            return super().url(name, force)
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]

    def stored_name(self, name):
        """Return the hashed name, or the plain one before ``collectstatic`` has run."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name


class PortalStaticStorage(KnownAddresses, CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; a file not collected yet keeps its plain name instead of breaking the page."""
