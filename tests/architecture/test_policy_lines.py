"""Every address has a policy line, and whoever is not involved in a case finds nothing behind any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from padwijzer.cms import urls as plugin
from padwijzer.cms.work.doors import POLICIES
from padwijzer.workflows.models import Draft, Membership, Notice
from tests.support.cases import (
    Family,
    a_case,
    a_release,
    a_user,
    an_organisation,
    at,
    it_is,
    with_help_chosen,
    words_of,
)

TODAY = "2026-11-10"
HOST = {
    "inloggen/": "signing in belongs to the municipality",
    "uitloggen/": "so does signing out",
    "admin/": "Wagtail asks for its own permission at every page",
    "documents/": "Wagtail's documents of the site; files of a case are never there",
    "": "the public pages of the site itself",
}
"""What the host project has besides the plugin, by prefix, and why it needs no policy line of ours."""
PLUGIN = "jeugd/"


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern under some patterns, with its whole route."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield route, pattern


def of_the_plugin() -> list[URLPattern]:
    return [pattern for _route, pattern in addresses(list(plugin.urlpatterns))]


def test_the_whole_project_is_walked() -> None:
    routes = [route for route, _pattern in addresses(get_resolver().url_patterns)]
    assert len(routes) > 100
    assert sum(route.startswith(PLUGIN) for route in routes) == len(of_the_plugin()) > 15


def test_every_other_address_of_the_project_is_there_for_a_reason() -> None:
    others = [route for route, _pattern in addresses(get_resolver().url_patterns) if not route.startswith(PLUGIN)]
    named = [prefix for prefix in HOST if prefix]
    of_the_site = [route for route in others if not route.startswith(tuple(named))]
    assert len(of_the_site) <= 3, of_the_site  # Wagtail's page serving, its password form, and no more
    assert all(any(route.startswith(prefix) for route in others) for prefix in named)


@pytest.mark.parametrize("pattern", of_the_plugin(), ids=lambda it: str(it.name))
def test_every_address_of_the_plugin_has_a_policy_line_and_a_name(pattern: URLPattern) -> None:
    assert getattr(pattern.callback, "policy", None) in POLICIES
    assert pattern.name


def test_no_two_addresses_of_the_plugin_have_one_name() -> None:
    names = [pattern.name for pattern in of_the_plugin()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("pattern", of_the_plugin(), ids=lambda it: str(it.name))
def test_an_address_that_names_a_case_or_a_task_is_not_open_to_everybody(pattern: URLPattern) -> None:
    policy = getattr(pattern.callback, "policy", "")
    if "case" in pattern.pattern.converters or "task" in pattern.pattern.converters:
        assert policy in {"case", "task"}


# Roles and pages

ABOUT_A_CASE = {"case", "task", "notice", "membership", "draft"}
OTHERS = ("other_municipality", "same_team", "provider", "superuser", "superuser_involved", "left_yesterday")


@pytest.fixture
def family(db: None, monkeypatch: pytest.MonkeyPatch) -> Family:
    a_release()
    it_is(monkeypatch, TODAY)
    return with_help_chosen(a_case())


def outsider(kind: str, family: Family) -> Any:
    """Somebody who may not see the case."""
    match kind:
        case "other_municipality":
            return a_user("jeugdconsulent", organisation=an_organisation("Gemeente Elders"))
        case "same_team":
            return a_user("jeugdconsulent", "vap", "gezinscoach")
        case "provider":
            return a_user("zorgaanbieder", organisation=an_organisation("Zorg Dichtbij", "provider"))
        case "superuser":
            return a_user("jeugdconsulent", is_superuser=True)
        case "superuser_involved":
            user = a_user("jeugdconsulent", "vap")
            family.joins(user, "jeugdconsulent", "2026-11-06")
            user.is_superuser = True
            user.save()
            return user
        case _:
            user = a_user("jeugdconsulent")
            member = family.joins(user, "jeugdconsulent", "2026-11-06")
            Membership.objects.filter(pk=member.pk).update(until=at("2026-11-09").date())
            return user


def address_of(pattern: URLPattern, family: Family) -> str:
    """The address of a pattern, filled in for this case; a document is one that is not there."""
    notice, _made = Notice.objects.get_or_create(
        case=family.case,
        source="t",
        occasion="1",
        defaults={"kind": "alarm", "text": "Bel.", "roles": ",vap,", "created_at": at(TODAY)},
    )
    task = family.task("municipal_decision")
    draft, _made = Draft.objects.get_or_create(task=task, user=family.worker, defaults={"saved_at": at(TODAY)})
    known = {
        "case": family.case.pk,
        "task": task.pk,
        "draft": draft.pk,
        "notice": notice.pk,
        "membership": Membership.objects.filter(case=family.case)[0].pk,
        "row": family.child,
        "subject": family.child,
        "person": family.child,
        "definition": "V",
        "track": "choose_mentor",
        "change": "gegevens",
        "number": 1,
        "document": uuid4(),
    }
    return reverse(f"padwijzer:{pattern.name}", kwargs={name: known[name] for name in pattern.pattern.converters})


@pytest.mark.parametrize("kind", OTHERS)
def test_nobody_else_finds_anything_behind_an_address_of_a_case(client: Client, family: Family, kind: str) -> None:
    patterns = [it for it in of_the_plugin() if ABOUT_A_CASE & it.pattern.converters.keys()]
    assert len(patterns) > 12
    client.force_login(outsider(kind, family))
    for pattern in patterns:
        address = address_of(pattern, family)
        for method in (client.get, client.post):
            assert method(address).status_code in {404, 405}, f"{kind} {method.__name__} {pattern.name}"
        if client.get(address).status_code == 405:
            assert client.post(address).status_code == 404, f"{kind} {pattern.name}"


@pytest.mark.parametrize("kind", OTHERS)
def test_nobody_else_reads_of_the_case_on_a_page_of_his_own(client: Client, family: Family, kind: str) -> None:
    client.force_login(outsider(kind, family))
    for pattern in of_the_plugin():
        if not pattern.pattern.converters:
            page = words_of(client.get(address_of(pattern, family)))
            assert family.case.number not in page, f"{kind} {pattern.name}"
            assert "Noor" not in page, f"{kind} {pattern.name}"


def test_who_is_not_signed_in_comes_to_the_door_from_every_address(client: Client, family: Family) -> None:
    for pattern in of_the_plugin():
        address = address_of(pattern, family)
        for method in (client.get, client.post):
            answer = method(address)
            assert answer.status_code == 302, f"{method.__name__} {pattern.name}"
            assert answer["Location"].startswith("/inloggen/"), pattern.name


def test_who_works_on_the_case_does_find_it(client: Client, family: Family) -> None:
    client.force_login(family.worker)
    found = {it.name: client.get(address_of(it, family)).status_code for it in of_the_plugin()}
    for name in ("tasks", "cases", "case", "timeline", "members", "family", "consent", "tracks", "step_start"):
        assert found[name] in {200, 302}, name


def test_no_address_says_who_it_is_about(family: Family) -> None:
    for pattern in of_the_plugin():
        assert not {"noor", "wit", "bakker"} & set(address_of(pattern, family).lower().replace("-", "/").split("/"))
