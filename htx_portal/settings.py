"""Every setting once, under headings. The environment is read here and nowhere else."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from htx_portal import embedded, environment, log_lines

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if refusal := environment.refusal(env.ENVIRON):
    raise SystemExit(refusal)  # one line and no trace, whichever program reads this

# --- Where things live ---------------------------------------------------------------------------------
DATA_DIR = Path(env.str("HTX_DATA_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
FIXTURES_DIR = BASE_DIR / "fixtures"

# --- Switches ------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.secret_key(DATA_DIR)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
# For rehearsals on scratch databases only, see htx_portal/rehearsal.py.
REHEARSAL_CLOCK = env.str("HTX_REHEARSAL_CLOCK", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

# --- What is installed ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "htx_portal.accounts",
    "cooperatives",
    "support_cases",
    "htx_portal.apps.PortalConfig",
    "htx_portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "htx_portal.language.VietnameseFirst",
    "htx_portal.slashes.SlashForReaders",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "htx_portal.private_answers.PrivateAnswers",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "htx_portal.wrong_method.WrongMethodPage",  # below what adds headers, for its page is a new answer
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "htx_portal.urls"
WSGI_APPLICATION = "htx_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "htx_portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "htx_portal.menu.portal",
            ],
        },
    },
]

FORM_RENDERER = "htx_portal.form_rendering.PortalRenderer"

# --- Database: SQLite by default, PostgreSQL when DATABASE_URL is set ------------------------------------
SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN, so two writers queue instead of failing half-way.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000"
    ),
}
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, not :memory:, so that threads and processes of a test really compete for one database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Broker and cache: one Redis protocol everywhere ---------------------------------------------------
REDIS_SOCKET = embedded.socket_path(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL or f"unix://{REDIS_SOCKET}?db=1",
        "KEY_PREFIX": "htx",
        # The cache only hurries: without it every page still answers from the database.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{REDIS_SOCKET}"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_BEAT_SCHEDULER = "support_cases.clockwork:LivingScheduler"
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"

# --- Who may come in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "htx_portal.accounts.backends.PortalBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 14 * 24 * 3600
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "htx_portal.accounts.client_address.client_address"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_HTTP_RESPONSE_CODE = 429

# --- Transport and browser safety ------------------------------------------------------------------------
SECURE_SSL_REDIRECT = False  # TLS ends at the proxy in front, which also does the redirect
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # see SECURE_SSL_REDIRECT
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Language, dates and numbers -----------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [BASE_DIR / "htx_portal" / "locale"]
FORMAT_MODULE_PATH = ["htx_portal.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# --- Static files and uploads --------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "htx_portal" / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "htx_portal.static_storage.PortalStaticStorage"},
}
# Nobody is served an unhashed name, and source maps are not worth the 20 seconds their compression takes.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# --- Mail ----------------------------------------------------------------------------------------------
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    # No mail server yet: each mail becomes a readable file, so that nothing is lost without a trace.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="HTX portal <htx-portal@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# A gateway of the office's own for reminders by SMS or Zalo, see docs/channels.md; off without both.
REMINDER_WEBHOOK_URL = env.str("REMINDER_WEBHOOK_URL", default="")
REMINDER_WEBHOOK_SECRET = env.str("REMINDER_WEBHOOK_SECRET", default="")

# --- API -----------------------------------------------------------------------------------------------
FILTERS_EMPTY_CHOICE_LABEL = _("Tất cả")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "htx_portal.accounts.tokens.PortalTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["htx_portal.api_parsers.CarefulJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "htx_portal.pagination.ApiPagination",
    "DEFAULT_FILTER_BACKENDS": ["htx_portal.api_filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # There is one version, in the path; without this the schema repeats any ?version= in a header.
    "ALLOWED_VERSIONS": ["1.0.0"],
    "EXCEPTION_HANDLER": "htx_portal.api_errors.to_response",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "COERCE_DECIMAL_TO_STRING": False,
    "DATE_INPUT_FORMATS": ["iso-8601", "%d/%m/%Y"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "HTX portal API",
    "DESCRIPTION": "Register, consultations, cases, public status and reports of the working group.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "support_cases.api.schema.by_role_and_kind",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AgencyKindEnum": "cooperatives.choices.AgencyKind",
        "CaseOutcomeEnum": "support_cases.choices.CaseOutcome",
        "CaseStatusEnum": "support_cases.choices.Status",
        "KindEnum": "cooperatives.choices.Kind",
        "LegalStatusEnum": "cooperatives.choices.LegalStatus",
        "LineActionEnum": "cooperatives.choices.LineAction",
        "LoanResultEnum": "cooperatives.choices.LoanResult",
        "OcopPaperKindEnum": "cooperatives.ocop_choices.OcopPaperKind",
        "OutcomeEnum": "support_cases.choices.Outcome",
        "RatingLevelEnum": "cooperatives.ocop_choices.RatingLevel",
        "RefusalReasonEnum": "cooperatives.choices.RefusalReason",
        "SupportResultEnum": "cooperatives.models.workforce.SupportResult",
        "TopicEnum": "support_cases.support_types.TOPICS",
        "VsicVersionEnum": "cooperatives.models.VsicVersion",
    },
}
# Printed on receipts and on the public look-up: whom a cooperative calls when nobody in particular is known.
OFFICE_PHONE = env.str("OFFICE_PHONE", default="0209000000" if DEMO else "")
PUBLIC_STATUS_RATE = env.str("PUBLIC_STATUS_RATE", default="120/min")
PUBLIC_STATUS_FAILURES = env.str("PUBLIC_STATUS_FAILURES", default="15/10min")

# --- Logs ----------------------------------------------------------------------------------------------
LOGGING = log_lines.LOGGING
