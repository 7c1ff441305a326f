"""The whole flow over real processes: what a practice, a patient and a provider would see."""

import pytest

from support.stack import Stack
from support.waiting import eventually

REPLIES = "select * from sms_conversations where in_reply_to = %s and direction = 'outbound'"
CALL = "select * from phone_calls where call_sid = %s"


def test_the_demo_comes_out_right(stack: Stack) -> None:
    ran = stack.command("demo")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Everything came out right" in ran.stdout
    assert "✗" not in ran.stdout


async def test_a_day_shuffled_repeated_and_delayed_ends_like_the_day_in_order(stack: Stack) -> None:
    def day(digit: int) -> list[dict[str, object]]:
        return [
            {"do": "twilio.text", "from_number": f"+1212555014{digit}", "message": "When are you open?"},
            {"do": "twilio.text", "from_number": f"+1212555015{digit}", "message": "It is urgent, my tooth broke"},
            {"do": "voipms.text", "from_number": f"+1212555016{digit}", "message": "Where are you?"},
            {"do": "voipms.cdr", "from_number": f"+1212555017{digit}", "seconds": 61, "total": "0.02"},
        ]

    async def outcome(steps: list[dict[str, object]], **order: int) -> list[tuple[object, ...]]:
        stack.simulator("/batch", {"steps": steps, **order})
        numbers = [str(step["from_number"]) for step in steps]

        def rows() -> list[tuple[object, ...]] | None:
            texts = stack.rows(
                "select direction, category, status, message, auto_response from sms_conversations"
                " where from_number = any(%s) or to_number = any(%s)"
                " order by category, direction, status",
                numbers,
                numbers,
            )
            calls = stack.rows(
                "select direction, status, duration, price from phone_calls where from_number = any(%s)", numbers
            )
            settled = len(texts) == 6 and len(calls) == 1 and all(row["category"] for row in texts)
            delivered = [row for row in texts if row["status"] == "delivered"]
            return [tuple(row.values()) for row in texts + calls] if settled and len(delivered) == 2 else None

        found: list[tuple[object, ...]] = await eventually(rows, within=30)
        return found

    in_order = await outcome(day(1))
    assert await outcome(day(2), repeat=3, shuffle_seed=7) == in_order
    assert await outcome(day(3), repeat=2, shuffle_seed=42) == in_order


@pytest.mark.parametrize(("content", "reason"), [("html", "not_audio"), ("truncate", "truncated")])
async def test_a_recording_that_is_none_fails_with_the_reason_and_the_service_lives(
    stack: Stack, content: str, reason: str
) -> None:
    before = stack.pids()["transcriber"]
    stack.simulator("/faults", {"target": "twilio.recordings", "kind": content, "times": 1})
    call = stack.simulator("/twilio/calls", {"from_number": "+12125550181", "recording": "voicemail"})
    row = await stack.row(f"{CALL} and transcription_status = 'failed'", call["call_sid"])
    assert row["transcription"]["reason"] == reason
    assert stack.pids()["transcriber"] == before


async def test_silence_stays_silence(stack: Stack) -> None:
    call = stack.simulator("/twilio/calls", {"from_number": "+12125550182", "recording": "silence"})
    query = f"{CALL} and transcription_status = 'completed'"
    row = await stack.row(query, call["call_sid"], within=60)
    assert row["transcription_text"] == ""
    assert row["transcription"]["segments"] == []


async def test_nothing_about_a_patient_is_in_any_log(stack: Stack) -> None:
    number, words = "+16175550147", "canary-phrase about my molar"
    text = stack.simulator("/twilio/texts", {"from_number": number, "message": words})
    other = stack.simulator("/voipms/texts", {"from_number": number, "message": words})
    call = stack.simulator("/twilio/calls", {"from_number": number, "recording": "voicemail"})
    for sid in (text["message_sid"], str(other["message_sid"])):
        await stack.row(REPLIES, sid)
    await stack.row(f"{CALL} and transcription_status = 'completed'", call["call_sid"], within=60)
    written = "".join(stack.output) + (stack.directory / "logs" / "webhook.log").read_text()
    assert text["message_sid"] in written
    secrets = ("TWILIO_AUTH_TOKEN", "VOIPMS_WEBHOOK_TOKEN", "NATS_URL", "DATABASE_URL")
    for canary in (number[2:], "canary-phrase", "Delaney", *(stack.addresses[name] for name in secrets)):
        assert canary not in written


def test_the_addresses_are_ours_alone(stack: Stack) -> None:
    assert (stack.data_dir / "frontdesk.env").stat().st_mode & 0o077 == 0
    for name in ("GATEWAY_URL", "RECORDER_URL", "NATS_URL", "DATABASE_URL", "SIMULATOR_URL"):
        assert stack.addresses[name]


def test_a_shell_that_read_the_addresses_can_still_use_the_command(stack: Stack) -> None:
    loaded = Stack(stack.directory)
    loaded.environment = {**stack.environment, **stack.addresses}
    ran = loaded.command("status")
    assert ran.returncode == 0, ran.stderr
    assert "gateway      running" in ran.stdout


def test_the_recorder_logs_in_with_its_own_role_and_the_owner_is_told_to_the_operator(stack: Stack) -> None:
    recorders = stack.rows("select usename from pg_stat_activity where application_name = 'frontdesk-recorder'")
    assert {row["usename"] for row in recorders} == {"frontdesk_recorder"}
    assert stack.rows("select current_user as me") == [{"me": "postgres"}]
