-- Texts the practice sends of its own accord, what was withheld of them, and who looks after an alert.

alter table public.alerts
  add column acknowledged_by text,
  add column acknowledged_at timestamptz;
comment on column public.alerts.acknowledged_by is 'The first of the people on call who said that they look after it.';

create table public.withheld_notices (
  id uuid primary key,
  provider text not null,
  purpose text not null,
  cause text not null,
  step integer not null,
  from_number text,
  to_number text not null,
  reason text not null,
  error_code text,
  withheld_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column public.withheld_notices.cause is 'Id of the alert, or call_sid of the missed call.';
create trigger touch before update on public.withheld_notices for each row
  when (old.* is distinct from new.*) execute function frontdesk.touch();

create or replace function frontdesk.sms_knowledge(type text, data jsonb, key text) returns jsonb
language sql immutable
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
  when type = 'frontdesk.notice.sent.v1' then
    data || '{"direction": "outbound", "auto_response": true}' || jsonb_build_object(
      'metadata', jsonb_build_object('purpose', data -> 'purpose', 'cause', data -> 'cause', 'step', data -> 'step'))
  else data
end);

create or replace function frontdesk.targets(id uuid, type text, data jsonb) returns setof frontdesk.target
language sql immutable
begin atomic
  select 'call', data ->> 'provider', coalesce(data ->> 'call_sid', 'recording:' || (data ->> 'recording_sid'))
  where type ~ '^frontdesk\.(call|recording|transcription)\.[a-z_]+\.v1$'
  union all
  select 'sms', data ->> 'provider', coalesce(data ->> 'message_sid', 'suppressed-' || id)
  where type ~ '^frontdesk\.sms\.[a-z_]+\.v1$' or type = 'frontdesk.notice.sent.v1'
  union all
  select 'sms', data ->> 'in_reply_to_provider', data ->> 'in_reply_to'
  where type in ('frontdesk.sms.sent.v1', 'frontdesk.sms.suppressed.v1')
  union all
  select 'consent', '', data ->> 'number' -- consent counts for every provider
  where type = 'frontdesk.consent.changed.v1'
  union all
  select 'request', data ->> 'provider', id::text
  where type in ('frontdesk.alert.raised.v1', 'frontdesk.callback.requested.v1', 'frontdesk.appointment.requested.v1')
  union all
  select 'alert', '', data ->> 'alert' -- whoever told us: the alert may have come by another provider
  where type = 'frontdesk.alert.acknowledged.v1'
  union all
  select 'alert', '', id::text
  where type = 'frontdesk.alert.raised.v1'
  union all
  select 'notice', data ->> 'provider', id::text
  where type = 'frontdesk.notice.withheld.v1';
end;

create function frontdesk.write_acknowledgements(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  -- An acknowledgement that comes before its alert is found when the alert touches this again.
  update public.alerts a set acknowledged_by = h.by_number, acknowledged_at = h."time"
  from (
    select distinct on (key) key, data ->> 'by_number' as by_number, "time"
    from frontdesk.history(touched, 'alert')
    where type = 'frontdesk.alert.acknowledged.v1'
    order by key, age
  ) h
  where a.id = h.key::uuid;
end;

create function frontdesk.write_withheld_notices(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  insert into public.withheld_notices (
    id, provider, purpose, cause, step, from_number, to_number, reason, error_code, withheld_at)
  select h.id, h.provider, s.purpose, s.cause, coalesce(s.step, 1), s.from_number, s.to_number, s.reason, s.error_code, h."time"
  from (
    select h.id, h.provider, frontdesk.merged(jsonb_strip_nulls(h.data) order by h.age) as said, min(h."time") as "time"
    from frontdesk.history(touched, 'notice') h
    group by h.id, h.provider
  ) h,
    jsonb_to_record(h.said) as s(
      purpose text, cause text, step integer, from_number text, to_number text, reason text, error_code text)
  on conflict (id) do update set
    from_number = excluded.from_number,
    to_number = excluded.to_number,
    reason = excluded.reason,
    error_code = excluded.error_code,
    withheld_at = excluded.withheld_at;
end;

create or replace function public.record_events(events jsonb) returns integer
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  touched frontdesk.target[] := frontdesk.store(record_events.events);
begin
  -- Whoever waited here reads, in the statements below, what the others committed meanwhile: in READ COMMITTED every
  -- statement has a snapshot of its own. So the last to write a row has seen all its events.
  perform frontdesk.lock(touched);
  perform frontdesk.write_calls(touched);
  perform frontdesk.write_messages(touched);
  perform frontdesk.write_consent(touched);
  perform frontdesk.write_requests(touched);
  perform frontdesk.write_acknowledgements(touched);
  perform frontdesk.write_withheld_notices(touched);
  return cardinality(touched);
end
$$;

alter table public.withheld_notices enable row level security;
revoke all on public.withheld_notices from public, anon, authenticated;
revoke all on function frontdesk.write_acknowledgements(frontdesk.target[]) from public, anon, authenticated;
revoke all on function frontdesk.write_withheld_notices(frontdesk.target[]) from public, anon, authenticated;
grant select, insert, update, delete on public.withheld_notices to service_role;
grant execute on function frontdesk.write_acknowledgements(frontdesk.target[]) to service_role;
grant execute on function frontdesk.write_withheld_notices(frontdesk.target[]) to service_role;

notify pgrst, 'reload schema';
