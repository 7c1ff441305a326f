-- A person who wants to be forgotten, by number. What was theirs goes; where somebody else mentions the number, the
-- number goes.

create index sms_conversations_half_known on public.sms_conversations (provider, message_sid) where conversation_id is null;
create index sms_conversations_caused on public.sms_conversations ((metadata ->> 'cause')) where metadata ? 'cause';
create index conversations_of_patient on public.conversations (patient);

create function frontdesk.things_with(number text) returns setof frontdesk.target
language sql stable set search_path = ''
begin atomic
  select 'call', provider, call_sid from public.phone_calls
  where (from_number = number or to_number = number) and not frontdesk.is_stub(call_sid)
  union
  select 'recording', provider, recording_sid from public.recordings where from_number = number or to_number = number
  union
  select 'sms', m.provider, m.message_sid
  from public.conversations c join public.sms_conversations m using (conversation_id) where c.patient = number
  union
  select 'sms', provider, message_sid from public.sms_conversations
  where conversation_id is null and (from_number = number or to_number = number)
  union
  select e.entity, e.provider, a.id::text
  from public.alerts a, lateral (values ('alert', ''), ('request', a.provider)) e (entity, provider)
  where a.from_number = number or a.to_number = number
  union
  select 'request', c.provider, c.id::text from public.callback_requests c where c.number = things_with.number
  union
  select 'request', a.provider, a.id::text from public.appointment_requests a where a.number = things_with.number
  union
  select 'notice', w.provider, w.id::text from public.withheld_notices w where w.to_number = number;
end;

create function frontdesk.things_beside(known frontdesk.target[]) returns setof frontdesk.target
language sql stable set search_path = ''
begin atomic
  -- what the same events speak of: the answer to a text, the recording of a call
  select o.entity, o.provider, o.key
  from unnest(known) t
  join frontdesk.event_targets x on x.entity = t.entity and x.provider = t.provider and x.key = t.key
  join frontdesk.event_targets o on o.event = x.event
  where o.entity <> 'consent'
  union
  select 'recording', r.provider, r.recording_sid
  from unnest(known) t
  join public.recordings r on r.provider = t.provider and r.call_sid = t.key
  where t.entity = 'call'
  union
  -- what staff were told because of it
  select 'sms', m.provider, m.message_sid
  from unnest(known) t
  join public.sms_conversations m on m.metadata ? 'cause' and m.metadata ->> 'cause' = t.key
  where t.entity in ('call', 'alert')
  union
  select 'notice', w.provider, w.id::text
  from unnest(known) t
  join public.withheld_notices w on w.cause = t.key
  where t.entity in ('call', 'alert')
  union
  select t.entity, t.provider, t.key from unnest(known) t;
end;

create function frontdesk.things_of(number text, published jsonb) returns frontdesk.target[]
language plpgsql stable set search_path = '' as $$
declare
  known frontdesk.target[];
  before integer := -1;
begin
  select coalesce(array_agg(row(t.entity, t.provider, t.key)::frontdesk.target), '{}') into known
  from (
    select w.entity, w.provider, w.key from frontdesk.things_with(number) w
    union
    select p.entity, p.provider, p.key
    from jsonb_array_elements(published) e
    cross join lateral frontdesk.targets((e ->> 'id')::uuid, e ->> 'type', e -> 'data') p
    where p.entity <> 'consent' and p.key is not null
  ) t;
  while cardinality(known) > before loop
    before := cardinality(known);
    select coalesce(array_agg(row(b.entity, b.provider, b.key)::frontdesk.target), '{}') into known
    from frontdesk.things_beside(known) b;
  end loop;
  return known;
end
$$;
comment on function frontdesk.things_of(text, jsonb) is
  'All things about a person: by the number in the rows, by events that may not be recorded yet, and what hangs on those.';

create function public.is_of_the_practice(number text) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select to_jsonb(
    exists (select from public.conversations c where c.practice = number)
    or exists (select from public.phone_calls c where c.direction = 'inbound' and c.to_number = number)
    or exists (select from public.phone_calls c where c.direction = 'outbound' and c.from_number = number));
end;
comment on function public.is_of_the_practice(text) is 'Erasing one of these would erase everybody.';

create function public.erase_person(number text, published jsonb, dry_run boolean) returns setof jsonb
language plpgsql set search_path = '' set timezone = 'UTC' set statement_timeout = '60s' as $$
declare
  things frontdesk.target[] := frontdesk.things_of(number, published);
  removed jsonb;
  consents bigint;
begin
  if dry_run then
    return query
    select jsonb_object_agg(t.entity, t.n) from (select entity, count(*) as n from unnest(things) group by entity) t;
    return;
  end if;
  insert into frontdesk.forgotten (entity, provider, key_hash)
  select t.entity, t.provider, frontdesk.key_hash(t.key) from unnest(things) t
  union
  select 'event', '', frontdesk.key_hash(x.id::text) from (
    select e.id from unnest(things) t
    join frontdesk.event_targets o on o.entity = t.entity and o.provider = t.provider and o.key = t.key
    join public.events e on e.seq = o.event
    union
    select e.id from frontdesk.event_targets o join public.events e on e.seq = o.event
    where o.entity = 'consent' and o.provider = '' and o.key = number
    union
    select (p ->> 'id')::uuid from jsonb_array_elements(published) p
  ) x
  on conflict do nothing;
  removed := frontdesk.forget(things || row('consent', '', number)::frontdesk.target);
  delete from public.consent c where c.number = erase_person.number;
  get diagnostics consents = row_count;
  return next removed || jsonb_build_object('consent', consents);
end
$$;
comment on function public.erase_person(text, jsonb, boolean) is
  'Removes all things of a person, and keeps them away. published: the person''s events as the bus has them.';

create function public.erase_mentions(pattern text, after bigint, how_many integer) returns setof jsonb
language plpgsql set search_path = '' set timezone = 'UTC' set statement_timeout = '60s' as $$
declare
  last bigint;
  mentions bigint[];
  touched frontdesk.target[];
begin
  select max(e.seq), coalesce(array_agg(e.seq) filter (where e.data::text ~ pattern), '{}') into last, mentions
  from (select seq, data from public.events where seq > after order by seq limit how_many) e;
  if cardinality(mentions) > 0 then
    insert into frontdesk.forgotten (entity, provider, key_hash)
    select 'event', '', frontdesk.key_hash(e.id::text) from public.events e where e.seq = any (mentions)
    on conflict do nothing;
    -- The fingerprint stays that of the event as it was published, so a repeat is still one.
    update public.events e set data = regexp_replace(e.data::text, pattern, '[erased]', 'g')::jsonb
    where e.seq = any (mentions);
    select array_agg(distinct row(x.entity, x.provider, x.key)::frontdesk.target) into touched
    from frontdesk.event_targets x where x.event = any (mentions);
    perform frontdesk.write(touched);
  end if;
  return next jsonb_build_object('last', last, 'mentions', cardinality(mentions));
end
$$;
comment on function public.erase_mentions(text, bigint, integer) is
  'Makes a number unreadable in the events after a sequence number, and in their rows. last: go on there; null at the end.';

create function public.erase_marginalia(pattern text, dry_run boolean) returns setof jsonb
language plpgsql set search_path = '' set statement_timeout = '60s' as $$
declare
  notes bigint;
  entries bigint;
begin
  if dry_run then
    select count(*) into notes from public.notes n where n.note ~ pattern or n.key ~ pattern;
    select count(*) into entries from public.audit_log a where a.key ~ pattern;
  else
    update public.notes n set note = regexp_replace(n.note, pattern, '[erased]', 'g') where n.note ~ pattern;
    get diagnostics notes = row_count;
    update public.audit_log a set key = regexp_replace(a.key, pattern, '[erased]', 'g') where a.key ~ pattern;
    get diagnostics entries = row_count;
    delete from public.staff_marks m where m.key ~ pattern;
  end if;
  return next jsonb_build_object('notes', notes, 'audit', entries);
end
$$;
comment on function public.erase_marginalia(text, boolean) is 'The number in what staff wrote, and in who looked at what.';

create function public.erased_among(published jsonb) returns setof jsonb
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  select frontdesk.keep_away(published);
  select e.value -> 'id' from jsonb_array_elements(published) e
  where frontdesk.is_erased((e.value ->> 'id')::uuid, e.value ->> 'type', e.value -> 'data');
end;
comment on function public.erased_among(jsonb) is 'The ids of those events that tell of what was erased.';

do $$
declare
  signature text;
begin
  revoke all on all functions in schema frontdesk from public, anon, authenticated;
  grant execute on all functions in schema frontdesk to service_role;
  foreach signature in array array[
    'is_of_the_practice(text)', 'erase_person(text, jsonb, boolean)', 'erase_mentions(text, bigint, integer)',
    'erase_marginalia(text, boolean)', 'erased_among(jsonb)'
  ] loop
    execute format('revoke all on function public.%s from public, anon, authenticated', signature);
    execute format('grant execute on function public.%s to service_role', signature);
  end loop;
end
$$;

notify pgrst, 'reload schema';
