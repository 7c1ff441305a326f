"""Edits of the contracts: those that could break somebody are named, with whom; additions pass."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compatibility import breaks
from contracts.schemas import documents
from ops.contracts.files import (
    AlreadyReleased,
    Incompatible,
    consumers,
    drifted,
    incompatible,
    release,
    releases,
    write,
)

SMS, CALL = "frontdesk.sms.received.v1", "frontdesk.call.detail_recorded.v1"
RELEASED = {name.removesuffix(".json"): schema for name, schema in documents().items()}
Schemas = dict[str, dict[str, Any]]


def data(schemas: Schemas, name: str = SMS) -> dict[str, Any]:
    """The schema of an event's data."""
    reference = schemas[name]["properties"]["data"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = schemas[name]["$defs"][reference]
    return found


def fields(schemas: Schemas, name: str = SMS) -> dict[str, Any]:
    found: dict[str, Any] = data(schemas, name)["properties"]
    return found


def rename(schemas: Schemas) -> None:
    fields(schemas)["sender"] = fields(schemas).pop("from_number")
    data(schemas)["required"] = ["sender" if name == "from_number" else name for name in data(schemas)["required"]]


def require(schemas: Schemas) -> None:
    data(schemas)["required"].append("account_sid")


def require_new(schemas: Schemas) -> None:
    fields(schemas)["language"] = {"type": "string"}
    data(schemas)["required"].append("language")


def relax(schemas: Schemas) -> None:
    data(schemas)["required"].remove("message")


def lose_word(schemas: Schemas) -> None:
    fields(schemas, "frontdesk.sms.sent.v1")["category"]["x-extensible-enum"].remove("hours")


def close_words(schemas: Schemas) -> None:
    category = fields(schemas, "frontdesk.sms.sent.v1")["category"]
    category["enum"] = category.pop("x-extensible-enum")


def new_closed_word(schemas: Schemas) -> None:
    schemas["frontdesk.voice.turn.reply.v1"]["properties"]["then"]["enum"].append("transfer")


def retype_items(schemas: Schemas) -> None:
    schemas[SMS]["$defs"]["Media"]["properties"]["url"]["type"] = "object"


Edit = Callable[[Schemas], Any]

BREAKING: dict[str, tuple[Edit, str, str]] = {
    "an event is removed": (lambda s: s.pop(CALL), CALL, "was removed: recorder"),
    "a field is removed": (
        lambda s: fields(s).pop("media"),
        "data.media",
        "was removed or renamed: recorder and responder",
    ),
    "a field is renamed": (rename, "data.from_number", "was removed or renamed"),
    "a field is retyped": (
        lambda s: fields(s, CALL)["duration"].update(type="string"),
        "data.duration",
        "from integer to string",
    ),
    "an item is retyped": (retype_items, "data.media[].url", "from string to object"),
    "a limit is narrowed": (
        lambda s: fields(s)["message"].update(maxLength=160),
        "data.message",
        "maxLength from 20000 to 160",
    ),
    "a limit is loosened": (lambda s: fields(s)["message"].update(maxLength=99_999), "data.message", "maxLength"),
    "a limit is added": (
        lambda s: fields(s)["account_sid"].update(pattern="^AC"),
        "data.account_sid",
        "limited by pattern",
    ),
    "a limit is dropped": (
        lambda s: fields(s)["provider"].pop("pattern"),
        "data.provider",
        "no longer limited by pattern",
    ),
    "a field becomes required": (require, "data.account_sid", "became required: recorder and responder of today"),
    "a new field is required": (require_new, "data.language", "became required"),
    "a field becomes optional": (relax, "data.message", "became optional"),
    "an open word is lost": (lose_word, "data.category", "lost the word 'hours'"),
    "open words are closed": (close_words, "data.category", "no longer an open list"),
    "a closed word is added": (new_closed_word, "then", "enum"),
    "a map is retyped": (
        lambda s: fields(s)["metadata"].update(additionalProperties={"type": "object"}),
        "data.metadata.*",
        "type",
    ),
    "a constant changes": (lambda s: s[SMS]["properties"]["specversion"].update(const="2.0"), "specversion", "const"),
}

ADDITIVE: dict[str, Edit] = {
    "a field": lambda s: fields(s).update(language={"type": "string", "maxLength": 8}),
    "an envelope attribute": lambda s: s[SMS]["properties"].update(partitionkey={"type": "string"}),
    "an event": lambda s: s.update({"frontdesk.fax.received.v1": {"type": "object"}}),
    "a word of an open list": lambda s: fields(s, "frontdesk.sms.sent.v1")["category"]["x-extensible-enum"].append(
        "bill"
    ),
    "a description": lambda s: fields(s)["message"].update(description="better said"),
    "an example": lambda s: s[SMS]["examples"].append({}),
    "a definition that nothing uses": lambda s: s[SMS]["$defs"].update(Spare={"type": "string"}),
}


def edited(edit: Edit) -> Schemas:
    schemas = copy.deepcopy(RELEASED)
    edit(schemas)
    return schemas


@pytest.mark.parametrize(("edit", "place", "words"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_edit_is_named_with_whom_it_breaks(edit: Edit, place: str, words: str) -> None:
    found = [str(one) for one in breaks(RELEASED, edited(edit), consumers())]
    assert any(place in sentence and words in sentence for sentence in found), found
    assert all("built before" in sentence or "of today" in sentence for sentence in found)


@pytest.mark.parametrize("edit", ADDITIVE.values(), ids=ADDITIVE)
def test_an_addition_passes(edit: Edit) -> None:
    assert edited(edit) != RELEASED
    assert breaks(RELEASED, edited(edit), consumers()) == []


def test_the_same_thing_written_without_a_reference_is_the_same() -> None:
    def inline(schemas: Schemas) -> None:
        schemas[SMS]["properties"]["data"] = data(schemas)

    assert breaks(RELEASED, edited(inline), consumers()) == []


@given(st.sampled_from(sorted(RELEASED)), st.data())
def test_removing_any_field_anywhere_breaks(name: str, draw: st.DataObject) -> None:
    schemas = copy.deepcopy(RELEASED)
    places = [schemas[name], *schemas[name].get("$defs", {}).values()]
    place = draw.draw(st.sampled_from([one for one in places if one.get("properties")]))
    del place["properties"][draw.draw(st.sampled_from(sorted(place["properties"])))]
    assert breaks(RELEASED, schemas, consumers())


def test_a_release_is_frozen_and_later_contracts_are_held_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    assert drifted(tmp_path) == []
    release(tmp_path, "1.0.0")
    release(tmp_path, "1.10.0")
    release(tmp_path, "1.9.0")
    assert [path.name for path in releases(tmp_path)] == ["1.0.0", "1.9.0", "1.10.0"]
    with pytest.raises(AlreadyReleased, match=r"1\.0\.0"):
        release(tmp_path, "1.0.0")
    with pytest.raises(ValueError, match="no version"):
        release(tmp_path, "next")
    broken = edited(rename)
    monkeypatch.setattr("ops.contracts.files.documents", lambda: {f"{name}.json": s for name, s in broken.items()})
    assert len(incompatible(tmp_path)) == 2
    assert f"schemas/{SMS}.json" in drifted(tmp_path)
    with pytest.raises(Incompatible, match="from_number"):
        release(tmp_path, "2.0.0")


def test_drift_is_noticed_in_every_direction(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "schemas" / f"{SMS}.json").write_text("{}")
    (tmp_path / "examples" / SMS / "1.json").unlink()
    (tmp_path / "schemas" / "left-over.json").write_text("{}")
    assert drifted(tmp_path) == [f"examples/{SMS}/1.json", f"schemas/{SMS}.json", "schemas/left-over.json"]
