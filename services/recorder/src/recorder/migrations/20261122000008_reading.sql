-- What the practice reads beside the bare rows: how a call ended, how a text was understood and answered, threads.

alter table public.phone_calls
  add column outcome text,
  add column answered_by text;
comment on column public.phone_calls.outcome is
  'answered, voicemail, missed, ongoing, or outbound: what the call came to, from where the practice sits.';
comment on column public.phone_calls.answered_by is 'desk or receptionist (the automatic one), when anybody spoke with the caller.';
create index phone_calls_by_outcome on public.phone_calls (outcome, started_at desc);
create index phone_calls_from on public.phone_calls (from_number, started_at desc);
create index phone_calls_to on public.phone_calls (to_number, started_at desc);

alter table public.sms_conversations
  add column understood_by text,
  add column confidence real,
  add column language text,
  add column needs_staff boolean not null default false,
  add column answered_at timestamptz,
  add column unanswered_because text;
comment on column public.sms_conversations.answered_at is 'Of an inbound text: when a provider accepted its automatic answer.';
comment on column public.sms_conversations.unanswered_because is 'Of an inbound text: why it got no automatic answer.';

create table public.conversations (
  conversation_id text primary key,
  patient text not null,
  practice text not null,
  last_at timestamptz not null,
  last_inbound_at timestamptz,
  last_provider text not null,
  last_message_sid text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.conversations is 'The threads of sms_conversations: the two numbers, and the newest message between them.';
create index conversations_of_late on public.conversations (last_at desc, conversation_id);
create trigger touch before update on public.conversations for each row
  when (old.* is distinct from new.*) execute function frontdesk.touch();

create function frontdesk.outcome(
  direction text, status text, names_the_call boolean, voicemail boolean, spoke boolean
) returns text language sql immutable
return case
  when direction = 'outbound' then 'outbound'
  when voicemail then 'voicemail'
  when spoke then 'answered'
  when status in ('busy', 'no-answer', 'failed', 'canceled') then 'missed'
  -- Twilio calls a call completed although only our greeting answered it; VoIP.ms means that somebody picked up.
  when status = 'completed' then case when names_the_call then 'missed' else 'answered' end
  else 'ongoing'
end;

create or replace function frontdesk.conversation(a text, b text) returns text language sql immutable
return case when a is not null and b is not null then
  least(a collate "C", b collate "C") || ':' || greatest(a collate "C", b collate "C")
end; -- a delivery report may name one side only: it belongs to no thread until the text itself is known

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
      max((data ->> 'ended_at')::timestamptz) filter (where type like 'frontdesk.call.%') as ended_at,
      coalesce(bool_or(type = 'frontdesk.call.turn_taken.v1' and data ->> 'heard' is not null), false) as talked
    from frontdesk.history(touched, 'call')
    group by provider, key
  ), known as (
    select
      f.*,
      case
        when f.metadata ->> 'DialCallStatus' = 'completed' then 'desk'
        when f.talked then 'receptionist'
        when not frontdesk.names_the_call(f.provider) and f.status = 'completed' then 'desk'
      end as answered_by
    from folded f
  )
  insert into public.phone_calls (
    provider, call_sid, account_sid, direction, status, from_number, to_number, started_at, ended_at, duration, price,
    price_unit, recording_sid, recording_url, recording_duration, transcription_status, transcription_text,
    transcription, metadata, outcome, answered_by)
  select
    f.provider, f.call_sid, coalesce(c.account_sid, r.account_sid), c.direction, f.status, c.from_number, c.to_number,
    coalesce(f.started_at, r.started_at), f.ended_at, c.duration, c.price, c.price_unit, r.recording_sid,
    coalesce(r.recording_url, c.recording_url), r.recording_duration, r.transcription_status, r.transcription_text,
    r.transcription, f.metadata,
    frontdesk.outcome(
      c.direction, f.status, frontdesk.names_the_call(f.provider),
      coalesce(r.metadata ->> 'RecordingSource' = 'RecordVerb', false), f.answered_by is not null),
    case when c.direction is distinct from 'outbound' then f.answered_by end
  from known f
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
    metadata = excluded.metadata,
    outcome = excluded.outcome,
    answered_by = excluded.answered_by;
end;

create or replace function frontdesk.sms_knowledge(type text, data jsonb, key text) returns jsonb
language sql immutable
return jsonb_strip_nulls(case
  when type = 'frontdesk.sms.received.v1' then
    data || '{"direction": "inbound", "status": "received"}'
  when data ->> 'in_reply_to' = key then -- the row of the text that was answered
    jsonb_build_object(
      'direction', 'inbound',
      'category', data -> 'category',
      'understood_by', data -> 'understood_by',
      'confidence', data -> 'confidence',
      'language', data -> 'language',
      'needs_staff', data -> 'needs_staff',
      'unanswered_because', data -> 'reason')
  when type = 'frontdesk.sms.sent.v1' then
    (data - 'needs_staff' - 'confidence' - 'understood_by') || '{"direction": "outbound", "auto_response": true}'
  when type = 'frontdesk.sms.suppressed.v1' then
    (data - 'needs_staff' - 'confidence' - 'understood_by')
    || '{"direction": "outbound", "auto_response": true, "status": "suppressed"}'
    || jsonb_build_object(
      'metadata', jsonb_build_object('reason', data -> 'reason', 'error_code', data -> 'error_code'))
  when type = 'frontdesk.notice.sent.v1' then
    data || '{"direction": "outbound", "auto_response": true}' || jsonb_build_object(
      'metadata', jsonb_build_object('purpose', data -> 'purpose', 'cause', data -> 'cause', 'step', data -> 'step'))
  else data
end);

create or replace function frontdesk.write_messages(touched frontdesk.target[]) returns void
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
      coalesce(min("time") filter (where data ->> 'in_reply_to' is distinct from key), min("time")) as occurred_at,
      min("time") filter (where data ->> 'in_reply_to' = key and type = 'frontdesk.sms.sent.v1') as answered_at
    from frontdesk.history(touched, 'sms'), frontdesk.sms_knowledge(type, data, key) as known
    group by provider, key
  )
  insert into public.sms_conversations (
    provider, message_sid, conversation_id, direction, from_number, to_number, message, status, error_code,
    error_message, media, auto_response, category, in_reply_to, metadata, occurred_at, understood_by, confidence,
    language, needs_staff, answered_at, unanswered_because)
  select
    f.provider, f.message_sid, frontdesk.conversation(s.from_number, s.to_number), coalesce(s.direction, 'outbound'),
    s.from_number, s.to_number, s.message, f.status, s.error_code, s.error_message, coalesce(s.media, '[]'),
    coalesce(s.auto_response, false), s.category, s.in_reply_to, f.metadata, f.occurred_at, s.understood_by,
    s.confidence, s.language, coalesce(s.needs_staff, false), f.answered_at,
    case when f.answered_at is null then s.unanswered_because end
  from folded f,
    jsonb_to_record(f.sms) as s(
      direction text, from_number text, to_number text, message text, error_code text, error_message text,
      media jsonb, auto_response boolean, category text, in_reply_to text, understood_by text, confidence real,
      language text, needs_staff boolean, unanswered_because text)
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
    occurred_at = excluded.occurred_at,
    understood_by = excluded.understood_by,
    confidence = excluded.confidence,
    language = excluded.language,
    needs_staff = excluded.needs_staff,
    answered_at = excluded.answered_at,
    unanswered_because = excluded.unanswered_because;
end;

create function frontdesk.threads(touched frontdesk.target[]) returns setof text
language sql stable set search_path = ''
begin atomic
  select distinct m.conversation_id
  from unnest(touched) t
  join public.sms_conversations m on m.provider = t.provider and m.message_sid = t.key
  where t.entity = 'sms' and m.conversation_id is not null;
end;

create function frontdesk.lock_threads(touched frontdesk.target[]) returns void
language sql set search_path = ''
begin atomic
  -- Two replicas that write two messages of one thread: the second to come sees both.
  select pg_advisory_xact_lock(7420333, stripe)
  from (
    select distinct abs(hashtext(thread) % 1024) as stripe from frontdesk.threads(touched) thread order by stripe
  ) stripes;
end;

create function frontdesk.write_conversations(touched frontdesk.target[]) returns void
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  insert into public.conversations (
    conversation_id, patient, practice, last_at, last_inbound_at, last_provider, last_message_sid)
  select
    h.conversation_id,
    case when n.direction = 'inbound' then n.from_number else n.to_number end,
    case when n.direction = 'inbound' then n.to_number else n.from_number end,
    n.occurred_at, i.occurred_at, n.provider, n.message_sid
  from frontdesk.threads(touched) h (conversation_id)
  cross join lateral (
    select * from public.sms_conversations m
    where m.conversation_id = h.conversation_id
    order by m.occurred_at desc, m.provider desc, m.message_sid desc
    limit 1
  ) n
  left join lateral (
    select m.occurred_at from public.sms_conversations m
    where m.conversation_id = h.conversation_id and m.direction = 'inbound'
    order by m.occurred_at desc
    limit 1
  ) i on true
  order by h.conversation_id
  on conflict (conversation_id) do update set
    patient = excluded.patient,
    practice = excluded.practice,
    last_at = excluded.last_at,
    last_inbound_at = excluded.last_inbound_at,
    last_provider = excluded.last_provider,
    last_message_sid = excluded.last_message_sid;
end;

-- A batch touches a few rows of large tables: starting from what it touches, by an index for each row, is right whatever
-- the statistics say. A plan made while the tables were empty would read all of them, until something analyzes them.
create or replace function public.record_events(events jsonb) returns integer
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set join_collapse_limit = 1 as $$
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
  perform frontdesk.lock_threads(touched);
  perform frontdesk.write_conversations(touched);
  perform frontdesk.write_consent(touched);
  perform frontdesk.write_requests(touched);
  perform frontdesk.write_acknowledgements(touched);
  perform frontdesk.write_withheld_notices(touched);
  return cardinality(touched);
end
$$;

alter table public.conversations enable row level security;
revoke all on public.conversations from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant select, insert, update, delete on public.conversations to service_role;
grant execute on all functions in schema frontdesk to service_role;

notify pgrst, 'reload schema';
