-- How the events of one thing are folded into its row. The small functions have bodies that were resolved when they
-- were made, so no search_path can change their meaning, and the planner can inline them.

create aggregate frontdesk.merged(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');
comment on aggregate frontdesk.merged(jsonb) is
  'Ordered from old to new and fed objects without nulls: of every field, the newest value that is known.';

create function frontdesk.call_rank(status text) returns integer language sql immutable
return case status
  when 'initiated' then 1
  when 'ringing' then 2
  when 'in-progress' then 3
  when 'completed' then 4
  when 'busy' then 4
  when 'no-answer' then 4
  when 'failed' then 4
  when 'canceled' then 4
  else 0 -- queued, and words a provider may invent
end;

create function frontdesk.sms_rank(status text) returns integer language sql immutable
return case status
  when 'queued' then 1
  when 'sending' then 2
  when 'sent' then 3
  when 'delivered' then 4
  when 'undelivered' then 4
  when 'failed' then 4
  when 'canceled' then 4
  when 'partially_delivered' then 4
  when 'received' then 4
  when 'suppressed' then 4
  when 'read' then 5
  else 0 -- scheduled, accepted, and words a provider may invent
end;

create function frontdesk.transcription_rank(status text) returns integer language sql immutable
return case status when 'completed' then 3 when 'failed' then 2 when 'skipped' then 1 else 0 end;

create function frontdesk.transcription(type text, data jsonb) returns jsonb language sql immutable
return case type
  when 'frontdesk.transcription.completed.v1' then jsonb_build_object(
    'status', 'completed',
    'text', data -> 'transcription_text',
    'details', jsonb_strip_nulls(jsonb_build_object(
      'segments', data -> 'segments',
      'language', data -> 'language',
      'engine', data -> 'engine',
      'model', data -> 'model',
      'confidence', data -> 'confidence',
      'audio_seconds', data -> 'audio_seconds',
      'incomplete', data -> 'incomplete')))
  when 'frontdesk.transcription.failed.v1' then jsonb_build_object(
    'status', 'failed',
    'text', data -> 'partial_text',
    'details', jsonb_strip_nulls(jsonb_build_object('reason', data -> 'reason', 'detail', data -> 'detail')))
  when 'frontdesk.transcription.skipped.v1' then jsonb_build_object(
    'status', 'skipped',
    'details', jsonb_strip_nulls(jsonb_build_object('reason', data -> 'reason')))
  when 'frontdesk.recording.ready.v1' then jsonb_build_object('status', 'pending')
end;

create function frontdesk.sms_knowledge(type text, data jsonb, key text) returns jsonb language sql immutable
return jsonb_strip_nulls(case
  when type = 'frontdesk.sms.received.v1' then
    data || '{"direction": "inbound", "status": "received"}'
  when data ->> 'in_reply_to' = key then -- the row of the text that was answered
    jsonb_build_object('direction', 'inbound', 'category', data -> 'category')
  when type = 'frontdesk.sms.sent.v1' then
    data || '{"direction": "outbound", "auto_response": true}'
  when type = 'frontdesk.sms.suppressed.v1' then
    data || '{"direction": "outbound", "auto_response": true, "status": "suppressed"}' || jsonb_build_object(
      'metadata', jsonb_build_object('reason', data -> 'reason', 'error_code', data -> 'error_code'))
  else data
end);

create function frontdesk.conversation(a text, b text) returns text language sql immutable
return least(a collate "C", b collate "C") || ':' || greatest(a collate "C", b collate "C");

create function frontdesk.targets(id uuid, type text, data jsonb) returns setof frontdesk.target
language sql immutable
begin atomic
  select 'call', data ->> 'provider', coalesce(data ->> 'call_sid', 'recording:' || (data ->> 'recording_sid'))
  where type ~ '^frontdesk\.(call|recording|transcription)\.[a-z_]+\.v1$'
  union all
  select 'sms', data ->> 'provider', coalesce(data ->> 'message_sid', 'suppressed-' || id)
  where type ~ '^frontdesk\.sms\.[a-z_]+\.v1$'
  union all
  select 'sms', data ->> 'in_reply_to_provider', data ->> 'in_reply_to'
  where type in ('frontdesk.sms.sent.v1', 'frontdesk.sms.suppressed.v1')
  union all
  select 'consent', '', data ->> 'number' -- consent counts for every provider
  where type = 'frontdesk.consent.changed.v1'
  union all
  select 'request', data ->> 'provider', id::text
  where type in ('frontdesk.alert.raised.v1', 'frontdesk.callback.requested.v1', 'frontdesk.appointment.requested.v1');
end;

create function frontdesk.history(touched frontdesk.target[], kind text)
returns table (provider text, key text, id uuid, type text, "time" timestamptz, data jsonb, age bigint)
language sql stable
begin atomic
  -- `age` is the order of knowledge: by the events' own time; id and fingerprint only make it total
  select t.provider, t.key, e.id, e.type, e."time", e.data, row_number() over (order by e."time", e.id, e.fingerprint)
  from unnest(touched) t
  join frontdesk.event_targets x on x.entity = t.entity and x.provider = t.provider and x.key = t.key
  join public.events e on e.seq = x.event
  where t.entity = kind;
end;
