from django.urls import path

from overview import views

urlpatterns = [
    path("c/<slug:slug>/", views.today, name="community"),
    path("c/<slug:slug>/today/reading/", views.reading, name="today_reading"),
    path("c/<slug:slug>/search/", views.search, name="search"),
    path("c/<slug:slug>/jump/", views.jump, name="jump"),
]
