"""How large the heavy tests are, read from `tests/sizes.toml`."""

import os
import tomllib
from functools import cache
from pathlib import Path

SIZES_FILE = Path(__file__).resolve().parent.parent / "sizes.toml"


@cache
def profiles() -> dict[str, dict[str, int]]:
    """Every profile with its sizes.

    Returns:
        Profile name to (name of the size to number).
    """
    return tomllib.loads(SIZES_FILE.read_text(encoding="utf-8"))


def size(name: str) -> int:
    """The size of a heavy test in the profile that `PADWIJZER_SIZES` names (`ci` when unset).

    Args:
        name: A key that every profile in `tests/sizes.toml` has, such as `races`.

    Returns:
        A positive number: how many races, kills, steps or examples.

    Raises:
        LookupError: No profile or no size of that name.
    """
    profile = os.environ.get("PADWIJZER_SIZES", "ci")
    if profile not in profiles():
        message = f"PADWIJZER_SIZES is {profile!r}; tests/sizes.toml has {', '.join(profiles())}."
        raise LookupError(message)
    sizes = profiles()[profile]
    if name not in sizes:
        message = f"tests/sizes.toml has no size {name!r} in profile {profile!r}; it has {', '.join(sizes)}."
        raise LookupError(message)
    return sizes[name]
