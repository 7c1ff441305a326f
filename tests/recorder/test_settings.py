"""Settings that cannot work stop the recorder with the variable's name, never its value."""

import pytest

from chassis.settings import SettingsError, load
from recorder.app import way_to_the_database
from recorder.direct import DirectDatabase
from recorder.settings import RecorderSettings
from recorder.through_supabase import SupabaseDatabase

DIRECT = {"DATABASE_URL": "postgresql://u:hush@h/d"}
SUPABASE = {"SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "hush"}
NAMES = (*DIRECT, *SUPABASE, "DASHBOARD_PASSWORD", "RECORDER_PORT")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, ["DATABASE_URL", "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]),
        (DIRECT | SUPABASE, ["DATABASE_URL", "SUPABASE_URL"]),
        (DIRECT | {"SUPABASE_SERVICE_ROLE_KEY": "hush"}, ["DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]),
        ({"SUPABASE_URL": "https://x.supabase.co"}, ["SUPABASE_SERVICE_ROLE_KEY"]),
        ({"SUPABASE_SERVICE_ROLE_KEY": "hush"}, ["SUPABASE_URL"]),
        (SUPABASE | {"SUPABASE_URL": "hush.supabase.co"}, ["SUPABASE_URL"]),
        ({"DATABASE_URL": "hush and nothing else"}, ["DATABASE_URL"]),
        (DIRECT | {"RECORDER_PORT": "hush"}, ["RECORDER_PORT"]),
    ],
)
def test_what_cannot_work_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: list[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load(RecorderSettings)
    for name in named:
        assert name in str(error.value)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(("variables", "way"), [(DIRECT, DirectDatabase), (SUPABASE, SupabaseDatabase)])
def test_either_way_to_the_database_is_enough(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], way: type
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = load(RecorderSettings)
    assert isinstance(way_to_the_database(settings), way)
    assert "hush" not in str(settings.effective())
    assert "hush" not in repr(settings)
