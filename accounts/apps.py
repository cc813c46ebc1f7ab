from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import limiter, receivers  # noqa: F401

        limiter.take_over()
