from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import known_devices, limiter, receivers  # noqa: F401

        limiter.take_over()
