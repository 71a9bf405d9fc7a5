"""The invented employees of Gemeente Voorbeeld and its partners, one or more for each role."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who can sign in to the demonstration.

    Attributes:
        username: What they type to sign in.
        first_name: Invented.
        last_name: Invented.
        role: The key of their role.
        works_in_admin: Whether they open Wagtail's admin.
    """

    username: str
    first_name: str
    last_name: str
    role: str
    works_in_admin: bool = False


EMPLOYEES = (
    Employee("consulent", "Saskia", "Molenbeek", "jeugdconsulent"),
    Employee("consulent2", "Tarik", "Zandvliet", "jeugdconsulent"),
    Employee("gezinscoach", "Marijke", "Oeverland", "gezinscoach"),
    Employee("gedragswetenschapper", "Ilse", "Vennekamp", "gedragswetenschapper"),
    Employee("jeugdbeschermer", "Ruben", "Heidestein", "jeugdbeschermer"),
    Employee("zorgaanbieder", "Naima", "Duinrand", "zorgaanbieder"),
    Employee("mandaathouder", "Gerard", "Kronenveld", "mandaathouder"),
    Employee("crisisdienst", "Jolanda", "Wilgenhof", "crisisdienst"),
    Employee("kwaliteit", "Bram", "Esdoornlaan", "kwaliteitsmedewerker"),
    Employee("auditor", "Yvonne", "Steenwaard", "auditor", works_in_admin=True),
    Employee("beheerder", "Anouk", "Rietdijk", "functioneel_beheerder", works_in_admin=True),
    Employee("beheerder2", "Peter", "Lindeboom", "functioneel_beheerder", works_in_admin=True),
)
