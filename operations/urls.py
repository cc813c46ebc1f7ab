"""The pages of whoever runs the place. They show sizes and health, never contents."""

from django.urls import path

from operations import views

urlpatterns = [
    path("operations/", views.health, name="operations"),
    path("operations/groups/", views.groups, name="operations_groups"),
]
