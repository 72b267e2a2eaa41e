"""One settings file; everything that differs between machines comes from the environment.

The names are listed in `.env.example`. A missing one is loud, except in the
demonstration (`DEMO=1`), which keeps a key of its own beside its SQLite file.
"""

import secrets
import sys
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env", overwrite=False)

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))  # what the site itself writes

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)


# --- Data -------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'hoiphunu.sqlite3'}")}
DATABASE = DATABASES["default"]
IS_SQLITE = DATABASE["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits its turn instead of failing half way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Of two seconds for a country's stocks PostgreSQL spent one on compiling the question.
    OPTIONS = DATABASE.setdefault("OPTIONS", {})
    OPTIONS["options"] = f"{OPTIONS.get('options', '')} -c jit=off".strip()
    DATABASE["CONN_MAX_AGE"] = 60
    DATABASE["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DEMO and not IS_SQLITE:
    raise ImproperlyConfigured("DEMO=1 is for a SQLite file only; unset it or DATABASE_URL.")


# --- Secrets and hosts ------------------------------------------------------------------


def demo_secret_key():
    """A random key made once and kept beside the demonstration's database."""
    path = VAR_DIR / "demo-secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = demo_secret_key() if DEMO else env("SECRET_KEY")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOCAL_HOSTS if DEMO or DEBUG else [])
CSRF_TRUSTED_ORIGINS = [
    f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host not in [*LOCAL_HOSTS, "*"]
]
PORT = env.int("PORT", default=8000)

IS_SECURE = not (DEBUG or DEMO)
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_AGE = 12 * 3600
# On: the proxy sets X-Real-IP, and it is believed. Off: the address of the connection counts.
# None: nobody has said; as off, and `check --deploy` asks.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=None)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}


# --- Applications -----------------------------------------------------------------------

INSTALLED_APPS = [
    "reports",
    "programs",
    "branches",
    "hoiphunu",
    "hoiphunu.apps.AdminConfig",  # django.contrib.admin with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "axes",
    "import_export",
    "rules.apps.AutodiscoverRulesConfig",
    "simple_history",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hoiphunu.middleware.RefuseNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "hoiphunu.middleware.NoStoreMiddleware",
    "hoiphunu.middleware.OwnPasswordFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",  # last: puts the page that says to wait in its place
]
ROOT_URLCONF = "hoiphunu.urls"
WSGI_APPLICATION = "hoiphunu.wsgi.application"
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
                "hoiphunu.context_processors.site",
                "reports.context_processors.unread_notifications",
                "reports.context_processors.demo_accounts",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"


# --- People -----------------------------------------------------------------------------

AUTH_USER_MODEL = "branches.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses before a password is looked at
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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
# Wrong passwords: the pair of name and address waits, never an office behind one address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying on does not lengthen the wait
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # by address, for an hour; see branches/sign_in.py
AXES_HANDLER = "branches.sign_in.SignInHandler"
AXES_USERNAME_CALLABLE = "branches.sign_in.typed_name"
AXES_CLIENT_IP_CALLABLE = "branches.sign_in.client_address"
AXES_LOCKOUT_CALLABLE = "branches.sign_in.wait_page"
AXES_ENABLE_ADMIN = False  # its pages know nothing of whose people an administrator may see
AXES_VERBOSE = False
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"


# --- Language: our own words are Vietnamese, `locale/vi` puts other packages right --------

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
FORMAT_MODULE_PATH = ["hoiphunu.formats"]
USE_THOUSAND_SEPARATOR = True


# --- Files ------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names once `collectstatic` has run (the image does); a newcomer needs no such step.
HAS_BUILT_STATIC = IS_SECURE and (
    "collectstatic" in sys.argv or (STATIC_ROOT / "staticfiles.json").exists()
)
WHITENOISE_USE_FINDERS = not HAS_BUILT_STATIC
if DEMO:
    STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there
MEDIA_ROOT = VAR_DIR / "media"  # no MEDIA_URL: a StoredFile is served by its scoped view only
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "hoiphunu.storage.CompressedStorage"
        if HAS_BUILT_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000  # a long plan that was read: 800 proposals to correct

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_IMPORT_IGNORE_BLANK_LINES = True


# --- Mail -------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10  # seconds; only the worker ever waits for them
# The address of the site, for letters: a worker sees no request from which to read it.
SITE_URL = env("SITE_URL", default="").rstrip("/") or (
    f"https://{ALLOWED_HOSTS[0].lstrip('.*')}"
    if IS_SECURE and ALLOWED_HOSTS
    else f"http://127.0.0.1:{PORT}"
)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Hội LHPN <khong-tra-loi@localhost>")


# --- Background work --------------------------------------------------------------------

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="memory://localhost/")
CELERY_TASK_IGNORE_RESULT = True  # progress lives in the Upload and Export rows
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is down or silent must not hold a page: it gives up, the row waits for the sweep.
CELERY_TASK_PUBLISH_RETRY = False
SOON = {"socket_timeout": 1, "socket_connect_timeout": 1}  # seconds
if CELERY_BROKER_URL.startswith("redis"):
    # Without the last two a page tries for four seconds; a worker looks for its broker by itself.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        # Longer than the second for which an idle worker waits at a time.
        **dict.fromkeys(SOON, 1.5),
        "max_retries": 0,
        "interval_start": 0,
    }
# Notes of how far a running job is; with one process for page and worker its memory will do.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "hoiphunu",
        "OPTIONS": SOON,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CELERY_BEAT_SCHEDULE = {
    "keep-calendar": {
        "task": "reports.tasks.keep_calendar",
        "schedule": crontab(hour=0, minute=15),
    },
    "send-reminders": {
        "task": "reports.tasks.send_reminders",
        # Often, so that an outage is made up for; whether it is time says the service.
        "schedule": crontab(minute="*/10"),
    },
    "check-tree": {"task": "reports.tasks.check_tree", "schedule": crontab(hour=1, minute=30)},
    "forget-sign-ins": {
        "task": "reports.tasks.forget_sign_ins",
        "schedule": crontab(hour=1, minute=45),
    },
    "erase-expired": {
        "task": "programs.tasks.erase_expired",
        "schedule": crontab(hour=2, minute=30),
    },
    "keep-no-longer": {
        "task": "programs.tasks.keep_no_longer",
        "schedule": crontab(hour=2, minute=45),
    },
    "recount": {"task": "reports.tasks.recount", "schedule": crontab(hour=2, minute=0)},
    "sweep": {"task": "reports.tasks.sweep", "schedule": crontab(minute="*/2")},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
