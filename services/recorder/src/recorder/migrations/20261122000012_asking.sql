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

create function frontdesk.recordings_of(provider text, call_sid text) returns setof public.recordings
language sql stable set search_path = ''
begin atomic
  select r.* from public.recordings r
  where r.provider = recordings_of.provider and r.call_sid = recordings_of.call_sid
  union all
  select r.* from public.recordings r
  where frontdesk.is_stub(recordings_of.call_sid) and r.call_sid is null
    and r.provider = recordings_of.provider and r.recording_sid = substr(recordings_of.call_sid, length('recording:') + 1);
end;

create function frontdesk.timeline(provider text, call_sid text) returns jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select coalesce(
    jsonb_agg(jsonb_build_object('type', e.type, 'time', e."time", 'data', e.data) order by e."time", e.seq), '[]')
  from (
    select x.event from frontdesk.event_targets x
    where x.entity = 'call' and x.provider = timeline.provider and x.key = timeline.call_sid
    union
    select x.event
    from frontdesk.recordings_of(timeline.provider, timeline.call_sid) r
    join frontdesk.event_targets x on x.entity = 'recording' and x.provider = r.provider and x.key = r.recording_sid
  ) about
  join public.events e on e.seq = about.event;
end;

create function public.one_call(provider text, call_sid text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select frontdesk.shown(c) || jsonb_build_object(
    'timeline', frontdesk.timeline(c.provider, c.call_sid),
    'recordings', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'words' order by r.started_at, r.recording_sid), '[]')
      from frontdesk.recordings_of(c.provider, c.call_sid) r))
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

create type frontdesk.place as (at timestamptz, provider text, sid text, kind text);
comment on type frontdesk.place is 'Of a found text or transcript in the order of all that is found.';

create function frontdesk.texts_with(query tsquery, before frontdesk.place, how_many integer)
returns setof public.sms_conversations language plpgsql stable set search_path = '' set jit = off as $$
declare
  newest constant integer := 20000;
  found_there integer;
begin
  -- A frequent word is soon found among the newest texts, and the index on words would give far too many rows to sort.
  return query
  select * from (
    select * from public.sms_conversations m
    where m.occurred_at <= before.at and (m.occurred_at, m.provider, m.message_sid, 'message'::text) < before
    order by m.occurred_at desc, m.provider desc, m.message_sid desc limit newest
  ) m
  where m.words @@ query
  order by m.occurred_at desc, m.provider desc, m.message_sid desc limit how_many;
  get diagnostics found_there = row_count;
  if found_there < how_many then -- the word is rare: the index gives few
    return query
    with hits as materialized (
      select m.occurred_at, m.provider, m.message_sid from public.sms_conversations m
      where m.words @@ query and (m.occurred_at, m.provider, m.message_sid, 'message'::text) < before
    ), older as (
      select * from hits h order by h.occurred_at desc, h.provider desc, h.message_sid desc
      limit how_many - found_there offset found_there
    )
    select m.* from older join public.sms_conversations m using (provider, message_sid);
  end if;
end
$$;

create function frontdesk.recordings_with(query tsquery, before frontdesk.place, how_many integer)
returns setof public.recordings language plpgsql stable set search_path = '' set jit = off as $$
declare
  newest constant integer := 2000; -- their words are many
  found_there integer;
begin
  return query
  select r.* from (
    select * from public.recordings r
    where coalesce(r.started_at, r.ready_at, r.created_at) <= before.at
      and (coalesce(r.started_at, r.ready_at, r.created_at), r.provider, r.recording_sid, 'transcript'::text) < before
    order by coalesce(r.started_at, r.ready_at, r.created_at) desc, r.provider desc, r.recording_sid desc limit newest
  ) r
  where r.words @@ query
  order by coalesce(r.started_at, r.ready_at, r.created_at) desc, r.provider desc, r.recording_sid desc limit how_many;
  get diagnostics found_there = row_count;
  if found_there < how_many then
    return query
    with hits as materialized (
      select coalesce(r.started_at, r.ready_at, r.created_at) as at, r.provider, r.recording_sid from public.recordings r
      where r.words @@ query
        and (coalesce(r.started_at, r.ready_at, r.created_at), r.provider, r.recording_sid, 'transcript'::text) < before
    ), older as (
      select * from hits h order by h.at desc, h.provider desc, h.recording_sid desc
      limit how_many - found_there offset found_there
    )
    select r.* from older join public.recordings r using (provider, recording_sid);
  end if;
end
$$;

create function public.search(asked text, after jsonb, how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select f.said
  from (
    select frontdesk.query(asked) as query, row(
      coalesce((after ->> 'at')::timestamptz, 'infinity'), coalesce(after ->> 'provider', ''),
      coalesce(after ->> 'sid', ''), coalesce(after ->> 'kind', ''))::frontdesk.place as before
  ) q
  cross join lateral (
    select m.occurred_at as at, m.provider, m.message_sid as sid, 'message' as kind, frontdesk.found(m) as said
    from frontdesk.texts_with(q.query, q.before, how_many) m
    union all
    select coalesce(r.started_at, r.ready_at, r.created_at), r.provider, r.recording_sid, 'transcript', frontdesk.found(r)
    from frontdesk.recordings_with(q.query, q.before, how_many) r
  ) f
  order by f.at desc, f.provider desc, f.sid desc, f.kind desc limit how_many;
end;
comment on function public.search(text, jsonb, integer) is
  'Texts and transcripts with these words, newest first; quotes, -word and OR as web searches have them. after: at,
  provider, sid, kind of the last row.';

create function public.search_numbers(digits text, how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(c) || jsonb_build_object('marks', frontdesk.marks('conversation', c.conversation_id))
  from public.conversations c
  where length(regexp_replace(digits, '[^0-9]', '', 'g')) >= 3
    and c.patient like '%' || regexp_replace(digits, '[^0-9]', '', 'g') || '%'
  order by c.last_at desc limit how_many;
end;

create function frontdesk.torn(first_day timestamptz, end_day timestamptz, granularity text, zone text)
returns setof timestamptz language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select h.hour
  from generate_series(first_day, end_day - interval '1 day', '1 day') d (day),
    generate_series(d.day, d.day + interval '23 hours', '1 hour') h (hour),
    lateral (select date_trunc(granularity, (d.day + interval '23 hours') at time zone zone) as local) its_last
  where date_trunc(granularity, d.day at time zone zone) <> its_last.local
    and date_trunc(granularity, h.hour at time zone zone) <> its_last.local;
end;
comment on function frontdesk.torn(timestamptz, timestamptz, text, text) is
  'The hours of UTC days that another local day, week or month has than the last hour of their day.';

create function frontdesk.counted(
  kinds text[], since timestamptz, until timestamptz, granularity text, zone text
)
returns table (at timestamp, kind text, provider text, a text, b text, n numeric, total numeric, cost numeric)
language plpgsql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  first_hour constant timestamptz := date_trunc('hour', since);
  first_day timestamptz := date_trunc('day', since + interval '1 day' - interval '1 microsecond');
  end_day timestamptz := date_trunc('day', until);
  torn timestamptz[] := '{}';
begin
  -- Whole days are read as such, the hours before and after them one by one. A day counts where its last hour does;
  -- its torn hours are moved to where they belong.
  if granularity = 'hour' or first_day >= end_day then
    first_day := first_hour;
    end_day := first_hour;
  else
    torn := array(select frontdesk.torn(first_day, end_day, granularity, zone));
  end if;
  return query
  select date_trunc(granularity, (c.hour + interval '23 hours') at time zone zone), c.kind, c.provider, c.a, c.b,
    c.n::numeric, c.total, c.cost
  from frontdesk.day_counts c
  where c.kind = any (kinds) and c.hour >= first_day and c.hour < end_day
  union all
  select date_trunc(granularity, c.hour at time zone zone), c.kind, c.provider, c.a, c.b, c.n::numeric, c.total, c.cost
  from frontdesk.counts c
  where c.kind = any (kinds)
    and (c.hour >= first_hour and c.hour < first_day or c.hour >= end_day and c.hour < until)
  union all
  select date_trunc(granularity, m.place at time zone zone), c.kind, c.provider, c.a, c.b, m.sign * c.n,
    m.sign * c.total, m.sign * c.cost
  from frontdesk.counts c
  cross join lateral (
    values (c.hour, 1), (date_trunc('day', c.hour) + interval '23 hours', -1)
  ) m (place, sign)
  where c.kind = any (kinds) and c.hour = any (torn);
end
$$;
comment on function frontdesk.counted(text[], timestamptz, timestamptz, text, text) is
  'Counts placed in local hours, days, weeks or months of `zone`; to be summed. A range begins and ends with UTC hours.';

create function public.analytics(since timestamptz, until timestamptz, granularity text, zone text) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC' set jit = off
begin atomic
  with placed as materialized (
    select at, kind, provider, a, b, sum(n) as n, sum(total) as total, sum(cost) as cost
    from frontdesk.counted(array['call', 'text'], since, until, granularity, zone)
    group by at, kind, provider, a, b
  ), summed as materialized (
    select kind, a, b, sum(n) as n
    from frontdesk.counted(array['category', 'reply', 'transcript'], since, until, 'millennium', 'UTC')
    group by kind, a, b having sum(n) > 0
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
          sum(n) filter (where a = 'outbound' and b <> 'suppressed') as outbound,
          sum(n) filter (where a = 'outbound' and b in ('failed', 'undelivered')) as failed
        from placed where kind = 'text' group by at having sum(n) > 0) s),
    'categories', (select coalesce(jsonb_object_agg(a, n), '{}') from summed where kind = 'category'),
    'by_hour', (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.weekday, s.hour_of_day), '[]') from (
        select
          extract(isodow from local)::integer as weekday, extract(hour from local)::integer as hour_of_day,
          sum(calls) as calls, sum(texts) as texts
        from (
          select
            hour at time zone zone as local, coalesce(sum(n) filter (where a = 'call'), 0) as calls,
            coalesce(sum(n) filter (where a = 'text'), 0) as texts
          from frontdesk.counts
          where kind = 'busy' and hour >= date_trunc('hour', since) and hour < until
          group by hour
        ) busy
        group by 1, 2 having sum(calls + texts) > 0) s),
    'replies', (select coalesce(jsonb_object_agg(a, n), '{}') from summed where kind = 'reply'),
    'transcripts', (
      select coalesce(jsonb_object_agg(s.a, s.n), '{}') from (
        select a, sum(n) as n from summed where kind = 'transcript' group by a) s),
    'transcript_lags', (
      select coalesce(jsonb_object_agg(s.b, s.n), '{}') from (
        select b, sum(n) as n from summed where kind = 'transcript' and b <> '' group by b) s),
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
    'search(text, jsonb, integer)', 'search_numbers(text, integer)',
    'analytics(timestamptz, timestamptz, text, text)', 'latest_change()'
  ] loop
    execute format('revoke all on function public.%s from public, anon, authenticated', signature);
    execute format('grant execute on function public.%s to service_role', signature);
  end loop;
end
$$;

notify pgrst, 'reload schema';
