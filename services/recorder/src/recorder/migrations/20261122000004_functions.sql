-- What the recorder calls: one function to write, two to read. The same over a connection and through PostgREST.

create function frontdesk.store(events jsonb) returns frontdesk.target[]
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
comment on function frontdesk.store(jsonb) is 'Keeps the events that are new; returns what they say something about.';

create function frontdesk.lock(touched frontdesk.target[]) returns void
language sql set search_path = ''
begin atomic
  -- A fixed number of locks, however large the batch, so that the server's lock table cannot overflow; always taken in
  -- the same order, so that replicas wait for each other instead of deadlocking.
  select pg_advisory_xact_lock(7420331, stripe)
  from (
    select distinct abs(hashtext(t.entity || ' ' || t.provider || ' ' || t.key) % 1024) as stripe
    from unnest(touched) t
    order by stripe
  ) stripes;
end;

create function public.record_events(events jsonb) returns integer
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
  return cardinality(touched);
end
$$;
comment on function public.record_events(jsonb) is
  'Merges a JSON array of CloudEvents into the rows, in one transaction; repeats change nothing. Returns how many things changed.';

create function public.recent_calls(how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(c) from public.phone_calls c
  order by coalesce(c.started_at, c.created_at) desc, c.provider, c.call_sid
  limit how_many;
end;

create function public.recent_messages(how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(m) from public.sms_conversations m
  order by m.occurred_at desc, m.provider, m.message_sid
  limit how_many;
end;
