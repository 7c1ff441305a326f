-- Write the row of every touched thing anew from all its events.

create function frontdesk.write_calls(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  with folded as (
    select
      provider,
      key as call_sid,
      frontdesk.merged(jsonb_strip_nulls(data) order by age) filter (where type like 'frontdesk.call.%') as call,
      frontdesk.merged(jsonb_strip_nulls(data) order by age) filter (where type like 'frontdesk.recording.%') as recording,
      frontdesk.merged(data -> 'metadata' order by age) as metadata,
      (array_agg(data ->> 'status' order by frontdesk.call_rank(data ->> 'status') desc, age desc)
        filter (where type like 'frontdesk.call.%' and data ->> 'status' is not null))[1] as status,
      min((data ->> 'started_at')::timestamptz) filter (where type like 'frontdesk.call.%') as started_at,
      max((data ->> 'ended_at')::timestamptz) filter (where type like 'frontdesk.call.%') as ended_at,
      min((data ->> 'recording_started_at')::timestamptz) as recording_started_at,
      (array_agg(said order by frontdesk.transcription_rank(said ->> 'status') desc, age desc)
        filter (where said is not null))[1] as said
    from frontdesk.history(touched, 'call'), frontdesk.transcription(type, data) as said
    group by provider, key
  )
  insert into public.phone_calls (
    provider, call_sid, account_sid, direction, status, from_number, to_number, started_at, ended_at, duration, price,
    price_unit, recording_sid, recording_url, recording_duration, transcription_status, transcription_text,
    transcription, metadata)
  select
    f.provider, f.call_sid, coalesce(c.account_sid, r.account_sid), c.direction, f.status, c.from_number, c.to_number,
    coalesce(f.started_at, f.recording_started_at), f.ended_at, c.duration, c.price, c.price_unit, r.recording_sid,
    coalesce(r.recording_url, c.recording_url), r.recording_duration, f.said ->> 'status', f.said ->> 'text',
    f.said -> 'details', f.metadata
  from folded f,
    jsonb_to_record(f.call) as c(
      account_sid text, direction text, from_number text, to_number text, duration integer, price numeric,
      price_unit text, recording_url text),
    jsonb_to_record(f.recording) as r(
      account_sid text, recording_sid text, recording_url text, recording_duration integer)
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

create function frontdesk.write_messages(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  with folded as (
    select
      provider,
      key as message_sid,
      frontdesk.merged(known order by age) as sms,
      frontdesk.merged(known -> 'metadata' order by age) as metadata,
      (array_agg(known ->> 'status' order by frontdesk.sms_rank(known ->> 'status') desc, age desc)
        filter (where known ->> 'status' is not null))[1] as status,
      min("time") as occurred_at
    from frontdesk.history(touched, 'sms'), frontdesk.sms_knowledge(type, data, key) as known
    group by provider, key
  )
  insert into public.sms_conversations (
    provider, message_sid, conversation_id, direction, from_number, to_number, message, status, error_code,
    error_message, media, auto_response, category, in_reply_to, metadata, occurred_at)
  select
    f.provider, f.message_sid, frontdesk.conversation(s.from_number, s.to_number), coalesce(s.direction, 'outbound'),
    s.from_number, s.to_number, s.message, f.status, s.error_code, s.error_message, coalesce(s.media, '[]'),
    coalesce(s.auto_response, false), s.category, s.in_reply_to, f.metadata, f.occurred_at
  from folded f,
    jsonb_to_record(f.sms) as s(
      direction text, from_number text, to_number text, message text, error_code text, error_message text, media jsonb,
      auto_response boolean, category text, in_reply_to text)
  on conflict (provider, message_sid) do update set
    conversation_id = excluded.conversation_id,
    direction = excluded.direction,
    from_number = excluded.from_number,
    to_number = excluded.to_number,
    message = excluded.message,
    status = excluded.status,
    error_code = excluded.error_code,
    error_message = excluded.error_message,
    media = excluded.media,
    auto_response = excluded.auto_response,
    category = excluded.category,
    in_reply_to = excluded.in_reply_to,
    metadata = excluded.metadata,
    occurred_at = excluded.occurred_at;
end;

create function frontdesk.write_consent(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  insert into public.consent (number, state, provider, message_sid, changed_at)
  select distinct on (key) key, data ->> 'state', data ->> 'provider', data ->> 'message_sid', "time"
  from frontdesk.history(touched, 'consent')
  order by key, age desc
  on conflict (number) do update set
    state = excluded.state,
    provider = excluded.provider,
    message_sid = excluded.message_sid,
    changed_at = excluded.changed_at;
end;

create function frontdesk.requests(touched frontdesk.target[], kind text)
returns table (id uuid, provider text, said jsonb, "time" timestamptz)
language sql stable
begin atomic
  select h.id, h.provider, frontdesk.merged(jsonb_strip_nulls(h.data) order by h.age), min(h."time")
  from frontdesk.history(touched, 'request') h
  where h.type = kind
  group by h.id, h.provider;
end;

create function frontdesk.write_requests(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  insert into public.alerts (id, provider, kind, origin, from_number, to_number, raised_at)
  select q.id, q.provider, s.kind, s.origin, s.from_number, s.to_number, q."time"
  from frontdesk.requests(touched, 'frontdesk.alert.raised.v1') q,
    jsonb_to_record(q.said) as s(kind text, origin text, from_number text, to_number text)
  on conflict (id) do update set
    from_number = excluded.from_number, to_number = excluded.to_number, raised_at = excluded.raised_at;

  insert into public.callback_requests (id, provider, origin, number, name, about, requested_at)
  select q.id, q.provider, s.origin, s.number, s.name, s.about, q."time"
  from frontdesk.requests(touched, 'frontdesk.callback.requested.v1') q,
    jsonb_to_record(q.said) as s(origin text, number text, name text, about text)
  on conflict (id) do update set
    number = excluded.number, name = excluded.name, about = excluded.about, requested_at = excluded.requested_at;

  insert into public.appointment_requests (id, provider, origin, number, name, wish, requested_at)
  select q.id, q.provider, s.origin, s.number, s.name, s.wish, q."time"
  from frontdesk.requests(touched, 'frontdesk.appointment.requested.v1') q,
    jsonb_to_record(q.said) as s(origin text, number text, name text, wish text)
  on conflict (id) do update set
    number = excluded.number, name = excluded.name, wish = excluded.wish, requested_at = excluded.requested_at;
end;
