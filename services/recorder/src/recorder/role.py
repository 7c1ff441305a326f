"""The database role that the recorder runs as: what it may call, and how it is let in."""

import psycopg
from psycopg import sql

ROLE = "frontdesk_recorder"
"""May call `FUNCTIONS` and nothing else."""

FUNCTIONS = frozenset(
    {
        "add_note(text, text, text, text)",
        "analytics(timestamptz, timestamptz, text, text)",
        "assign(text, text, text)",
        "audit(text, text, text, text, text)",
        "begin_session(text, text, boolean, text, timestamptz, timestamptz)",
        "end_session(text)",
        "fold_counts()",
        "forget_old(jsonb, integer)",
        "latest_change()",
        "list_calls(jsonb, jsonb, integer)",
        "list_conversations(jsonb, integer)",
        "list_messages(jsonb, jsonb, integer)",
        "list_staff_users()",
        "mark_done(text, text, boolean, text)",
        "mark_opened(text, text, text)",
        "notes_of(text, text)",
        "one_call(text, text)",
        "one_conversation(text)",
        "one_recording(text, text)",
        "open_alerts(timestamptz, integer)",
        "open_calls(timestamptz, integer)",
        "open_conversations(timestamptz, integer)",
        "open_requests(timestamptz, integer)",
        "record_events(jsonb)",
        "search(text, jsonb, integer)",
        "search_numbers(text, integer)",
        "staff_user(text)",
        "use_session(text, timestamptz, integer)",
        "use_token(text, timestamptz)",
    }
)
"""What the recorder calls, with the types of its arguments: another application may have a `search` of its own in the
same database. The other functions are for an operator's commands, which run as the schema's owner: who
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
