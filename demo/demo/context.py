"""What stands around the pages of the demonstration that are not the plugin's own."""

from django.http import HttpRequest
from django.urls import reverse


def look(request: HttpRequest) -> dict[str, dict[str, str]]:
    """The name of the municipality and who is signed in, in the shape of the plugin's header."""
    around = {"municipality": "Gemeente Voorbeeld", "product": "Jeugdhulp", "home_url": reverse("home")}
    if request.user.is_authenticated:
        around |= {"user_name": request.user.get_full_name(), "sign_out_url": reverse("account_logout")}
    return {"look": around}
