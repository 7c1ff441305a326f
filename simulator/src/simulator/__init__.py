"""Stands in for Twilio and VoIP.ms: sends signed webhooks, takes REST calls, serves recordings, misbehaves on request.

Faithful to what the providers document and to what was captured from them, quirks included, because our services are
tested against it. It knows nothing of them: everything it needs to know is in `settings`. Start reading at `app`.

Our services see the providers' own APIs (`/2010-04-01/Accounts/…`, `/api/v1/rest.php`). Tests and demos use, under
`/simulator` and in JSON (fields: `control.steps`, `faults`, `delivery`):

    POST twilio/texts, twilio/calls, twilio/recordings         a patient texts, calls; a recording becomes ready
    POST voipms/texts, voipms/cdrs, voipms/recordings          the same at VoIP.ms
    POST webhooks/raw                                          any request, signed, wrongly signed or not signed
    POST batch                                                 a whole day: {"steps": [{"do": "twilio.text", …}, …]}
    POST recordings                                            upload what callers can say (multipart: name, file)
    POST faults, twilio/outcomes, voipms/repeats               misbehave; how coming texts end; half an hour later
    POST forget                                                start afresh
    GET  texts, webhooks, rest, recordings, faults, health     what happened; any field as a filter: texts?to_number=…

An answer to something sent has the ids used (`message_sid`, `call_sid`, `recording_sid`) and every delivery attempt.
"""
