"""contracts/asyncapi.yaml: the AsyncAPI document as text that a person reads and a diff shows well."""

from typing import Any

import yaml

from contracts.asyncapi import document

_HEAD = "# Written by 'frontdesk contracts write' from the code; changes here are lost.\n"


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, and texts of several lines stand as they are read."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """`indentless` is what would put a list's dashes below the first letter of its key."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """What occurs twice is written twice."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def rendered(version: str | None = None) -> str:
    """The file's text; `version` is that of the installed contracts if not given."""
    text: str = yaml.dump(document(version), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return _HEAD + text
