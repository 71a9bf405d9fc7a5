import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.mark.django_db
def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    User.objects.create_superuser("beheerder", password="alleen-voor-de-proef")
    answer = client.post("/admin/login/", {"username": "beheerder", "password": "alleen-voor-de-proef"})
    assert (answer.status_code, answer["Location"]) == (302, "/inloggen/?next=/admin/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_who_came_in_by_the_one_door_reaches_the_admin(client: Client) -> None:
    client.force_login(User.objects.create_superuser("beheerder"))
    answer = client.get("/admin/login/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.django_db
def test_a_password_cannot_be_reset_by_mail(client: Client) -> None:
    assert client.get("/admin/password_reset/").status_code == 404
