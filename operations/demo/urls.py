"""Pages that exist only in demo mode."""

from django.urls import path

from operations.demo import views

urlpatterns = [
    path("mail/", views.mails, name="demo_mails"),
    path("mail/<str:mail_id>/", views.mail, name="demo_mail"),
    path("sign-in/<str:signed>/", views.sign_in, name="demo_sign_in"),
]
