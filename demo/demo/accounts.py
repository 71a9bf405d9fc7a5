"""Who may have an account on the demonstration site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are given by the municipality: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never, whoever asks."""
        return False
