"""The log of the web server: gunicorn's own, without the secrets that stand in addresses."""

from gunicorn.glogging import Logger

from htx_portal.log_lines import WithoutSecrets


class WebLog(Logger):
    """Gunicorn's log; every line of it goes through :class:`htx_portal.log_lines.WithoutSecrets`."""

    def setup(self, cfg):
        """Set the log up as gunicorn does, and again whenever it reads its settings anew."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            if not any(isinstance(known, WithoutSecrets) for known in log.filters):
                log.addFilter(WithoutSecrets())
