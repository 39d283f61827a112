"""Addresses of the pages."""

from django.urls import path

from panshi.console.web import views

urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("g/<slug:name>/", views.group, name="group"),
    path("alive", views.alive, name="alive"),
]
