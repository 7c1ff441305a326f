-- What the API asks. Lists are read page by page: `after` is the last row's place in the order (keyset), so a page costs
-- the same however far back it lies.

create function frontdesk.call_at(c public.phone_calls) returns timestamptz language sql stable
return coalesce(c.started_at, c.created_at);

create function frontdesk.shown(c public.phone_calls) returns jsonb language sql stable
begin atomic
  select to_jsonb(c) || jsonb_build_object(
    'at', coalesce(c.started_at, c.created_at),
    'patient', frontdesk.patient(c.direction, c.from_number, c.to_number),
    'marks', frontdesk.marks('call', c.provider || '/' || c.call_sid));
end;

create function frontdesk.shown(m public.sms_conversations) returns jsonb language sql stable
begin atomic
  select to_jsonb(m) - 'words' || jsonb_build_object('patient', frontdesk.patient(m.direction, m.from_number, m.to_number));
end;

create function public.list_calls(wanted jsonb, after jsonb, how_many integer) returns setof jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  return query execute $query$
    select frontdesk.shown(c) from public.phone_calls c where true $query$
    || case when wanted ? 'since' then ' and coalesce(c.started_at, c.created_at) >= ($1 ->> ''since'')::timestamptz' else '' end
    || case when wanted ? 'until' then ' and coalesce(c.started_at, c.created_at) < ($1 ->> ''until'')::timestamptz' else '' end
    || case when wanted ? 'number' then ' and (c.from_number = $1 ->> ''number'' or c.to_number = $1 ->> ''number'')' else '' end
    || case when wanted ? 'outcome' then ' and c.outcome = $1 ->> ''outcome''' else '' end
    || case when wanted ? 'provider' then ' and c.provider = $1 ->> ''provider''' else '' end
    || case when wanted ? 'direction' then ' and c.direction = $1 ->> ''direction''' else '' end
    || case when wanted ? 'recorded' then ' and (c.recording_sid is not null) = ($1 ->> ''recorded'')::boolean' else '' end
    || case when after is not null then
      ' and coalesce(c.started_at, c.created_at) <= ($2 ->> ''at'')::timestamptz
        and (coalesce(c.started_at, c.created_at), c.provider, c.call_sid)
          < (($2 ->> ''at'')::timestamptz, $2 ->> ''provider'', $2 ->> ''call_sid'')' else '' end
    || ' order by coalesce(c.started_at, c.created_at) desc, c.provider desc, c.call_sid desc limit $3'
  using wanted, after, how_many;
end
$$;
comment on function public.list_calls(jsonb, jsonb, integer) is
  'wanted: since, until, number, outcome, provider, direction, recorded. after: at, provider, call_sid of the last row.';

create function public.list_messages(wanted jsonb, after jsonb, how_many integer) returns setof jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  return query execute $query$
    select frontdesk.shown(m) from public.sms_conversations m where true $query$
    || case when wanted ? 'since' then ' and m.occurred_at >= ($1 ->> ''since'')::timestamptz' else '' end
    || case when wanted ? 'until' then ' and m.occurred_at < ($1 ->> ''until'')::timestamptz' else '' end
    || case when wanted ? 'conversation' then ' and m.conversation_id = $1 ->> ''conversation''' else '' end
    || case when wanted ? 'category' then ' and m.category = $1 ->> ''category''' else '' end
    || case when wanted ? 'status' then ' and m.status = $1 ->> ''status''' else '' end
    || case when wanted ? 'provider' then ' and m.provider = $1 ->> ''provider''' else '' end
    || case when wanted ? 'direction' then ' and m.direction = $1 ->> ''direction''' else '' end
    || case when after is not null then
      ' and m.occurred_at <= ($2 ->> ''at'')::timestamptz
        and (m.occurred_at, m.provider, m.message_sid)
          < (($2 ->> ''at'')::timestamptz, $2 ->> ''provider'', $2 ->> ''message_sid'')' else '' end
    || ' order by m.occurred_at desc, m.provider desc, m.message_sid desc limit $3'
  using wanted, after, how_many;
end
$$;
comment on function public.list_messages(jsonb, jsonb, integer) is
  'wanted: since, until, conversation, category, status, provider, direction. after: at, provider, message_sid of the last row.';

create function public.list_conversations(after jsonb, how_many integer) returns setof jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  return query execute $query$
    select to_jsonb(c) || jsonb_build_object(
      'last', frontdesk.shown(m), 'marks', frontdesk.marks('conversation', c.conversation_id))
    from public.conversations c
    join public.sms_conversations m on m.provider = c.last_provider and m.message_sid = c.last_message_sid $query$
    || case when after is not null then
      ' where (c.last_at, c.conversation_id) < (($1 ->> ''at'')::timestamptz, $1 ->> ''conversation_id'')' else '' end
    || ' order by c.last_at desc, c.conversation_id desc limit $2'
  using after, how_many;
end
$$;

create function public.one_conversation(conversation_id text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(c) || jsonb_build_object(
    'marks', frontdesk.marks('conversation', c.conversation_id),
    'consent', (select to_jsonb(s) from public.consent s where s.number = c.patient))
  from public.conversations c where c.conversation_id = one_conversation.conversation_id;
end;

create function frontdesk.timeline(provider text, call_sid text) returns jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select coalesce(jsonb_agg(distinct_events.said order by distinct_events."time", distinct_events.seq), '[]')
  from (
    select distinct e.seq, e."time", jsonb_build_object('type', e.type, 'time', e."time", 'data', e.data) as said
    from frontdesk.event_targets x
    join public.events e on e.seq = x.event
    where (x.entity = 'call' and x.provider = timeline.provider and x.key = timeline.call_sid)
      or (x.entity = 'recording' and (x.provider, x.key) in (
        select r.provider, r.recording_sid from public.recordings r
        where r.provider = timeline.provider
          and (r.call_sid = timeline.call_sid or 'recording:' || r.recording_sid = timeline.call_sid)))
  ) distinct_events;
end;

create function public.one_call(provider text, call_sid text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select frontdesk.shown(c) || jsonb_build_object(
    'timeline', frontdesk.timeline(c.provider, c.call_sid),
    'recordings', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'words' order by r.started_at, r.recording_sid), '[]')
      from public.recordings r
      where r.provider = c.provider
        and (r.call_sid = c.call_sid or 'recording:' || r.recording_sid = c.call_sid)))
  from public.phone_calls c
  where c.provider = one_call.provider and c.call_sid = one_call.call_sid;
end;

create function public.one_recording(provider text, recording_sid text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(r) - 'words' from public.recordings r
  where r.provider = one_recording.provider and r.recording_sid = one_recording.recording_sid;
end;

create function frontdesk.found(m public.sms_conversations) returns jsonb language sql stable
begin atomic
  select jsonb_build_object(
    'kind', 'message', 'at', m.occurred_at, 'provider', m.provider, 'sid', m.message_sid,
    'conversation_id', m.conversation_id, 'direction', m.direction,
    'patient', frontdesk.patient(m.direction, m.from_number, m.to_number), 'said', m.message);
end;

create function frontdesk.found(r public.recordings) returns jsonb language sql stable
begin atomic
  select jsonb_build_object(
    'kind', 'transcript', 'at', coalesce(r.started_at, r.ready_at, r.created_at), 'provider', r.provider,
    'sid', r.recording_sid, 'call_sid', coalesce(r.call_sid, 'recording:' || r.recording_sid),
    'patient', coalesce(
      (select frontdesk.patient(c.direction, c.from_number, c.to_number) from public.phone_calls c
       where c.provider = r.provider and c.call_sid = r.call_sid),
      frontdesk.patient(r.direction, r.from_number, r.to_number)),
    'said', r.transcription_text);
end;

create index recordings_of_late on public.recordings ((coalesce(started_at, ready_at, created_at)) desc);

create function frontdesk.texts_with(query tsquery, until timestamptz, how_many integer)
returns setof public.sms_conversations language plpgsql stable set search_path = '' as $$
declare
  rare constant integer := 5000;
begin
  -- A rare word is looked up in the index on words. A frequent one would give far too many rows to sort: there the
  -- newest texts are read until enough have it, and `coalesce` keeps the planner from the index on words.
  if (select count(*) from (select from public.sms_conversations m where m.words @@ query limit rare) few) < rare then
    return query
    with hits as materialized (
      select m as text from public.sms_conversations m where m.words @@ query and m.occurred_at < until
    )
    select (h.text).* from hits h order by (h.text).occurred_at desc limit how_many;
  else
    return query
    select m.* from public.sms_conversations m
    where coalesce(m.words @@ query, false) and m.occurred_at < until
    order by m.occurred_at desc limit how_many;
  end if;
end
$$;

create function frontdesk.recordings_with(query tsquery, until timestamptz, how_many integer)
returns setof public.recordings language plpgsql stable set search_path = '' as $$
declare
  rare constant integer := 5000;
begin
  if (select count(*) from (select from public.recordings r where r.words @@ query limit rare) few) < rare then
    return query
    with hits as materialized (
      select r as recording from public.recordings r
      where r.words @@ query and coalesce(r.started_at, r.ready_at, r.created_at) < until
    )
    select (h.recording).* from hits h
    order by coalesce((h.recording).started_at, (h.recording).ready_at, (h.recording).created_at) desc limit how_many;
  else
    return query
    select r.* from public.recordings r
    where coalesce(r.words @@ query, false) and coalesce(r.started_at, r.ready_at, r.created_at) < until
    order by coalesce(r.started_at, r.ready_at, r.created_at) desc limit how_many;
  end if;
end
$$;

create function public.search(asked text, until timestamptz, how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select f.said from (
    select frontdesk.found(m) as said
    from frontdesk.texts_with(frontdesk.query(asked), until, how_many) m
    union all
    select frontdesk.found(r)
    from frontdesk.recordings_with(frontdesk.query(asked), until, how_many) r
  ) f
  order by (f.said ->> 'at')::timestamptz desc, f.said ->> 'sid' desc limit how_many;
end;
comment on function public.search(text, timestamptz, integer) is
  'Texts and transcripts with these words, newest first, before `until`. Quotes, -word and OR as web searches have them.';

create function public.search_numbers(digits text, how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(c) || jsonb_build_object('marks', frontdesk.marks('conversation', c.conversation_id))
  from public.conversations c
  where length(digits) >= 3 and c.patient like '%' || regexp_replace(digits, '[^0-9]', '', 'g') || '%'
  order by c.last_at desc limit how_many;
end;

create function public.analytics(since timestamptz, until timestamptz, granularity text, zone text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  with counted as materialized (
    select hour, kind, provider, a, b, c, sum(n) as n, sum(total) as total, sum(cost) as cost
    from frontdesk.counts
    where hour >= date_trunc('hour', since, 'UTC') and hour < until
    group by hour, kind, provider, a, b, c
  ), placed as (
    select date_trunc(granularity, hour at time zone zone) as at, counted.* from counted
  )
  select jsonb_build_object(
    'calls', (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.at), '[]') from (
        select
          at, sum(n) filter (where b = 'answered') as answered, sum(n) filter (where b = 'voicemail') as voicemail,
          sum(n) filter (where b = 'missed') as missed, sum(n) filter (where b = 'outbound') as outbound,
          sum(n) as calls, sum(total) as seconds
        from placed where kind = 'call' group by at having sum(n) > 0) s),
    'texts', (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.at), '[]') from (
        select
          at, sum(n) filter (where a = 'inbound') as inbound,
          sum(n) filter (where a = 'outbound' and c <> 'suppressed') as outbound,
          sum(n) filter (where a = 'outbound' and c in ('failed', 'undelivered')) as failed
        from placed where kind = 'text' group by at having sum(n) > 0) s),
    'categories', (
      select coalesce(jsonb_object_agg(s.b, s.n), '{}') from (
        select b, sum(n) as n from counted where kind = 'text' and a = 'inbound' and b <> '' group by b having sum(n) > 0) s),
    'by_hour', (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.weekday, s.hour_of_day), '[]') from (
        select
          extract(isodow from hour at time zone zone)::integer as weekday,
          extract(hour from hour at time zone zone)::integer as hour_of_day,
          coalesce(sum(n) filter (where kind = 'call' and a <> 'outbound'), 0) as calls,
          coalesce(sum(n) filter (where kind = 'text' and a = 'inbound'), 0) as texts
        from counted where kind in ('call', 'text') group by 1, 2) s),
    'replies', (
      select coalesce(jsonb_object_agg(s.a, s.n), '{}') from (
        select a, sum(n) as n from counted where kind = 'reply' group by a having sum(n) > 0) s),
    'transcripts', (
      select coalesce(jsonb_object_agg(s.a, s.n), '{}') from (
        select a, sum(n) as n from counted where kind = 'transcript' group by a having sum(n) > 0) s),
    'transcript_lags', (
      select coalesce(jsonb_object_agg(s.b, s.n), '{}') from (
        select b, sum(n) as n from counted where kind = 'transcript' and b <> '' group by b having sum(n) > 0) s),
    'costs', (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.at, s.provider), '[]') from (
        select at, provider, sum(cost) as cost from placed where kind = 'call' group by at, provider having sum(cost) <> 0) s));
end;
comment on function public.analytics(timestamptz, timestamptz, text, text) is
  'granularity: hour, day, week or month, of local time in `zone`. Hours are counted by the UTC hour.';

create function public.latest_change() returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select jsonb_build_object(
    'event', (select max(seq) from public.events), 'mark', (select max(updated_at) from public.staff_marks));
end;
comment on function public.latest_change() is 'Different whenever something a page shows may have changed.';
create index staff_marks_of_late on public.staff_marks (updated_at desc);

do $$
declare
  signature text;
begin
  revoke all on all functions in schema frontdesk from public, anon, authenticated;
  grant execute on all functions in schema frontdesk to service_role;
  foreach signature in array array[
    'list_calls(jsonb, jsonb, integer)', 'list_messages(jsonb, jsonb, integer)', 'list_conversations(jsonb, integer)',
    'one_conversation(text)', 'one_call(text, text)', 'one_recording(text, text)',
    'search(text, timestamptz, integer)', 'search_numbers(text, integer)',
    'analytics(timestamptz, timestamptz, text, text)', 'latest_change()'
  ] loop
    execute format('revoke all on function public.%s from public, anon, authenticated', signature);
    execute format('grant execute on function public.%s to service_role', signature);
  end loop;
end
$$;

notify pgrst, 'reload schema';
