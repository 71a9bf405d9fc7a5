from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from padwijzer.workflows.history.log import log_name


def test_the_log_is_named_by_the_setting(settings: Any) -> None:
    settings.PADWIJZER_LOG = "gemeente.example/wf"
    assert log_name() == "gemeente.example/wf"


@pytest.mark.parametrize("name", [None, "", "x", "Gemeente.example", "a b c", "a+b", "gemeente.example/wf\n", 7])
def test_a_name_that_cannot_sign_is_refused(settings: Any, name: Any) -> None:
    settings.PADWIJZER_LOG = name
    with pytest.raises(ImproperlyConfigured, match="PADWIJZER_LOG"):
        log_name()


def test_a_history_without_a_name_is_refused(settings: Any) -> None:
    del settings.PADWIJZER_LOG
    with pytest.raises(ImproperlyConfigured):
        log_name()
