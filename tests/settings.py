"""Settings of the tests: a small host site with the plugin in it.

`PADWIJZER_TEST_DB` chooses the database: `sqlite` (default) or `postgresql`.
"""

import os
import shutil
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
SCRATCH = Path(tempfile.gettempdir()) / f"padwijzer-tests-{os.getuid()}"

SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "tests.urls"

INSTALLED_APPS = [
    "padwijzer.cms",
    "padwijzer.workflows",
    "padwijzer.forms",
    "padwijzer.permissions",
    "viewflow.workflow",
    "csp",
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
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_KIND = os.environ.get("PADWIJZER_TEST_DB", "sqlite")
DATABASE_NAME = os.environ.get("PADWIJZER_TEST_DB_NAME")  # a database that exists, for processes a test starts

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a mount of Linux, and not a file of ours
ROOM = 512 * 1024**2


def _roomy_folder() -> Path:
    """Where a database file waits for no disk, if it fits: every step writes it through, thousands of times."""
    if os.access(SHARED_MEMORY, os.W_OK) and shutil.disk_usage(SHARED_MEMORY).free > ROOM:
        return SHARED_MEMORY
    return Path(tempfile.gettempdir())


DATABASES: dict[str, dict[str, object]]
if DATABASE_KIND == "sqlite":
    _file = str(_roomy_folder() / f"padwijzer-test-{os.getpid()}.sqlite3")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE_NAME or _file,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            "TEST": {"NAME": _file},  # a file: threads and processes meet in it as they would in production
        }
    }
elif DATABASE_KIND == "postgresql":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE_NAME or "postgres",
            "HOST": os.environ.get("PADWIJZER_TEST_PG_HOST", "127.0.0.1"),
            "PORT": os.environ.get("PADWIJZER_TEST_PG_PORT", "5432"),
            "USER": os.environ.get("PADWIJZER_TEST_PG_USER", "padwijzer_test"),
            "PASSWORD": os.environ.get("PADWIJZER_TEST_PG_PASSWORD", "padwijzer_test"),
            "TEST": {"NAME": f"test_padwijzer_{os.getpid()}"},
        }
    }
else:
    _message = f"PADWIJZER_TEST_DB is {DATABASE_KIND!r}; choose sqlite or postgresql."
    raise ValueError(_message)

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "/inloggen/"
LOGIN_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_SITE_NAME = "Gemeente Voorbeeld"
WAGTAILADMIN_BASE_URL = "http://testserver"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
TIME_ZONE = "Europe/Amsterdam"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = SCRATCH / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = SCRATCH / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],  # Wagtail's own pages still carry scripts in the page itself
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

PADWIJZER_PRIVATE_ROOT = SCRATCH / "private"
PADWIJZER_LOG = "gemeente-voorbeeld.example/padwijzer"
