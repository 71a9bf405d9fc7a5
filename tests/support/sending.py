"""What a browser without a script sends of a rendered form."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self.names: list[str] = []
        self.ids: list[str] = []
        self.select = ""
        self.options: list[tuple[str, bool]] = []
        self.textarea: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        name = given.get("name", "")
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "input" and name:
            self.names.append(name)
            kind = given.get("type", "text")
            ticks = kind in ("radio", "checkbox")
            if kind not in ("submit", "file") and (not ticks or "checked" in given):
                self.sent.append((name, given.get("value", "on" if ticks else "")))
        elif tag == "select":
            self.names.append(name)
            self.select, self.options = name, []
        elif tag == "option":
            self.options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self.names.append(name)
            self.textarea, self.text = name, ""

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.textarea is not None:
            self.sent.append((self.textarea, self.text.removeprefix("\n").replace("\n", "\r\n")))
            self.textarea = None
        elif tag == "select":
            chosen = [value for value, selected in self.options if selected] or [
                value for value, _ in self.options[:1]
            ]
            self.sent += [(self.select, value) for value in chosen]


def _read(html: str) -> _Controls:
    controls = _Controls()
    controls.feed(html)
    controls.close()
    return controls


def sent(html: str) -> QueryDict:
    """What is posted when the first button is pressed and nothing is changed.

    Args:
        html: the fields of a form, rendered.
    """
    data = QueryDict(mutable=True)
    for name, value in _read(html).sent:
        data.appendlist(name, value)
    return data


def names(html: str) -> set[str]:
    """The names of everything that can be filled in."""
    return set(_read(html).names)


def ids(html: str) -> list[str]:
    """Every id, in order."""
    return _read(html).ids
