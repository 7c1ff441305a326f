"""The database role that the recorder runs as: what it may call, and how it is let in."""

import psycopg
from psycopg import sql

ROLE = "frontdesk_recorder"
"""May call `FUNCTIONS` and nothing else."""

FUNCTIONS = frozenset(
    {
        "add_note",
        "analytics",
        "assign",
        "audit",
        "begin_session",
        "end_session",
        "fold_counts",
        "forget_old",
        "latest_change",
        "list_calls",
        "list_conversations",
        "list_messages",
        "list_staff_users",
        "mark_done",
        "mark_opened",
        "notes_of",
        "one_call",
        "one_conversation",
        "one_recording",
        "open_alerts",
        "open_calls",
        "open_conversations",
        "open_requests",
        "record_events",
        "search",
        "search_numbers",
        "staff_user",
        "use_session",
        "use_token",
    }
)
"""What the recorder calls. The other functions are for an operator's commands, which run as the schema's owner: who
takes over the recorder can neither make passwords and tokens nor erase people."""


def grant_rights(connection: psycopg.Connection) -> None:
    """Give `ROLE` its functions, as far as there are any yet. Nothing changes where it has them."""
    found = connection.execute("select to_regprocedure('frontdesk.grant_rights(text[])')").fetchone()
    if found != (None,):
        connection.execute("select frontdesk.grant_rights(%s)", (sorted(FUNCTIONS),))


def let_in(database_url: str, password: str) -> None:
    """Let `ROLE` log in with `password`. Needs a role that may alter roles. Raises `psycopg.Error`."""
    with psycopg.connect(database_url, autocommit=True, connect_timeout=10, prepare_threshold=None) as connection:
        hashed = connection.pgconn.encrypt_password(password.encode(), ROLE.encode())  # servers may log statements
        connection.execute(
            sql.SQL("alter role {} login password {}").format(sql.Identifier(ROLE), sql.Literal(hashed.decode()))
        )
