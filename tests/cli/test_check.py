import json
import subprocess
import sys
from pathlib import Path

import pytest

from padwijzer.workflows.cli import main

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PATHS = ROOT / "fixtures" / "paths"
KEYS = {"code", "safeguard", "where", "message", "hint", "story", "repair"}


def printed(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def spoiled(folder):
    """The aftercare without the rules that keep a case open, as a file."""
    content = json.loads((PATHS / "D-NAZORG.json").read_text())
    for step in content["activities"]:
        step["rules"] = [rule for rule in step.get("rules", []) if rule["effect"] != "block"]
    path = folder / "D-NAZORG.json"
    path.write_text(json.dumps(content))
    return path


def test_a_shipped_path_is_proven_and_told_in_one_object(capsys):
    assert main(["check", "--json", str(PATHS / "V.json")]) == 0
    (found,) = printed(capsys)
    assert set(found) == {"definition", "proven", "states", "millis", "findings"}
    assert (found["definition"], found["proven"], found["findings"]) == ("V", True, [])
    assert found["states"] > 0


def test_every_path_is_proven_those_that_are_not_whole_too(capsys):
    assert main(["check", "--json", *map(str, sorted(PATHS.glob("*.json")))]) == 0
    assert all(it["proven"] for it in printed(capsys))


def test_an_edit_that_loses_a_safeguard_is_a_finding_with_story_and_repair(tmp_path, capsys):
    assert main(["check", "--json", str(spoiled(tmp_path))]) == 1
    (found,) = printed(capsys)
    assert not found["proven"]
    assert found["findings"]
    assert all(set(it) == KEYS for it in found["findings"])
    lost = next(it for it in found["findings"] if it["safeguard"] == "measure_ends_before_closing")
    assert lost["code"] == "safeguard.only_while"
    assert lost["story"]
    assert "D-NAZORG" in lost["repair"]["definitions"]


def test_people_read_the_story(tmp_path, capsys):
    assert main(["check", str(spoiled(tmp_path))]) == 1
    said = capsys.readouterr().out
    assert "niet bewezen" in said
    assert "De zaak sluit hier terwijl er nog een maatregel loopt." in said


def test_the_certificate_is_printed_when_all_is_proven(capsys):
    assert main(["check", "--certificate"]) == 0
    assert "BEWIJS VAN DE WAARBORGEN" in capsys.readouterr().out


def test_a_pack_of_a_municipality_stands_beside_the_national_one(tmp_path, capsys):
    pack = json.loads((ROOT / "fixtures" / "safeguards" / "national.json").read_text())
    own = {"template": "absence", "scope": "family", "parameters": {"what": ["application"]}}
    own |= {"ground": ["R1"], "source": "gemeente", "certainty": "[S]"}
    pack |= {"key": "town", "safeguards": {"no_application": own}}
    (tmp_path / "town.json").write_text(json.dumps(pack))
    assert main(["check", "--json", "--pack", str(tmp_path), str(PATHS / "V.json")]) == 1
    (found,) = printed(capsys)
    assert {it["safeguard"] for it in found["findings"]} == {"no_application"}


def test_a_newer_national_pack_says_which_paths_no_longer_hold(tmp_path, capsys):
    pack = json.loads((ROOT / "fixtures" / "safeguards" / "national.json").read_text())
    pack["version"] = "2027-01"
    pack["safeguards"]["municipality_decides"]["parameters"]["roles"] = ["mandaathouder"]
    (tmp_path / "national.json").write_text(json.dumps(pack))
    assert main(["check", "--json", "--pack", str(tmp_path)]) == 1
    broken = {it["definition"] for it in printed(capsys) if it["findings"]}
    assert broken == {"V"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1}', "\x00"])
def test_what_cannot_be_read_is_said_and_nothing_is_checked(tmp_path, capsys, content):
    path = tmp_path / "odd.json"
    path.write_text(content)
    assert main(["check", "--json", str(path)]) == 2
    (found,) = printed(capsys)
    assert str(path) in found["unreadable"]
    assert found["reason"]


def test_a_file_that_is_not_there_two_of_one_key_and_nothing_at_all_are_refused(tmp_path, capsys):
    here = str(PATHS / "V.json")
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert main(["check", here, here]) == 2
    assert main(["check", "--no-shipped"]) == 2
    assert main(["check", "--pack", str(tmp_path), here]) == 2
    assert main(["check", "--pack", str(tmp_path / "none"), here]) == 2
    assert "Another file has the key V too." in capsys.readouterr().out


def test_without_what_is_shipped_only_the_files_count(capsys):
    assert main(["check", "--json", "--no-shipped", str(PATHS / "V.json")]) == 1
    assert all(it["code"].startswith("structure.") for found in printed(capsys) for it in found["findings"])


def test_it_needs_no_site():
    said = "from padwijzer.workflows.cli import main; import sys; main(['check']); assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, cwd=ROOT)
