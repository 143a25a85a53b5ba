from django.apps import AppConfig


class ExposureConfig(AppConfig):
    name = "marketplace.exposure"
    label = "exposure"
