"""Settings of the demonstration site: a small municipal Wagtail site with the plugin in it.

Without any environment variable it runs on SQLite in `var/demo`. A server sets:

- `PADWIJZER_DEBUG=0`, `PADWIJZER_SECRET_KEY`, `PADWIJZER_HOSTS` (comma-separated), `PADWIJZER_BASE_URL`;
- `PADWIJZER_DATA`: the folder of the database file, uploads and private files;
- `PADWIJZER_DB_HOST`, `_PORT`, `_NAME`, `_USER`, `_PASSWORD`: PostgreSQL instead of SQLite;
- `PADWIJZER_LOG`: the name under which this installation signs its history;
- `PADWIJZER_SMTP_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `PADWIJZER_MAIL_FROM`: outgoing mail.
"""

import os
from pathlib import Path

from demo.keys import secret_key

REPOSITORY = Path(__file__).resolve().parents[2]
SITE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("PADWIJZER_DATA", REPOSITORY / "var" / "demo"))
DATA.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("PADWIJZER_DEBUG", "1") == "1"
SECRET_KEY = secret_key(DATA)
ALLOWED_HOSTS = os.environ.get("PADWIJZER_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
BASE_URL = os.environ.get("PADWIJZER_BASE_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "demo.urls"
WSGI_APPLICATION = "demo.wsgi.application"

INSTALLED_APPS = [
    "demo",
    "padwijzer.cms",
    "padwijzer.workflows",
    "padwijzer.forms",
    "padwijzer.permissions",
    "viewflow.workflow",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "csp.middleware.CSPMiddleware",
    "demo.policy.AdminPolicyMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "demo.context.look",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, object]]
if "PADWIJZER_DB_HOST" in os.environ:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PADWIJZER_DB_HOST"],
            "PORT": os.environ.get("PADWIJZER_DB_PORT", "5432"),
            "NAME": os.environ.get("PADWIJZER_DB_NAME", "padwijzer"),
            "USER": os.environ.get("PADWIJZER_DB_USER", "padwijzer"),
            "PASSWORD": os.environ["PADWIJZER_DB_PASSWORD"],
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "padwijzer.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    }

# Signing in: one door, that of the municipality. Here it is django-allauth with a second factor.
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/inloggen/login/"
LOGIN_REDIRECT_URL = "/jeugd/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "demo.accounts.ClosedAccountAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Gemeente Voorbeeld"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_SITE_NAME = "Gemeente Voorbeeld"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["docx", "odt", "pdf", "txt"]

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
TIME_ZONE = "Europe/Amsterdam"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMAIL_HOST = os.environ.get("PADWIJZER_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("PADWIJZER_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PADWIJZER_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PADWIJZER_SMTP_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT != 25
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("PADWIJZER_MAIL_FROM", "padwijzer@gemeente-voorbeeld.example")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if "PADWIJZER_SMTP_HOST" in os.environ
    else "django.core.mail.backends.console.EmailBackend"
)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
X_FRAME_OPTIONS = "SAMEORIGIN"
if BASE_URL.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other names under the municipality's domain are not ours to bind to HTTPS
    "security.W019",  # Wagtail shows previews of its own pages in a frame; the policy below allows no other site
    "security.W021",  # the same: preloading concerns the whole domain
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

PADWIJZER_MUNICIPALITY = "Gemeente Voorbeeld"
PADWIJZER_SIGN_OUT_URL = "/inloggen/logout/"
PADWIJZER_PRIVATE_ROOT = DATA / "private"
PADWIJZER_LOG = os.environ.get("PADWIJZER_LOG", "gemeente-voorbeeld.example/padwijzer")
