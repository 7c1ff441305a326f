-- What the people at the front desk do with what they see: done, assigned, heard, noted. No event says this: it is
-- theirs, and only these functions write it.

create table public.staff_marks (
  kind text not null check (kind in ('call', 'conversation', 'alert', 'callback', 'appointment')),
  key text not null,
  done_at timestamptz,
  done_by text,
  assigned_to text,
  opened_at timestamptz,
  opened_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (kind, key)
);
comment on column public.staff_marks.key is 'provider/call_sid of a call, conversation_id of a conversation, otherwise the id.';
comment on column public.staff_marks.opened_at is 'When somebody first played the voicemail or read the thread.';
create trigger touch before update on public.staff_marks for each row
  when (old.* is distinct from new.*) execute function frontdesk.touch();

create table public.notes (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('call', 'conversation', 'alert', 'callback', 'appointment')),
  key text not null,
  author text not null,
  note text not null check (length(note) between 1 and 4000),
  written_at timestamptz not null default now()
);
create index notes_of_a_thing on public.notes (kind, key, written_at);

create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  who text not null,
  action text not null,
  kind text not null,
  key text not null,
  client text
);
comment on table public.audit_log is 'Who looked at, changed, exported or erased what, and from which address. Never what it said.';
create index audit_log_of_late on public.audit_log (at desc, id desc);

create function public.mark_done(kind text, key text, done boolean, who text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.staff_marks as m (kind, key, done_at, done_by)
  values (mark_done.kind, mark_done.key, case when done then now() end, case when done then who end)
  on conflict (kind, key) do update set done_at = excluded.done_at, done_by = excluded.done_by
  returning to_jsonb(m);
end;

create function public.mark_opened(kind text, key text, who text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.staff_marks as m (kind, key, opened_at, opened_by)
  values (mark_opened.kind, mark_opened.key, now(), who)
  on conflict (kind, key) do update set
    opened_at = coalesce(m.opened_at, excluded.opened_at), opened_by = coalesce(m.opened_by, excluded.opened_by)
  returning to_jsonb(m);
end;

create function public.assign(kind text, key text, to_whom text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.staff_marks as m (kind, key, assigned_to)
  values (assign.kind, assign.key, nullif(to_whom, ''))
  on conflict (kind, key) do update set assigned_to = excluded.assigned_to
  returning to_jsonb(m);
end;

create function public.add_note(kind text, key text, note text, who text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.notes as n (kind, key, author, note) values (add_note.kind, add_note.key, who, add_note.note)
  returning to_jsonb(n);
end;

create function public.audit(who text, action text, kind text, key text, client text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.audit_log (who, action, kind, key, client)
  values (audit.who, audit.action, audit.kind, audit.key, audit.client)
  returning to_jsonb(audit_log.at);
end;

create function frontdesk.marks(kind text, key text) returns jsonb
language sql stable set search_path = ''
begin atomic
  select jsonb_build_object(
    'done_at', m.done_at, 'done_by', m.done_by, 'assigned_to', m.assigned_to, 'opened_at', m.opened_at,
    'opened_by', m.opened_by,
    'notes', (select count(*) from public.notes n where n.kind = marks.kind and n.key = marks.key))
  from (select 1) always
  left join public.staff_marks m on m.kind = marks.kind and m.key = marks.key;
end;

create function public.notes_of(kind text, key text) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select to_jsonb(n) from public.notes n where n.kind = notes_of.kind and n.key = notes_of.key order by n.written_at, n.id;
end;

create index phone_calls_unanswered on public.phone_calls (started_at desc) where outcome in ('missed', 'voicemail');
create index alerts_of_late on public.alerts (raised_at desc);
create index callback_requests_of_late on public.callback_requests (requested_at desc);
create index appointment_requests_of_late on public.appointment_requests (requested_at desc);
create index sms_conversations_for_staff on public.sms_conversations (occurred_at desc)
  where direction = 'inbound' and (needs_staff or answered_at is null);

create function frontdesk.patient(direction text, from_number text, to_number text) returns text language sql immutable
return case when direction = 'outbound' then to_number else from_number end;

create function public.open_alerts(since timestamptz, how_many integer) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select to_jsonb(a) || jsonb_build_object('marks', frontdesk.marks('alert', a.id::text), 'said', coalesce(
    (select m.message from public.sms_conversations m where m.provider = a.provider and m.message_sid = a.origin),
    (select r.transcription_text from public.recordings r
     where r.provider = a.provider and r.recording_sid = a.origin)))
  from public.alerts a
  where a.raised_at >= since
    and not exists (select from public.staff_marks m where m.kind = 'alert' and m.key = a.id::text and m.done_at is not null)
  order by (a.acknowledged_at is not null), a.raised_at desc
  limit how_many;
end;

create function public.open_calls(since timestamptz, how_many integer) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  -- Whoever was called back, or got through later, waits no more; a voicemail waits until somebody says that it is done.
  select to_jsonb(c) - 'transcription' - 'metadata'
    || jsonb_build_object('marks', frontdesk.marks('call', c.provider || '/' || c.call_sid))
  from public.phone_calls c
  where c.outcome in ('missed', 'voicemail') and c.started_at >= since
    and not exists (
      select from public.staff_marks m
      where m.kind = 'call' and m.key = c.provider || '/' || c.call_sid and m.done_at is not null)
    and (c.outcome = 'voicemail' or not exists (
      select from public.phone_calls l
      where (l.from_number = c.from_number and l.outcome in ('answered', 'voicemail')
          or l.to_number = c.from_number and l.outcome = 'outbound')
        and l.started_at > c.started_at))
  order by c.started_at desc
  limit how_many;
end;

create function public.open_requests(since timestamptz, how_many integer) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select r.said || jsonb_build_object('kind', r.kind, 'marks', frontdesk.marks(r.kind, r.id::text))
  from (
    select 'callback' as kind, id, requested_at, to_jsonb(c) as said from public.callback_requests c
    where requested_at >= since
    union all
    select 'appointment', id, requested_at, to_jsonb(a) from public.appointment_requests a
    where requested_at >= since
  ) r
  where not exists (
    select from public.staff_marks m where m.kind = r.kind and m.key = r.id::text and m.done_at is not null)
  order by r.requested_at desc
  limit how_many;
end;

create function public.open_conversations(since timestamptz, how_many integer) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  -- The newest text of each thread that a person has to read: not understood, or not answered by us.
  select to_jsonb(t) - 'words' - 'metadata' || jsonb_build_object('marks', frontdesk.marks('conversation', t.conversation_id))
  from (
    select distinct on (m.conversation_id) m.*
    from public.sms_conversations m
    where m.direction = 'inbound' and (m.needs_staff or m.answered_at is null) and m.occurred_at >= since
      and m.conversation_id is not null
      and coalesce(m.category, '') not in ('opt_out', 'opt_in')
      and coalesce(m.unanswered_because, '') not in ('auto_reply', 'own_number', 'not_a_phone', 'provider_answers')
    order by m.conversation_id, m.occurred_at desc
  ) t
  where not exists (
    select from public.staff_marks s
    where s.kind = 'conversation' and s.key = t.conversation_id and s.done_at >= t.occurred_at)
  order by (t.category = 'emergency') desc nulls last, t.occurred_at desc
  limit how_many;
end;

alter table public.staff_marks enable row level security;
alter table public.notes enable row level security;
alter table public.audit_log enable row level security;
revoke all on public.staff_marks, public.notes, public.audit_log from public, anon, authenticated;
revoke all on sequence public.notes_id_seq, public.audit_log_id_seq from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
revoke all on function
  public.mark_done(text, text, boolean, text), public.mark_opened(text, text, text), public.assign(text, text, text),
  public.add_note(text, text, text, text), public.audit(text, text, text, text, text), public.notes_of(text, text),
  public.open_alerts(timestamptz, integer), public.open_calls(timestamptz, integer),
  public.open_requests(timestamptz, integer), public.open_conversations(timestamptz, integer)
from public, anon, authenticated;
grant select, insert, update, delete on public.staff_marks, public.notes, public.audit_log to service_role;
grant execute on all functions in schema frontdesk to service_role;
grant execute on function
  public.mark_done(text, text, boolean, text), public.mark_opened(text, text, text), public.assign(text, text, text),
  public.add_note(text, text, text, text), public.audit(text, text, text, text, text), public.notes_of(text, text),
  public.open_alerts(timestamptz, integer), public.open_calls(timestamptz, integer),
  public.open_requests(timestamptz, integer), public.open_conversations(timestamptz, integer)
to service_role;

notify pgrst, 'reload schema';
