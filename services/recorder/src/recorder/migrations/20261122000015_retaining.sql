-- How long things are kept. A thing goes with its events once all that is known of it is old enough: events without
-- their rows, or rows without some of their events, would not be the same when another event comes.

create index alerts_by_age on public.alerts (raised_at);

create function frontdesk.is_lively(entity text, provider text, key text, since timestamptz) returns boolean
language sql stable set search_path = ''
begin atomic
  select exists (
    select from frontdesk.event_targets x join public.events e on e.seq = x.event
    where x.entity = is_lively.entity and x.provider = is_lively.provider and x.key = is_lively.key
      and e."time" >= is_lively.since);
end;
comment on function frontdesk.is_lively(text, text, text, timestamptz) is 'Whether anything was said about it since.';

create function frontdesk.old_things(class text, before timestamptz, how_many integer) returns frontdesk.target[]
language sql stable set search_path = ''
begin atomic
  with wholes as (
    (select 'call' as entity, c.provider, c.call_sid as key from public.phone_calls c
     where class = 'calls' and coalesce(c.started_at, c.created_at) < before and not frontdesk.is_stub(c.call_sid)
       and not frontdesk.is_lively('call', c.provider, c.call_sid, before)
       and not exists (
         select from public.recordings r
         where r.provider = c.provider and r.call_sid = c.call_sid
           and frontdesk.is_lively('recording', r.provider, r.recording_sid, before))
     order by coalesce(c.started_at, c.created_at) limit how_many)
    union all
    (select 'recording', r.provider, r.recording_sid from public.recordings r
     where class = 'calls' and r.call_sid is null and coalesce(r.started_at, r.ready_at, r.created_at) < before
       and not frontdesk.is_lively('recording', r.provider, r.recording_sid, before)
     order by coalesce(r.started_at, r.ready_at, r.created_at) limit how_many)
    union all
    (select 'sms', m.provider, m.message_sid from public.sms_conversations m
     where class = 'messages' and m.occurred_at < before and not frontdesk.is_lively('sms', m.provider, m.message_sid, before)
     order by m.occurred_at limit how_many)
    union all
    (select 'request', a.provider, a.id::text from public.alerts a
     where class = 'requests' and a.raised_at < before and not frontdesk.is_lively('alert', '', a.id::text, before)
     order by a.raised_at limit how_many)
    union all
    (select 'request', c.provider, c.id::text from public.callback_requests c
     where class = 'requests' and c.requested_at < before
       and not frontdesk.is_lively('request', c.provider, c.id::text, before)
     order by c.requested_at limit how_many)
    union all
    (select 'request', a.provider, a.id::text from public.appointment_requests a
     where class = 'requests' and a.requested_at < before
       and not frontdesk.is_lively('request', a.provider, a.id::text, before)
     order by a.requested_at limit how_many)
    union all
    (select 'notice', w.provider, w.id::text from public.withheld_notices w
     where class = 'requests' and w.withheld_at < before
       and not frontdesk.is_lively('notice', w.provider, w.id::text, before)
     order by w.withheld_at limit how_many)
  ), with_parts as (
    select w.entity, w.provider, w.key from wholes w
    union
    select 'recording', r.provider, r.recording_sid
    from wholes w join public.recordings r on r.provider = w.provider and r.call_sid = w.key
    where w.entity = 'call'
    union
    select 'alert', '', w.key from wholes w where w.entity = 'request'
  )
  select coalesce(array_agg(row(p.entity, p.provider, p.key)::frontdesk.target), '{}') from with_parts p;
end;

create function frontdesk.forget_transcripts(before timestamptz, how_many integer) returns bigint
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  old bigint[];
  touched frontdesk.target[];
begin
  select coalesce(array_agg(e.seq), '{}') into old from (
    select e.seq from public.events e
    where e.type like 'frontdesk.transcription.%' and e."time" < before
      and e.data ?| array['transcription_text', 'segments', 'partial_text']
    order by e."time" limit how_many
  ) e;
  if cardinality(old) > 0 then
    -- The fingerprint stays that of the event as it was published, so a repeat does not bring the words back.
    update public.events e set data = e.data - 'transcription_text' - 'segments' - 'partial_text' where e.seq = any (old);
    select array_agg(distinct row(x.entity, x.provider, x.key)::frontdesk.target) into touched
    from frontdesk.event_targets x where x.event = any (old);
    perform frontdesk.write(touched);
  end if;
  return cardinality(old);
end
$$;
create index events_with_transcripts on public.events ("time")
  where type like 'frontdesk.transcription.%' and data ?| array['transcription_text', 'segments', 'partial_text'];

create function public.forget_old(days jsonb, how_many integer) returns setof jsonb
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  due text;
  before timestamptz;
  things frontdesk.target[];
  removed jsonb := '{}';
  n bigint;
begin
  if not pg_try_advisory_xact_lock(7420335) then
    return; -- another replica is at it
  end if;
  foreach due in array array['calls', 'messages', 'requests'] loop
    continue when days -> due is null;
    before := date_trunc('day', now()) - make_interval(days => (days ->> due)::integer);
    things := frontdesk.old_things(due, before, how_many);
    if cardinality(things) > 0 then
      insert into frontdesk.kept_since as k (class, since) values (due, before)
      on conflict on constraint kept_since_pkey do update set since = greatest(k.since, excluded.since);
      removed := removed || jsonb_build_object(due, frontdesk.forget(things));
    end if;
  end loop;
  if days -> 'transcripts' is not null then
    n := frontdesk.forget_transcripts(
      date_trunc('day', now()) - make_interval(days => (days ->> 'transcripts')::integer), how_many);
    if n > 0 then
      removed := removed || jsonb_build_object('transcripts', jsonb_build_object('transcripts', n));
    end if;
  end if;
  if days -> 'audit' is not null then
    delete from public.audit_log a where a.id in (
      select id from public.audit_log
      where at < date_trunc('day', now()) - make_interval(days => (days ->> 'audit')::integer) order by at limit how_many);
    get diagnostics n = row_count;
    if n > 0 then
      removed := removed || jsonb_build_object('audit', jsonb_build_object('audit', n));
    end if;
  end if;
  return next removed;
end
$$;
comment on function public.forget_old(jsonb, integer) is
  'Removes one batch of what is older than so many days. days: calls, messages, requests, transcripts, audit; a class
  that is missing is kept. Gives what it removed, by class; nothing while another replica does it.';

do $$
declare
  signature text;
begin
  revoke all on all functions in schema frontdesk from public, anon, authenticated;
  grant execute on all functions in schema frontdesk to service_role;
  revoke all on function public.forget_old(jsonb, integer) from public, anon, authenticated;
  grant execute on function public.forget_old(jsonb, integer) to service_role;
end
$$;

notify pgrst, 'reload schema';
