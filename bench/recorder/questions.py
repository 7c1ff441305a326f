"""How long the API's questions take in a database with years in it."""

import os
import time
from pathlib import Path
from statistics import quantiles

import psycopg

_ASKED = 40
_A_THREAD = "select conversation_id from conversations limit 1"
_LAST_ONE = "select jsonb_build_object('at', now() - interval '400 days', 'provider', 'x', 'call_sid', 'x')"

QUESTIONS = {
    "list_calls": "select list_calls('{}', null, 50)",
    "list_calls, one number": "select list_calls('{\"number\": \"+16460010001\"}', null, 50)",
    "list_calls, missed": "select list_calls('{\"outcome\": \"missed\"}', null, 50)",
    "list_calls, far back": f"select list_calls('{{}}', ({_LAST_ONE}), 50)",
    "one_call": "select one_call('twilio', 'CA' || lpad('1001', 32, '0'))",
    "list_messages": "select list_messages('{}', null, 50)",
    "list_messages, emergencies": "select list_messages('{\"category\": \"emergency\"}', null, 50)",
    "list_messages, a thread":
        f"select list_messages(jsonb_build_object('conversation', ({_A_THREAD})), null, 50)",
    "list_conversations": "select list_conversations(null, 50)",
    "search, rare word": "select search('xylophone', null, 50)",
    "search, word of every 89th text": "select search('crown', null, 50)",
    "search, frequent word": "select search('appointment', null, 50)",
    "search, no hit": "select search('nonexistentword', null, 50)",
    "search, two words": "select search('crown thursday', null, 50)",
    "search_numbers": "select search_numbers('6460010', 50)",
    "analytics, 30 days": "select analytics(now() - interval '30 days', now(), 'day', 'America/New_York')",
    "analytics, a year by day": "select analytics(now() - interval '365 days', now(), 'day', 'America/New_York')",
    "analytics, a year by week": "select analytics(now() - interval '365 days', now(), 'week', 'America/New_York')",
    "analytics, two years by month": "select analytics(now() - interval '730 days', now(), 'month', 'America/Denver')",
    "open_calls": "select open_calls(now() - interval '14 days', 100)",
    "open_conversations": "select open_conversations(now() - interval '14 days', 100)",
    "open_requests": "select open_requests(now() - interval '14 days', 100)",
    "latest_change": "select latest_change()",
}  # fmt: skip


def make_history(url: str, calls: int, texts: int) -> None:
    """Fill a migrated database; a few minutes."""
    script = Path(__file__).with_name("history.sql").read_text("utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script.replace(":calls", str(calls)).replace(":texts", str(texts)).encode())
        # Two years of counts were folded in one go: Postgres would clear their leavings in the midst of measuring.
        connection.execute("vacuum analyze")


def measure(url: str) -> list[str]:
    """Lines of Markdown."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        size = connection.execute(
            "select (select count(*) from phone_calls), (select count(*) from sms_conversations)"
        ).fetchone()
        assert size is not None
        lines = [
            "## Questions",
            "",
            f"{size[0]:,} calls and {size[1]:,} texts over two years; each question {_ASKED} times,",
            f"over one connection, after one that is not counted; load average before {os.getloadavg()[0]:.1f}.",
            "",
            "| question | p50 | p95 |",
            "|---|---|---|",
        ]
        for name, query in QUESTIONS.items():
            _seconds(connection, query)
            cuts = quantiles([_seconds(connection, query) for _ in range(_ASKED)], n=20)
            lines.append(f"| {name} | {cuts[9] * 1000:.1f} ms | {cuts[18] * 1000:.1f} ms |")
    return lines


def _seconds(connection: psycopg.Connection, query: str) -> float:
    started = time.perf_counter()
    connection.execute(query.encode()).fetchall()
    return time.perf_counter() - started
