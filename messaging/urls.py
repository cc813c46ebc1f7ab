from django.urls import path

from messaging import views

_room = "c/<slug:slug>/rooms/<uuid:room>/"

urlpatterns = [
    path("c/<slug:slug>/rooms/", views.rooms, name="rooms"),
    path(_room, views.room, name="room"),
    path(_room + "messages/", views.messages, name="messages"),
    path(_room + "changes/", views.changes, name="changes"),
    path(_room + "reading/", views.reading, name="reading"),
    path(_room + "messages/<uuid:message>/", views.message, name="message"),
    path(_room + "messages/<uuid:message>/edition/", views.edition, name="edition"),
    path(_room + "messages/<uuid:message>/deletion/", views.deletion, name="deletion"),
]
