"""A municipality installs the wheel in a Wagtail site of its own, with the lines that README.md gives."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.test_layout import LINKED, tracked

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, folder: Path) -> str:
    """Run a program as a stranger to this repository would, and return what it prints."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def readme_lines(name: str) -> list[str]:
    """The lines of code that README.md tells a municipality to add to its `name`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(rf"<!-- lines for {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert block is not None
    return block[1].splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, which was built from the repository."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new Wagtail site with apps of its own called `forms` and `workflows`, and the plugin installed."""
    folder = tmp_path_factory.mktemp("gemeente")
    venv.create(folder / ".venv", with_pip=True)
    binaries = folder / ".venv" / "bin"
    run(binaries / "pip", "install", "--quiet", wheel, folder=folder)
    run(binaries / "wagtail", "start", "voorbeeld", ".", folder=folder)
    for own in ("forms", "workflows"):
        run(binaries / "python", "manage.py", "startapp", own, folder=folder)
        model = f"from django.db import models\nclass {own.title()}(models.Model):\n    name = models.TextField()\n"
        (folder / own / "models.py").write_text(model, encoding="utf-8")
    settings = folder / "voorbeeld" / "settings" / "base.py"
    with settings.open("a", encoding="utf-8") as stream:
        stream.write("\n".join(["", 'INSTALLED_APPS += ["forms", "workflows"]', *readme_lines("settings"), ""]))
    urls = folder / "voorbeeld" / "urls.py"
    generated = urls.read_text(encoding="utf-8").splitlines()
    kept = [line for line in generated if "admin.site.urls" not in line]  # README: take Django's own admin away
    assert len(kept) == len(generated) - 1
    urls.write_text("\n".join([*kept, "", *readme_lines("urls"), ""]), encoding="utf-8")
    return folder


def test_installing_takes_at_most_ten_lines() -> None:
    assert len(readme_lines("settings") + readme_lines("urls")) <= 10


def test_the_wheel_holds_every_file_of_the_linked_folders_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {f"padwijzer/{path}" for path in tracked() if path.parts[0] in LINKED}


def test_the_wheel_carries_the_licences_and_the_notice(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name.partition(".dist-info/licenses/")[2] for name in archive.namelist()}
    texts = {f"LICENSES/{path.name}" for path in (ROOT / "LICENSES").iterdir()}
    assert {"LICENSE", "NOTICE", *texts} <= carried


def test_a_site_with_its_own_forms_and_workflows_passes_its_checks_and_migrates(site: Path) -> None:
    python = site / ".venv" / "bin" / "python"
    run(python, "manage.py", "makemigrations", "forms", "workflows", folder=site)
    run(python, "manage.py", "check", folder=site)
    run(python, "manage.py", "migrate", "--verbosity", "0", folder=site)
    run(python, "manage.py", "makemigrations", "--check", "--dry-run", folder=site)
    question = "import forms, workflows, padwijzer.forms; print(forms.__file__, padwijzer.forms.__file__)"
    own, ours = run(python, "-c", question, folder=site).split()
    assert Path(own).is_relative_to(site / "forms")
    assert Path(ours).is_relative_to(site / ".venv")
