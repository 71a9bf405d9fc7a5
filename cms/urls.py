"""The addresses of the plugin's own pages; a host site includes this module under one prefix."""

from django.urls import URLPattern, URLResolver

app_name = "padwijzer"

urlpatterns: list[URLPattern | URLResolver] = []
