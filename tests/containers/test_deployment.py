"""compose.yaml for real: small images without rights, and nothing lost or done twice whatever container ends when."""

import json
from typing import Any

import pytest

from support.containers import SERVICES, Deployment, Texting
from support.waiting import eventually

IMAGES = (*SERVICES, "simulator", "ops")


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_as_nobody_and_says_what_it_is(deployment: Deployment, image: str) -> None:
    config: dict[str, Any] = deployment.inspect(image)["Config"]
    assert config["User"] == "65532:65532"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Labels"]["org.opencontainers.image.title"] == f"frontdesk-{image}"
    assert config["Labels"]["org.opencontainers.image.version"]
    if image != "ops":
        assert config["Healthcheck"]["Test"][:2] == ["CMD", "python"], "no shell"
        assert config["Entrypoint"] == ["python", "-m", image]


def test_the_gateway_is_small(deployment: Deployment) -> None:
    assert deployment.inspect("gateway")["Size"] <= 200_000_000


@pytest.mark.parametrize("service", ["gateway", "responder", "transcriber"])
def test_a_service_needs_nothing_to_check_its_settings(deployment: Deployment, service: str) -> None:
    checked = deployment.once(service, "--check-config")
    assert checked.returncode == 0, checked.stderr


async def test_containers_have_no_rights_and_limits(deployment: Deployment) -> None:
    config = json.loads(await deployment.compose("config", "--format", "json"))["services"]
    for name, service in config.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service.get("cap_add", []) == (["DAC_OVERRIDE"] if name == "setup" else []), name
        assert "no-new-privileges:true" in service["security_opt"], name
        if service["restart"] != "no":
            assert service["deploy"]["resources"]["limits"]["memory"], name


async def test_only_the_gateway_and_the_page_can_be_reached(deployment: Deployment) -> None:
    lines = (await deployment.compose("ps", "--format", "json")).splitlines()
    published = {
        container["Service"]
        for container in map(json.loads, lines)
        for port in container["Publishers"]
        if port["PublishedPort"]
    }
    assert published == {"gateway", "recorder", "simulator"}
    found = json.loads(await deployment.compose("config", "--format", "json"))
    inside = {name for name, network in found["networks"].items() if network.get("internal")}
    assert inside == {"bus", "database", "watch"}
    assert set(found["services"]["nats"]["networks"]) | set(found["services"]["postgres"]["networks"]) <= inside


async def test_no_secret_is_in_a_containers_environment(deployment: Deployment) -> None:
    found = json.loads(await deployment.compose("config", "--format", "json"))["services"]
    names = {name for service in found.values() for name in service.get("environment") or {}}
    secret = ("TOKEN", "PASSWORD", "SECRET", "KEY", "NATS_URL", "DATABASE_URL")
    assert {name for name in names if name.endswith(secret)} == set()


async def test_a_profile_that_is_left_out_is_off_again(deployment: Deployment) -> None:
    assert "gateway: written" in await deployment.compose("run", "--rm", "-T", "setup", profiles=())
    assert "gateway: written" in await deployment.compose("run", "--rm", "-T", "setup")
    assert "everything is as it should be" in await deployment.compose("run", "--rm", "-T", "setup")


async def test_with_a_supabase_there_is_no_database_of_our_own(deployment: Deployment) -> None:
    services = await deployment.compose(
        "config", "--services", profiles=("supabase",), variables={"SUPABASE_URL": "https://a.example"}
    )
    assert "postgres" not in services.split()
    assert {*SERVICES, "migrations", "nats"} <= set(services.split())


@pytest.mark.parametrize(
    ("profiles", "variables", "said"),
    [
        ((), {"SUPABASE_URL": "https://a.example"}, "no file secrets/supabase_service_role_key"),
        (("supabase",), {}, "SUPABASE_URL is not set"),
        (("postgrest",), {"SUPABASE_URL": "https://a.example"}, "postgrest"),
    ],
)
async def test_a_contradiction_is_named_before_anything_starts(
    deployment: Deployment, profiles: tuple[str, ...], variables: dict[str, str], said: str
) -> None:
    with pytest.raises(RuntimeError, match=said):
        await deployment.compose("run", "--rm", "-T", "setup", profiles=profiles, variables=variables)


async def test_the_demo_comes_out_right(deployment: Deployment) -> None:
    assert "Everything came out right" in await deployment.compose("run", "--rm", "-T", "demo")


async def everything_once(deployment: Deployment, promised: dict[str, str]) -> None:
    """Each text is one row and has one answer; no patient got two."""
    chosen = ",".join(f"'{sid}'" for sid in promised)
    query = f"""
        select (select count(*) from sms_conversations where message_sid in ({chosen})) as texts,
          (select count(distinct in_reply_to) from sms_conversations where in_reply_to in ({chosen})) as answered,
          (select count(*) from sms_conversations where in_reply_to in ({chosen})) as answers"""
    wanted = [{"texts": len(promised), "answered": len(promised), "answers": len(promised)}]

    async def settled() -> bool:
        return await deployment.rows(query) == wanted

    await eventually(settled, within=240)
    got = [text["to_number"] for text in await deployment.simulator("/texts")]
    assert [patient for patient in promised.values() if got.count(patient) > 1] == []


@pytest.mark.parametrize("service", [*SERVICES, "nats", "postgres"])
async def test_a_container_killed_restarted_and_rolled_under_load_costs_nothing(
    deployment: Deployment, service: str
) -> None:
    load = Texting(deployment, 1_000_000 * (1 + ["nats", "postgres", *SERVICES].index(service)))
    try:
        await eventually(lambda: len(load.promised) > 5, within=30)
        await deployment.compose("kill", "-s", "KILL", service)
        await deployment.compose("up", "-d", "--no-deps", "--wait", service)
        await deployment.compose("restart", service)
        await deployment.compose("up", "-d", "--no-deps", "--force-recreate", "--wait", service)
        before = len(load.promised)
        await eventually(lambda: len(load.promised) > before + 5, within=60)
    finally:
        promised = await load.stop()
    await everything_once(deployment, promised)


async def test_a_dump_can_be_restored(deployment: Deployment) -> None:
    count = "select (select count(*) from sms_conversations) as texts, (select count(*) from phone_calls) as calls"
    await deployment.compose("stop", "recorder")
    before = await deployment.rows(count)
    dumped = "pg_dump -U frontdesk -Fc -f /tmp/dump frontdesk && pg_restore --clean --if-exists --exit-on-error"
    command = f"{dumped} -U frontdesk -d frontdesk /tmp/dump; code=$?; rm /tmp/dump; exit $code"
    await deployment.compose("exec", "-T", "postgres", "sh", "-c", command)
    assert await deployment.rows(count) == before
    await deployment.compose("up", "-d", "--no-deps", "--wait", "recorder")


async def test_a_rotated_password_of_the_gateway_costs_no_webhook(deployment: Deployment) -> None:
    load = Texting(deployment, 7_000_000)
    try:
        await eventually(lambda: len(load.promised) > 5, within=30)
        await deployment.compose("run", "--rm", "-T", "setup", "deployment", "rotate", "nats_password_gateway")
        assert "gateway: written" in await deployment.compose("run", "--rm", "-T", "setup")
        await deployment.compose("kill", "-s", "HUP", "nats")
        refused = len(load.promised)
        await eventually(lambda: len(load.promised) > refused + 10, within=60)
        await deployment.compose("up", "-d", "--no-deps", "--force-recreate", "--wait", "gateway")
        before = len(load.promised)
        await eventually(lambda: len(load.promised) > before + 5, within=60)
    finally:
        promised = await load.stop()
    await everything_once(deployment, promised)


async def test_replicas_share_the_work_and_nothing_is_done_twice(deployment: Deployment) -> None:
    scaled = ("recorder", "responder", "transcriber")
    await deployment.compose("up", "-d", "--wait", *(word for name in scaled for word in ("--scale", f"{name}=3")))
    load = Texting(deployment, 8_000_000)
    try:
        calls = [await voicemail(deployment, f"+1214{number:07}") for number in range(9_000_000, 9_000_012)]
        await eventually(lambda: len(load.promised) > 80, within=120)
    finally:
        promised = await load.stop()
    await everything_once(deployment, promised)
    await heard_once(deployment, calls)
    for service, port in (("recorder", 9102), ("responder", 9103), ("transcriber", 9104)):
        shares = [await handled(deployment, service, index, port) for index in (1, 2, 3)]
        assert all(shares), f"{service}: {shares}"


async def voicemail(deployment: Deployment, caller: str) -> str:
    """Somebody calls and says something; the call's id."""
    call = await deployment.simulator("/twilio/calls", {"from_number": caller, "recording": "voicemail"})
    return str(call["call_sid"])


async def heard_once(deployment: Deployment, calls: list[str]) -> None:
    """Each recording has one transcript."""
    chosen = ",".join(f"'{sid}'" for sid in calls)
    query = f"""
        select count(*) as transcripts, count(distinct data ->> 'call_sid') as calls from events
        where type = 'frontdesk.transcription.completed.v1' and data ->> 'call_sid' in ({chosen})"""

    async def settled() -> bool:
        return await deployment.rows(query) == [{"transcripts": len(calls), "calls": len(calls)}]

    await eventually(settled, within=300)


async def handled(deployment: Deployment, service: str, index: int, port: int) -> float:
    """How many events a replica has handled."""
    read = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"
    out = await deployment.compose("exec", "-T", "--index", str(index), service, "python", "-c", read)
    lines = [line for line in out.splitlines() if line.startswith("frontdesk_messages_handled_total{")]
    return sum(float(line.split()[-1]) for line in lines if 'outcome="done"' in line)
