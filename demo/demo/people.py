"""The invented employees of Gemeente Voorbeeld and its partners, one or more for each role."""

from dataclasses import dataclass

MUNICIPALITY = "Gemeente Voorbeeld"


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who can sign in to the demonstration.

    Attributes:
        username: What they type to sign in.
        first_name: Invented.
        last_name: Invented.
        role: The key of their role.
        works_in_admin: Whether they open Wagtail's admin.
        organisation: Name of the organisation they work for.
        organisation_kind: What sort of organisation that is.
    """

    username: str
    first_name: str
    last_name: str
    role: str
    works_in_admin: bool = False
    organisation: str = MUNICIPALITY
    organisation_kind: str = "municipality"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles held; who may be a fixed contact person can become one in a case."""
        return (self.role, "vap") if self.role in ("jeugdconsulent", "gezinscoach") else (self.role,)


EMPLOYEES = (
    Employee("consulent", "Saskia", "Molenbeek", "jeugdconsulent"),
    Employee("consulent2", "Tarik", "Zandvliet", "jeugdconsulent"),
    Employee("gezinscoach", "Marijke", "Oeverland", "gezinscoach"),
    Employee("gedragswetenschapper", "Ilse", "Vennekamp", "gedragswetenschapper"),
    Employee("jeugdbeschermer", "Ruben", "Heidestein", "jeugdbeschermer", False, "GI De Brug (verzonnen)", "gi"),
    Employee(
        "zorgaanbieder", "Naima", "Duinrand", "zorgaanbieder", False, "Jeugdhulp De Kade (verzonnen)", "provider"
    ),
    Employee("mandaathouder", "Gerard", "Kronenveld", "mandaathouder"),
    Employee("crisisdienst", "Jolanda", "Wilgenhof", "crisisdienst"),
    Employee("kwaliteit", "Bram", "Esdoornlaan", "kwaliteitsmedewerker"),
    Employee("auditor", "Yvonne", "Steenwaard", "auditor", works_in_admin=True),
    Employee("beheerder", "Anouk", "Rietdijk", "functioneel_beheerder", works_in_admin=True),
    Employee("beheerder2", "Peter", "Lindeboom", "functioneel_beheerder", works_in_admin=True),
)
