-- Recordings as things of their own: a call may have several, and a provider may not say of which call one is.

create table public.recordings (
  provider text not null,
  recording_sid text not null,
  call_sid text,
  linked_by text check (linked_by in ('provider', 'time')),
  account_sid text,
  direction text,
  from_number text,
  to_number text,
  recording_url text,
  recording_duration integer,
  recording_channels integer,
  started_at timestamptz,
  transcription_status text,
  transcription_text text,
  transcription jsonb,
  transcribed_at timestamptz,
  ready_at timestamptz,
  metadata jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, recording_sid),
  check ((call_sid is null) = (linked_by is null))
);
comment on column public.recordings.linked_by is
  'provider: it named the call. time: time, numbers and direction fit one call. Null while none is known.';
create index recordings_of_a_call on public.recordings (provider, call_sid);
create index recordings_without_a_named_call on public.recordings (provider, started_at)
  where linked_by is distinct from 'provider';
create index phone_calls_in_time on public.phone_calls (provider, started_at);
create trigger touch before update on public.recordings for each row
  when (old.* is distinct from new.*) execute function frontdesk.touch();

create function frontdesk.names_the_call(provider text) returns boolean language sql immutable
return provider = 'twilio'; -- its recording callbacks always carry the CallSid

create function frontdesk.is_stub(call_sid text) returns boolean language sql immutable
return starts_with(call_sid, 'recording:');
comment on function frontdesk.is_stub(text) is 'Whether a row stands for a recording whose call is not known.';

create or replace function frontdesk.targets(id uuid, type text, data jsonb) returns setof frontdesk.target
language sql immutable
begin atomic
  select 'call', data ->> 'provider', data ->> 'call_sid'
  where type ~ '^frontdesk\.(call|recording|transcription)\.[a-z_]+\.v1$' and data ->> 'call_sid' is not null
  union all
  select 'recording', data ->> 'provider', data ->> 'recording_sid'
  where type ~ '^frontdesk\.(recording|transcription)\.[a-z_]+\.v1$'
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

create function frontdesk.write_recordings(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  with folded as (
    select
      provider,
      key as recording_sid,
      frontdesk.merged(jsonb_strip_nulls(data) order by age) as known,
      frontdesk.merged(data -> 'metadata' order by age) filter (where data ? 'metadata') as metadata,
      min((data ->> 'recording_started_at')::timestamptz) as started_at,
      min("time") filter (where type = 'frontdesk.recording.ready.v1') as ready_at,
      min("time") filter (where type = 'frontdesk.transcription.completed.v1') as transcribed_at,
      (array_agg(said order by frontdesk.transcription_rank(said ->> 'status') desc, age desc)
        filter (where said is not null))[1] as said
    from frontdesk.history(touched, 'recording'), frontdesk.transcription(type, data) as said
    group by provider, key
  )
  insert into public.recordings (
    provider, recording_sid, call_sid, linked_by, account_sid, direction, from_number, to_number, recording_url,
    recording_duration, recording_channels, started_at, transcription_status, transcription_text, transcription,
    transcribed_at, ready_at, metadata)
  select
    f.provider, f.recording_sid, k.call_sid, case when k.call_sid is not null then 'provider' end, k.account_sid,
    k.direction, k.from_number, k.to_number, k.recording_url, k.recording_duration, k.recording_channels, f.started_at,
    f.said ->> 'status', f.said ->> 'text', f.said -> 'details', f.transcribed_at, f.ready_at,
    coalesce(f.metadata, '{}')
  from folded f,
    jsonb_to_record(f.known) as k(
      call_sid text, account_sid text, direction text, from_number text, to_number text, recording_url text,
      recording_duration integer, recording_channels integer)
  on conflict (provider, recording_sid) do update set
    call_sid = case when excluded.linked_by is null then recordings.call_sid else excluded.call_sid end,
    linked_by = coalesce(excluded.linked_by, recordings.linked_by),
    account_sid = excluded.account_sid,
    direction = excluded.direction,
    from_number = excluded.from_number,
    to_number = excluded.to_number,
    recording_url = excluded.recording_url,
    recording_duration = excluded.recording_duration,
    recording_channels = excluded.recording_channels,
    started_at = excluded.started_at,
    transcription_status = excluded.transcription_status,
    transcription_text = excluded.transcription_text,
    transcription = excluded.transcription,
    transcribed_at = excluded.transcribed_at,
    ready_at = excluded.ready_at,
    metadata = excluded.metadata;
end;

create or replace function frontdesk.write_calls(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  with folded as (
    select
      provider,
      key as call_sid,
      frontdesk.merged(jsonb_strip_nulls(data) order by age) filter (where type like 'frontdesk.call.%') as call,
      frontdesk.merged(data -> 'metadata' order by age) as metadata,
      (array_agg(data ->> 'status' order by frontdesk.call_rank(data ->> 'status') desc, age desc)
        filter (where type like 'frontdesk.call.%' and data ->> 'status' is not null))[1] as status,
      min((data ->> 'started_at')::timestamptz) filter (where type like 'frontdesk.call.%') as started_at,
      max((data ->> 'ended_at')::timestamptz) filter (where type like 'frontdesk.call.%') as ended_at
    from frontdesk.history(touched, 'call')
    group by provider, key
  )
  insert into public.phone_calls (
    provider, call_sid, account_sid, direction, status, from_number, to_number, started_at, ended_at, duration, price,
    price_unit, recording_sid, recording_url, recording_duration, transcription_status, transcription_text,
    transcription, metadata)
  select
    f.provider, f.call_sid, coalesce(c.account_sid, r.account_sid), c.direction, f.status, c.from_number, c.to_number,
    coalesce(f.started_at, r.started_at), f.ended_at, c.duration, c.price, c.price_unit, r.recording_sid,
    coalesce(r.recording_url, c.recording_url), r.recording_duration, r.transcription_status, r.transcription_text,
    r.transcription, f.metadata
  from folded f
  cross join jsonb_to_record(f.call) as c(
    account_sid text, direction text, from_number text, to_number text, duration integer, price numeric,
    price_unit text, recording_url text)
  left join lateral (
    select * from public.recordings r -- of several, the last one: a voicemail comes after what was said before it
    where r.provider = f.provider and r.call_sid = f.call_sid
    order by r.started_at desc nulls last, r.recording_sid desc
    limit 1
  ) r on true
  on conflict (provider, call_sid) do update set
    account_sid = excluded.account_sid,
    direction = excluded.direction,
    status = excluded.status,
    from_number = excluded.from_number,
    to_number = excluded.to_number,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at,
    duration = excluded.duration,
    price = excluded.price,
    price_unit = excluded.price_unit,
    recording_sid = excluded.recording_sid,
    recording_url = excluded.recording_url,
    recording_duration = excluded.recording_duration,
    transcription_status = excluded.transcription_status,
    transcription_text = excluded.transcription_text,
    transcription = excluded.transcription,
    metadata = excluded.metadata;
end;

-- Quoted bodies where a whole row is used: with `begin atomic`, older Postgres (15, 16) lets no generated column be added
-- to its table afterwards.
create function frontdesk.call_of(r public.recordings) returns text
language sql stable set search_path = ''
as $$
  -- A recording begins while its call lasts; clocks of different systems are a little apart. With the numbers unknown
  -- only a lone candidate counts: a patient's words must not appear beside another patient's call.
  select case when r.from_number is not null or count(*) = 1 then
    (array_agg(c.call_sid order by abs(extract(epoch from c.started_at - r.started_at)), c.call_sid))[1]
  end
  from public.phone_calls c
  where c.provider = r.provider
    and not frontdesk.is_stub(c.call_sid)
    and c.started_at between r.started_at - interval '4 hours' and r.started_at + interval '1 minute'
    and coalesce(c.ended_at, c.started_at) >= r.started_at - interval '1 minute'
    and (r.direction is null or c.direction is null or r.direction = c.direction)
    and (r.from_number is null or (r.from_number, r.to_number) in (
      (c.from_number, c.to_number), (c.to_number, c.from_number)))
$$;
comment on function frontdesk.call_of(public.recordings) is 'The call a recording belongs to, by time, numbers and direction.';

create function frontdesk.with_calls(touched frontdesk.target[]) returns frontdesk.target[]
language sql stable set search_path = ''
begin atomic
  select coalesce(array_agg(row(entity, provider, key)::frontdesk.target), '{}')
  from (
    select t.entity, t.provider, t.key from unnest(touched) t
    union
    select 'call', r.provider, r.call_sid
    from unnest(touched) t
    join public.recordings r on r.provider = t.provider and r.recording_sid = t.key
    where t.entity = 'recording' and r.call_sid is not null
  ) both_kinds;
end;
comment on function frontdesk.with_calls(frontdesk.target[]) is 'The same, once each, and the calls that touched recordings belong to now.';

create function frontdesk.link_recordings(touched frontdesk.target[]) returns frontdesk.target[]
language sql set search_path = ''
as $$
  with perhaps as (
    select t.provider, t.key as recording_sid from unnest(touched) t where t.entity = 'recording'
    union
    select r.provider, r.recording_sid
    from unnest(touched) t
    join public.phone_calls c on c.provider = t.provider and c.call_sid = t.key
    join public.recordings r on r.provider = c.provider and r.linked_by is distinct from 'provider' and (
      r.call_sid = c.call_sid
      or r.started_at between
        c.started_at - interval '1 minute' and coalesce(c.ended_at, c.started_at) + interval '1 minute')
    where t.entity = 'call' and not frontdesk.names_the_call(t.provider)
  ), found as (
    select r.provider, r.recording_sid, r.call_sid as before, frontdesk.call_of(r) as after
    from perhaps p
    join public.recordings r on r.provider = p.provider and r.recording_sid = p.recording_sid
    where r.linked_by is distinct from 'provider'
  ), moved as (
    update public.recordings r
    set call_sid = f.after, linked_by = case when f.after is not null then 'time' end
    from found f
    where r.provider = f.provider and r.recording_sid = f.recording_sid and f.before is distinct from f.after
  )
  select coalesce(array_agg(distinct row(s.entity, f.provider, s.key)::frontdesk.target), '{}')
  from found f, lateral (values ('recording', f.recording_sid), ('call', f.before), ('call', f.after)) s (entity, key)
  where s.key is not null
$$;
comment on function frontdesk.link_recordings(frontdesk.target[]) is
  'Finds the calls of recordings that name none; returns the recordings, and the calls whose rows they may change.';

create function frontdesk.write_stubs(touched frontdesk.target[]) returns void
language sql set search_path = ''
begin atomic
  with settled as materialized (
    select r.provider, 'recording:' || r.recording_sid as call_sid
    from unnest(touched) t
    join public.recordings r on r.provider = t.provider and r.recording_sid = t.key
    where t.entity = 'recording' and r.call_sid is not null
  )
  delete from public.phone_calls c using settled s where c.provider = s.provider and c.call_sid = s.call_sid;

  insert into public.phone_calls (
    provider, call_sid, account_sid, direction, from_number, to_number, started_at, recording_sid, recording_url,
    recording_duration, transcription_status, transcription_text, transcription, metadata)
  select distinct on (r.provider, r.recording_sid)
    r.provider, 'recording:' || r.recording_sid, r.account_sid, r.direction, r.from_number, r.to_number, r.started_at,
    r.recording_sid, r.recording_url, r.recording_duration, r.transcription_status, r.transcription_text,
    r.transcription, r.metadata
  from unnest(touched) t
  join public.recordings r on r.provider = t.provider and r.recording_sid = t.key
  where t.entity = 'recording' and r.call_sid is null
  order by r.provider, r.recording_sid
  on conflict (provider, call_sid) do update set
    account_sid = excluded.account_sid,
    direction = excluded.direction,
    from_number = excluded.from_number,
    to_number = excluded.to_number,
    started_at = excluded.started_at,
    recording_sid = excluded.recording_sid,
    recording_url = excluded.recording_url,
    recording_duration = excluded.recording_duration,
    transcription_status = excluded.transcription_status,
    transcription_text = excluded.transcription_text,
    transcription = excluded.transcription,
    metadata = excluded.metadata;
end;

create or replace function frontdesk.lock(touched frontdesk.target[]) returns void
language sql set search_path = ''
begin atomic
  -- Where recordings have to look for their calls, a call and a recording that two replicas write at the same time
  -- must see each other: such a provider's calls are written by one replica at a time.
  select pg_advisory_xact_lock(7420332, provider)
  from (
    select distinct hashtext(t.provider) as provider
    from unnest(touched) t
    where t.entity in ('call', 'recording') and not frontdesk.names_the_call(t.provider)
    order by provider
  ) providers;

  -- A fixed number of locks, however large the batch, so that the server's lock table cannot overflow; always taken in
  -- the same order, so that replicas wait for each other instead of deadlocking.
  select pg_advisory_xact_lock(7420331, stripe)
  from (
    select distinct abs(hashtext(t.entity || ' ' || t.provider || ' ' || t.key) % 1024) as stripe
    from unnest(touched) t
    order by stripe
  ) stripes;
end;

create or replace function public.record_events(events jsonb) returns integer
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  touched frontdesk.target[] := frontdesk.store(record_events.events);
  affected frontdesk.target[];
  relinked frontdesk.target[];
begin
  -- Whoever waited here reads, in the statements below, what the others committed meanwhile: in READ COMMITTED every
  -- statement has a snapshot of its own. So the last to write a row has seen all its events.
  perform frontdesk.lock(frontdesk.with_calls(touched));
  affected := frontdesk.with_calls(touched); -- a recording may be about to leave its call
  perform frontdesk.write_recordings(touched);
  affected := frontdesk.with_calls(affected);
  if cardinality(affected) > cardinality(touched) then
    -- Calls that came in sight only now. Should this ever make a deadlock, Postgres ends one side, which tries again.
    perform frontdesk.lock(affected);
  end if;
  perform frontdesk.write_calls(affected);
  relinked := frontdesk.link_recordings(affected);
  if cardinality(relinked) > 0 then
    perform frontdesk.write_calls(relinked);
  end if;
  perform frontdesk.write_stubs(touched || relinked);
  perform frontdesk.write_messages(touched);
  perform frontdesk.write_consent(touched);
  perform frontdesk.write_requests(touched);
  perform frontdesk.write_acknowledgements(touched);
  perform frontdesk.write_withheld_notices(touched);
  return cardinality(touched);
end
$$;

alter table public.recordings enable row level security;
revoke all on public.recordings from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant select, insert, update, delete on public.recordings to service_role;
grant execute on all functions in schema frontdesk to service_role;

notify pgrst, 'reload schema';
