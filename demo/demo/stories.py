"""A dozen invented families, each somewhere else on the voluntary path. Nobody in them exists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User

from demo.telling import Telling
from padwijzer.permissions.models import Organisation

EXPLAINED = ["wat", "waarom", "duur", "anders", "nee_zeggen"]


def tell_all(users: Mapping[str, User], organisation: Organisation, today: date) -> int:
    """Tell every story. Returns: how many cases there are now."""
    for story in STORIES:
        story(Telling(users, organisation, today))
    return len(STORIES)


def child(name: str, years: int, today: date, **more: Any) -> dict[str, Any]:
    """A child of about that age."""
    birthday = date(today.year - years, 1 + years % 12, 1 + (years * 5) % 27)
    return {"name": name, "kind": "child", "birth_date": min(birthday, today - timedelta(days=30)), **more}


def parent(name: str, **more: Any) -> dict[str, Any]:
    """A parent."""
    return {"name": name, "kind": "parent", **more}


def new_question(it: Telling) -> None:
    """A school asks; nobody has talked with the family yet."""
    it.asks(
        1,
        "Daan zit stil in de klas en praat bijna niet meer.",
        source="school",
        child=child("Daan Verschuur", 8, it.today, school="De Regenboog"),
        mother=parent("Linda Verschuur"),
    )


def late_first_talk(it: Telling) -> None:
    """The first talk should have been days ago."""
    it.asks(
        20,
        "We komen er thuis samen niet meer uit.",
        child=child("Mila Ouddorp", 14, it.today),
        mother=parent("Karin Ouddorp"),
        father=parent("Erik Ouddorp"),
    )


def talked(it: Telling, ago: int) -> None:
    """The first talk, and a fixed contact person."""
    it.does(
        ago,
        "consulent",
        "first_talk",
        ons_verhaal="Sinds de verhuizing is er veel spanning thuis.",
        waarom_nu="Het lukt niet meer om naar school te gaan.",
        wil_gezin="Rust in huis en weer samen eten.",
        stem_kind="Ik wil dat het stopt met ruzie maken.",
        uitleg_gezin="ja",
        uitleg_steun="ja",
        gezin_wil_iemand_erbij="nee",
    )
    it.does(ago, "consulent", "choose_person", vap_persoon=it.persons["consulent"], vap_gezin="Fijn, we kennen haar.")


def contact_chosen(it: Telling) -> None:
    """The route is still open."""
    it.asks(
        12, "Onze zoon slaapt slecht.", child=child("Sem Kranenburg", 6, it.today), father=parent("Joost Kranenburg")
    )
    talked(it, 8)


def light_route_with_a_reason(it: Telling) -> None:
    """More problems than one, and still the short route: a reasoned deviation."""
    it.asks(25, "Hulp bij het opvoeden.", child=child("Lotte Zuidema", 11, it.today), mother=parent("Anja Zuidema"))
    it.has_authority("child", "mother")
    talked(it, 20)
    it.does(
        18,
        "consulent",
        "choose_route",
        because="Het gezin wil eerst rust. Over zes weken kijken we samen opnieuw.",
        weg="kort",
        meer_domeinen="ja",
    )


def looking_back(it: Telling) -> None:
    """The family and the contact person look back together."""
    it.asks(
        40,
        "Al jaren hulp en het wordt niet beter.",
        child=child("Noud Meerveld", 13, it.today),
        mother=parent("Els Meerveld"),
    )
    it.has_authority("child", "mother")
    it.joins("gedragswetenschapper", "gedragswetenschapper")
    talked(it, 33)
    it.does(30, "consulent", "choose_route", weg="samen", meer_domeinen="ja")


def short_route(it: Telling, *, asked: int, child_key: str = "child") -> None:
    """Question, talk, short plan."""
    talked(it, asked - 5)
    it.does(asked - 7, "consulent", "choose_route", weg="kort", meer_domeinen="nee")
    it.does(
        asked - 9,
        "consulent",
        "short_plan",
        doel="Thuis weer rust, en elke dag naar school.",
        hulp_soort="gezinsbehandeling",
        hulp_voor="child",
        hulp_kind=it.persons[child_key],
        gezin_eens="ja",
        fgp_gevraagd="ja",
    )


def decision_waits(it: Telling) -> None:
    """The municipality still has to decide; the term runs."""
    it.asks(
        45,
        "Ruzies thuis lopen uit de hand.",
        child=child("Yara Bosveld", 10, it.today),
        mother=parent("Fatma Bosveld"),
    )
    it.has_authority("child", "mother")
    short_route(it, asked=45)


def decided(it: Telling, ago: int) -> None:
    """The municipality says yes."""
    it.does(
        ago,
        "consulent",
        "municipal_decision",
        besluit="ja",
        besluit_uitleg="Er is een vraag, er zijn problemen thuis, en eigen kracht is nu niet genoeg.",
        besluit_van=it.on(ago),
        besluit_tot=it.on(ago - 180),
        eerste_evaluatie=it.on(ago - 75),
    )


def asked_for_consent(it: Telling, ago: int, **says: str) -> None:
    """Everybody who must consent has had it explained and has answered."""
    it.does(ago, "consulent", "who_consents", gezag_gecontroleerd_op=it.on(ago))
    it.does(ago, "consulent", "explain", uitgelegd=EXPLAINED, uitleg_manier="Aan tafel, met plaatjes")
    it.does(
        ago,
        "consulent",
        "answers",
        antwoorden=[
            {"persoon": it.persons[who], "antwoord": answer, "datum": it.on(ago), "manier": "gesprek"}
            for who, answer in says.items()
        ],
        stem_kind="Ik vind het goed als het thuis rustiger wordt.",
    )


def consent_is_asked(it: Telling) -> None:
    """A decision, and nobody was asked yet."""
    it.asks(
        50,
        "Hulp bij scheiding.",
        child=child("Finn Harkema", 9, it.today),
        mother=parent("Wendy Harkema"),
        father=parent("Paul Harkema"),
    )
    it.has_authority("child", "mother", "father")
    short_route(it, asked=50)
    decided(it, 6)


def one_parent_refuses(it: Telling) -> None:
    """One of two parents says no: help does not start."""
    it.asks(
        60,
        "Hulp voor onze dochter.",
        child=child("Noor Westerwolde", 9, it.today),
        mother=parent("Ilona Westerwolde", secret_address="ja", address="Verzonnen plein 1"),
        father=parent("Bas Westerwolde"),
    )
    it.has_authority("child", "mother", "father")
    short_route(it, asked=60)
    decided(it, 30)
    asked_for_consent(it, 20, mother="akkoord", father="nee")


def youth_of_sixteen(it: Telling) -> None:
    """She is sixteen and decides herself."""
    it.asks(
        55, "Ik wil met iemand praten.", child=child("Lisa Tolhuis", 16, it.today), mother=parent("Petra Tolhuis")
    )
    it.has_authority("child", "mother")
    short_route(it, asked=55)
    decided(it, 20)
    asked_for_consent(it, 15, child="akkoord")


def waiting_for_help(it: Telling) -> None:
    """Everybody agrees, and help cannot start yet."""
    it.asks(80, "Angst voor school.", child=child("Tijn Lauwers", 12, it.today), mother=parent("Sofie Lauwers"))
    it.has_authority("child", "mother")
    it.joins("zorgaanbieder", "zorgaanbieder")
    short_route(it, asked=80)
    decided(it, 55)
    asked_for_consent(it, 50, child="akkoord", mother="akkoord")
    it.does(45, "zorgaanbieder", "plan_intake", intake_op=it.on(40), contra="Als Tijn zelf niet wil.")
    it.does(40, "zorgaanbieder", "intake_outcome", uitkomst_intake="past", start_verwacht=it.on(-60))


def help_is_running(it: Telling) -> Telling:
    """Help runs since two months."""
    it.asks(
        120,
        "Samen leren omgaan met boosheid.",
        child=child("Bram Sluiskes", 7, it.today),
        mother=parent("Mieke Sluiskes"),
        father=parent("Hans Sluiskes"),
    )
    it.has_authority("child", "mother", "father")
    it.joins("zorgaanbieder", "zorgaanbieder")
    short_route(it, asked=120)
    decided(it, 90)
    asked_for_consent(it, 85, mother="akkoord", father="akkoord")
    it.does(80, "zorgaanbieder", "plan_intake", intake_op=it.on(76), contra="Geen")
    it.does(76, "zorgaanbieder", "intake_outcome", uitkomst_intake="past", start_verwacht=it.on(62))
    it.does(62, "zorgaanbieder", "help_begins", begonnen_op=it.on(62))
    it.does(61, "consulent", "help_starts", contact_ritme="w4")
    it.does(58, "consulent", "school_informed", school_mag="ja", school_wat="Dat er hulp is, en wie ze belt.")
    it.does(
        30,
        "consulent",
        "help_runs",
        status_aanbieder="goed",
        contacten=[
            {
                "op": it.on(30),
                "soort": "call",
                "wie": [it.persons["consulent"], it.persons["mother"]],
                "gezin_erbij": "ja",
            }
        ],
    )
    return it


def consent_was_withdrawn(it: Telling) -> None:
    """Help runs, and a parent takes back her consent."""
    help_is_running(it)
    it.starts(5, "consulent", "withdraw_consent", it.help_item())
    it.does(
        5, "consulent", "withdraw_consent", intrek_persoon=it.persons["mother"], intrek_woorden="Het wordt te veel."
    )


STORIES = (
    new_question,
    late_first_talk,
    contact_chosen,
    light_route_with_a_reason,
    looking_back,
    decision_waits,
    consent_is_asked,
    one_parent_refuses,
    youth_of_sixteen,
    waiting_for_help,
    help_is_running,
    consent_was_withdrawn,
)
