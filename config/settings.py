"""All settings of an installation, read from the environment. `docs/operations.md` explains each name."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env
from core.postgres.options import pooled

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("KREIS_VAR", BASE_DIR / "var")

DEBUG = env.flag("KREIS_DEBUG")
TEST = env.flag("KREIS_TEST")
# One-click sign-in and the page of outgoing mail exist only where both say so.
DEMO_WANTED = env.flag("KREIS_DEMO")
DEMO = DEBUG and DEMO_WANTED
SECRET_KEY = env.text("KREIS_SECRET_KEY", "only-for-development" if DEBUG or TEST else None)
# Seals what must be read again, such as secrets of second factors; newest first. Lives outside the database.
SEAL_KEYS = env.words("KREIS_SEAL_KEY", "only-for-development" if DEBUG or TEST else "")
ALLOWED_HOSTS = env.words("KREIS_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG or TEST else "")
# Where the site is reached: for links that are made without a request, such as those of commands.
BASE_URL = env.text("KREIS_BASE_URL", "http://localhost:8000" if DEBUG or TEST else "").strip().rstrip("/")
CSRF_TRUSTED_ORIGINS = env.words("KREIS_TRUSTED_ORIGINS")
# How many reverse proxies of one's own stand in front: only so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.number("KREIS_TRUSTED_PROXIES", 0)
# Whoever sends it to /readyz is told which part is down.
HEALTH_TOKEN = env.text("KREIS_HEALTH_TOKEN", "").strip()
SITE_NAME = env.text("KREIS_SITE_NAME", "Kreis")
SOURCE_URL = env.text("KREIS_SOURCE_URL", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets, for core.forms.HouseRenderer
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "guardian",
    "lucide",
    "core",
    "accounts",
    "realtime",
    "communities",
    "messaging",
    "overview",
    "operations",
]

MIDDLEWARE = [
    "config.middleware.Numbered",
    "config.middleware.Walled",
    "config.middleware.KeptNowhere",  # first: redirects to HTTPS count; style sheets and scripts say for themselves
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.Health",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.Compressed",
    "csp.middleware.CSPMiddleware",
    "config.middleware.Leaving",
    "config.middleware.TooLong",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.DeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.HousePages",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

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
                "django.template.context_processors.i18n",
                "config.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "core.forms.HouseRenderer"

# ---- Data ---------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL")}
# How long a web process waits for an answer. After a page's patience (8 s) nobody hears it any more.
DATABASE_SECONDS = env.number("KREIS_DATABASE_SECONDS", 8)
if env.flag("KREIS_DATABASE_POOL"):
    # Under ASGI every request may run in another thread: a pool, and no connection kept per thread.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = pooled(DATABASES["default"]["OPTIONS"], seconds=DATABASE_SECONDS)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "core.cache.RedisOrMemoryCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.text("KREIS_PREFIX", "kreis"),
    },
    # Rendered messages, in this process's memory: a page must not wait for Redis.
    "fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
}
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
# Names a browser in which somebody signed in before (core/familiar.py).
FAMILIAR_COOKIE_NAME = "familiar"
NOTICES_COOKIE_NAME = "notices"
NEW_LINK_COOKIE_NAME = "new_invitation"
LANGUAGE_COOKIE_NAME = "language"
MESSAGE_STORAGE = "core.notices.Notices"

CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "realtime.layer.PatientLayer",
        "CONFIG": {
            # redis-py's own 5 s would end an idle subscription; the hub puts 2 s around each send instead.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 2}],
            "prefix": env.text("KREIS_PREFIX", "kreis"),
        },
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": env.text("KREIS_PREFIX", "kreis") + ":",
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sessions": {"task": "accounts.tasks.delete_old_sessions", "schedule": timedelta(hours=6)},
    "factor resets": {"task": "accounts.tasks.complete_factor_resets", "schedule": timedelta(minutes=5)},
    "mail server": {"task": "operations.tasks.complete_mail_switch", "schedule": timedelta(minutes=5)},
    "joining": {"task": "communities.tasks.delete_stale_joining", "schedule": timedelta(hours=1)},
    # See operations.heartbeat, which reads these two numbers here.
    "heartbeat": {
        "task": "operations.tasks.give_sign_of_life",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 25},
    },
}

# ---- People -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AddressBackend"]
ANONYMOUS_USER_NAME = None  # guardian: there is no anonymous account
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

# ---- Accounts: allauth --------------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "accounts.forms.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "accounts.forms.ConfirmPasswordResetCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "add_email": "accounts.forms.ChangeEmailForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
# A code sent again is good for another 15 minutes: three of them must fit into one attempt to sign in.
ACCOUNT_LOGIN_TIMEOUT = 60 * 60
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_CHANGE_EMAIL = True
# Signing in is what sets the new password, and comes last (accounts/new_password.py).
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
# No ACCOUNT_RATE_LIMITS: allauth asks core.throttle (accounts/limiter.py), whose table is the only one, and
# counts the five tries of each code. Its daily limit on mails keeps guessing six digits hopeless: 0014.

MFA_ADAPTER = "accounts.factors.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True

# ---- Language, time -----------------------------------------------------------------------------------------

LANGUAGES = [("de", _("German")), ("en", _("English"))]
LANGUAGE_CODE = env.text("KREIS_LANGUAGE", "de")
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("KREIS_TIME_ZONE", "Europe/Berlin")
USE_TZ = True

# ---- Files --------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.static.StyleFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.HashedStaticFilesStorage"},
}
if TEST:
    # Tests read the sources; what `make run` collects is tested where it is started.
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_USE_FINDERS = TEST
WHITENOISE_AUTOREFRESH = TEST

# ---- Mail ---------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "core.mail.EmailBackend"
if DEMO:
    EMAIL_BACKEND = "accounts.outbox.EmailBackend"
elif TEST:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
# "" leaves it to the installation's settings, which the set-up and the operator's page write.
EMAIL_HOST = env.text("KREIS_MAIL_HOST", "").strip()
EMAIL_PORT = env.number("KREIS_MAIL_PORT", 25)
EMAIL_HOST_USER = env.text("KREIS_MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("KREIS_MAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("KREIS_MAIL_STARTTLS")
EMAIL_USE_SSL = env.flag("KREIS_MAIL_TLS")
EMAIL_TIMEOUT = 10
MAIL_OWN_NETWORK = env.flag("KREIS_MAIL_OWN_NETWORK")
DEFAULT_FROM_EMAIL = env.text("KREIS_MAIL_FROM", "kreis@localhost")

# ---- Walls --------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A container asks itself without HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"
if not (DEBUG or TEST):
    SECURE_SSL_REDIRECT = env.flag("KREIS_HTTPS_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = env.number("KREIS_HSTS_SECONDS", 60 * 60 * 24 * 365)
    # Both speak for the whole domain, which may hold more than Kreis, and preloading cannot be taken back for months.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("KREIS_HSTS_SUBDOMAINS")
    SECURE_HSTS_PRELOAD = env.flag("KREIS_HSTS_PRELOAD")
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    FAMILIAR_COOKIE_NAME = "__Host-familiar"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    NOTICES_COOKIE_NAME = "__Host-notices"
    # For one page only, which `__Host-` does not allow.
    NEW_LINK_COOKIE_NAME = "__Secure-new-invitation"

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # the address is unique: by a constraint on its lower case, which this check cannot see
    "guardian.W001",  # guardian's backend is missing on purpose: rights hang on roles and are asked in one place
    "security.W005",  # HSTS for subdomains: the operator's choice, KREIS_HSTS_SUBDOMAINS
    "security.W021",  # HSTS preloading: the operator's choice, KREIS_HSTS_PRELOAD
]

# Beside what realtime.bodies lets in at all.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# Lines of JSON for machines; sentences for people. Only in development nothing is left out (core.logs).
LOG_AS_JSON = env.choice("KREIS_LOG", ("plain", "json"), "plain" if DEBUG or TEST else "json") == "json"
# The header in which one's own proxy says which request it is. Only where it sets it itself on every request.
REQUEST_ID_HEADER = env.text("KREIS_REQUEST_ID_HEADER", "").strip()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.Formatter", "as_json": LOG_AS_JSON, "is_discreet": not DEBUG}},
    "filters": {"outage": {"()": "core.outage.InOneLine"}, "seldom": {"()": "core.logs.Seldom"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["outage"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Without Django's own handlers: nothing is mailed to anybody.
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR"},
        # Forged host names, forms of other sites: by strangers, as often as they like.
        "django.security": {"level": "WARNING"},
        "django.security.DisallowedHost": {"filters": ["seldom"]},
        "django.security.csrf": {"filters": ["seldom"]},
        "django.server": {"level": "WARNING"},
        # The id of each passkey that is made or used.
        "fido2": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # Each of its tries to connect while PostgreSQL is away; those who needed one say so.
        "psycopg.pool": {"level": "ERROR"},
        # A traceback a second while Redis is away; the hub says it once, and when it is back.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
