"""Static files under hashed names as in the portal, but not compressed."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class PlainStaticStorage(ManifestStaticFilesStorage):
    """The same look-up of names; a file not collected keeps its plain name."""

    manifest_strict = False
