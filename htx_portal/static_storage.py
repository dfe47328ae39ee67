"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; a file not collected yet keeps its plain name instead of breaking the page."""

    manifest_strict = False

    def stored_name(self, name):
        """Return the hashed name, or the plain one before ``collectstatic`` has run."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name
