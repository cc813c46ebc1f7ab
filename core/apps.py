from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Find what each app declares about itself; lower apps learn of higher ones only this way."""
        autodiscover_modules("personal_data", "streams")
