-- What is removed, because it is old or because a person wants to be forgotten, and how it stays away: the bus delivers
-- events again, and reconciliation publishes them again, with the ids they had.
--
-- The numbers for the charts stay: they say that somebody called, not who.

create table frontdesk.forgotten (
  entity text not null,
  provider text not null,
  key_hash bytea not null,
  primary key (entity, provider, key_hash)
);
comment on table frontdesk.forgotten is
  'Tombstones of an erased person''s calls, texts, recordings, requests and events: hashes of their ids, nothing else.';

create table frontdesk.kept_since (
  class text primary key check (class in ('calls', 'messages', 'requests')),
  since timestamptz not null
);
comment on table frontdesk.kept_since is 'Events of a class from before this were removed for their age; none is taken again.';

create function frontdesk.key_hash(key text) returns bytea language sql immutable
return sha256(convert_to(key, 'UTF8'));

create function frontdesk.class_of(type text) returns text language sql immutable
return case
  when type ~ '^frontdesk\.(call|recording|transcription)\.' then 'calls'
  when type ~ '^frontdesk\.sms\.' or type = 'frontdesk.notice.sent.v1' then 'messages'
  when type ~ '^frontdesk\.(alert|callback|appointment)\.' or type = 'frontdesk.notice.withheld.v1' then 'requests'
end;
comment on function frontdesk.class_of(text) is 'For how long an event is kept. Null for consent, which is kept for ever.';

create function frontdesk.is_about(type text, id uuid, data jsonb)
returns table (entity text, provider text, key text, wholly boolean) language sql immutable
begin atomic
  select t.entity, t.provider, t.key, true from frontdesk.targets(id, type, data) t
  where t.entity <> 'consent' and t.key is not null
  union all
  -- what staff were told of a call or an alert
  select c.entity, c.provider, data ->> 'cause', false
  from (values ('alert', ''), ('call', data ->> 'provider')) c (entity, provider)
  where type like 'frontdesk.notice.%' and data ->> 'cause' is not null;
end;
comment on function frontdesk.is_about(text, uuid, jsonb) is
  'What an event is erased with. wholly: and the other way round, what is erased with the event.';

create function frontdesk.is_erased(id uuid, type text, data jsonb) returns boolean
language sql stable set search_path = ''
begin atomic
  select exists (select from frontdesk.forgotten) and exists (
    select from frontdesk.forgotten f
    join (
      select 'event' as entity, '' as provider, is_erased.id::text as key
      union all
      select a.entity, a.provider, a.key from frontdesk.is_about(is_erased.type, is_erased.id, is_erased.data) a
    ) about on about.entity = f.entity and about.provider = f.provider and frontdesk.key_hash(about.key) = f.key_hash);
end;
comment on function frontdesk.is_erased(uuid, text, jsonb) is
  'Whether it tells of what a person had erased. Their next call or text has new ids and is taken.';

create function frontdesk.is_too_old(type text, "time" timestamptz) returns boolean
language sql stable set search_path = ''
begin atomic
  select exists (
    select from frontdesk.kept_since k
    where k.class = frontdesk.class_of(is_too_old.type) and is_too_old."time" < k.since);
end;

create or replace function frontdesk.store(events jsonb) returns frontdesk.target[]
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  with published as (
    select
      (e ->> 'id')::uuid as id,
      md5((e ->> 'time')::timestamptz::text || (e -> 'data')::text) as fingerprint,
      e ->> 'type' as type,
      e -> 'data' ->> 'provider' as provider,
      (e ->> 'time')::timestamptz as "time",
      e -> 'data' as data
    from jsonb_array_elements(store.events) e
  ), fresh as (
    insert into public.events (id, fingerprint, type, provider, "time", data)
    select id, fingerprint, type, provider, "time", data from published
    where not frontdesk.is_too_old(type, "time") and not frontdesk.is_erased(id, type, data)
    order by id, fingerprint -- in one order everywhere, so that two replicas with the same events cannot deadlock
    on conflict do nothing
    returning seq, id, type, data
  ), linked as (
    insert into frontdesk.event_targets (entity, provider, key, event)
    select t.entity, t.provider, t.key, f.seq
    from fresh f, frontdesk.targets(f.id, f.type, f.data) t
    on conflict do nothing
    returning entity, provider, key
  )
  select coalesce(array_agg(distinct row(entity, provider, key)::frontdesk.target), '{}') from linked;
end;

create function frontdesk.write(touched frontdesk.target[]) returns void
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
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
  perform frontdesk.lock_threads(touched);
  perform frontdesk.write_conversations(touched);
  perform frontdesk.write_consent(touched);
  perform frontdesk.write_requests(touched);
  perform frontdesk.write_acknowledgements(touched);
  perform frontdesk.write_withheld_notices(touched);
end
$$;
comment on function frontdesk.write(frontdesk.target[]) is 'Writes the rows of these things anew from their events.';

create function frontdesk.forget(things frontdesk.target[]) returns jsonb
language plpgsql set search_path = '' set jit = off
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set join_collapse_limit = 1 as $$
declare
  removed jsonb := '{}';
  n bigint;
  threads text[];
  marked text[]; -- kind and key, as staff_marks and notes have them
begin
  perform frontdesk.lock(things);
  perform set_config('frontdesk.keeps_counts', 'on', true);

  with gone as (
    delete from frontdesk.event_targets x using unnest(things) t
    where x.entity = t.entity and x.provider = t.provider and x.key = t.key
    returning x.event
  ), left_over as materialized (
    select event from gone
    except
    -- still says something about what stays: both parts of a statement see the links as they were before it
    select x.event from (select distinct event from gone) g
    join frontdesk.event_targets x on x.event = g.event
    left join unnest(things) t on t.entity = x.entity and t.provider = x.provider and t.key = x.key
    where t.entity is null
  )
  delete from public.events e using left_over l where e.seq = l.event;
  get diagnostics n = row_count;
  removed := removed || jsonb_build_object('events', n);

  delete from public.phone_calls c using unnest(things) t
  where c.provider = t.provider and (
    t.entity = 'call' and c.call_sid = t.key or t.entity = 'recording' and c.call_sid = 'recording:' || t.key);
  get diagnostics n = row_count;
  removed := removed || jsonb_build_object('calls', n);
  delete from public.recordings r using unnest(things) t
  where t.entity = 'recording' and r.provider = t.provider and r.recording_sid = t.key;
  get diagnostics n = row_count;
  removed := removed || jsonb_build_object('recordings', n);

  with gone as (
    delete from public.sms_conversations m using unnest(things) t
    where t.entity = 'sms' and m.provider = t.provider and m.message_sid = t.key
    returning m.conversation_id
  )
  select count(*), coalesce(array_agg(distinct conversation_id) filter (where conversation_id is not null), '{}')
  into n, threads from gone;
  removed := removed || jsonb_build_object('messages', n);
  with gone as (
    delete from public.conversations c using unnest(threads) t
    where c.conversation_id = t
      and not exists (select from public.sms_conversations m where m.conversation_id = c.conversation_id)
    returning c.conversation_id
  )
  select count(*), coalesce(array_agg('conversation ' || conversation_id), '{}') into n, marked from gone;
  removed := removed || jsonb_build_object('conversations', n);

  with gone as (
    delete from public.alerts a using unnest(things) t where t.entity = 'alert' and a.id = t.key::uuid returning a.id
  )
  select count(*) into n from gone;
  removed := removed || jsonb_build_object('alerts', n);
  with callbacks as (
    delete from public.callback_requests c using unnest(things) t
    where t.entity = 'request' and c.id = t.key::uuid returning c.id
  ), appointments as (
    delete from public.appointment_requests a using unnest(things) t
    where t.entity = 'request' and a.id = t.key::uuid returning a.id
  ), notices as (
    delete from public.withheld_notices w using unnest(things) t
    where t.entity = 'notice' and w.id = t.key::uuid returning w.id
  )
  select (select count(*) from callbacks) + (select count(*) from appointments) + (select count(*) from notices) into n;
  removed := removed || jsonb_build_object('requests', n);

  select marked || coalesce(array_agg(m.mark), '{}') into marked
  from unnest(things) t
  cross join lateral (values
    ('call', 'call ' || t.provider || '/' || t.key), ('recording', 'call ' || t.provider || '/recording:' || t.key),
    ('alert', 'alert ' || t.key), ('request', 'callback ' || t.key), ('request', 'appointment ' || t.key)
  ) m (entity, mark)
  where m.entity = t.entity;
  with gone as (
    delete from public.staff_marks m using unnest(marked) k
    where m.kind = split_part(k, ' ', 1) and m.key = substr(k, strpos(k, ' ') + 1) returning m.key
  )
  select count(*) into n from gone;
  removed := removed || jsonb_build_object('marks', n);
  with gone as (
    delete from public.notes m using unnest(marked) k
    where m.kind = split_part(k, ' ', 1) and m.key = substr(k, strpos(k, ' ') + 1) returning m.key
  )
  select count(*) into n from gone;
  removed := removed || jsonb_build_object('notes', n);
  perform set_config('frontdesk.keeps_counts', '', true);
  return removed;
end
$$;
comment on function frontdesk.forget(frontdesk.target[]) is
  'Removes these things with their events, marks and notes; returns how many of each. The charts'' numbers stay.';

create function frontdesk.keep_away(published jsonb) returns void
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  spread frontdesk.target[];
begin
  -- An event about an erased call may say which recording is its own: the recording is erased as well from now on.
  while exists (select from frontdesk.forgotten) loop
    with about as materialized (
      select e.value ->> 'id' as id, a.entity, a.provider, a.key, a.wholly, frontdesk.key_hash(a.key) as key_hash
      from jsonb_array_elements(published) e
      cross join lateral frontdesk.is_about(e.value ->> 'type', (e.value ->> 'id')::uuid, e.value -> 'data') a
    ), fresh as (
      insert into frontdesk.forgotten (entity, provider, key_hash)
      select distinct a.entity, a.provider, a.key_hash from about a
      where a.wholly and a.id in (select o.id from about o join frontdesk.forgotten f using (entity, provider, key_hash))
      on conflict do nothing
      returning entity, provider, key_hash
    )
    select array_agg(distinct row(a.entity, a.provider, a.key)::frontdesk.target) into spread
    from about a join fresh f using (entity, provider, key_hash);
    exit when spread is null;
    perform frontdesk.forget(spread);
  end loop;
end
$$;

create or replace function public.record_events(events jsonb) returns integer
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set join_collapse_limit = 1 as $$
declare
  touched frontdesk.target[];
begin
  perform frontdesk.keep_away(record_events.events);
  touched := frontdesk.store(record_events.events);
  perform frontdesk.write(touched);
  return cardinality(touched);
end
$$;

alter table frontdesk.forgotten enable row level security;
alter table frontdesk.kept_since enable row level security;
revoke all on all tables in schema frontdesk from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema frontdesk to service_role;
grant execute on all functions in schema frontdesk to service_role;

notify pgrst, 'reload schema';
