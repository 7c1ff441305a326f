"""Hold a service against the contracts, also one that lives in a repository of its own.

    pip install "frontdesk-contracts[testing]"

That also installs a pytest plugin; nothing has to be imported for its fixtures.

**A consumer** handles every example of every event it consumes. The test runs once per example: today's, and those of
the released versions when pytest is told where they lie (`contract_released = ["contracts/released"]`):

    from contracts.testing.plugin import Example, MakeBus

    @pytest.mark.contract_consumer("recorder")  # a service of contracts.topology.CONSUMERS
    async def test_it_is_handled(contract_example: Example) -> None:
        await my_handler(decode_event(contract_example.body))

**A producer** publishes nothing that the contracts do not allow it. `recording_bus` makes a bus to publish into instead
of the real one; a service that swallows the complaint fails all the same, when the test is over:

    async def test_an_opt_out_is_told(recording_bus: MakeBus) -> None:
        bus = recording_bus("responder")
        await MyService(publish=bus.publish).handle(a_text("STOP"))
        assert bus.only(ConsentChanged).data.state == "opted_out"

**A service in another language** is held to them from outside, over a real NATS server: publish
`contract_example.body` on `contract_example.kind.bus_subject`, subscribe to `events.>`, and hand what arrives to
`await bus.take(message.subject, message.data)`.

**Anything valid** may come, not only what the examples show. Draw it:

    from contracts.testing.strategies import events_of

    @given(events_of(SmsReceived))
    def test_no_text_is_too_strange(event: SmsReceived) -> None: ...

`contracts.testing.roles` says who publishes and who consumes what. Only `contracts.testing.strategies` needs
hypothesis, only the plugin needs pytest.
"""
