-- The events as they were published, and the rows the practice looks at. Every row is a pure function of the events:
-- whatever order they come in and however often, the same events make the same rows.

do $$
declare
  role record;
begin
  -- Supabase has these roles; a plain Postgres does not. They belong to the server, so another database of it may be
  -- making them at this very moment.
  for role in
    select * from (values ('anon', ''), ('authenticated', ''), ('service_role', 'bypassrls')) as roles (name, may)
    where name not in (select rolname from pg_roles)
  loop
    begin
      execute format('create role %I nologin %s', role.name, role.may);
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end
$$;

create schema frontdesk;
comment on schema frontdesk is 'How events become rows. Not exposed by PostgREST.';

create table public.events (
  seq bigint generated always as identity primary key,
  id uuid not null,
  fingerprint text not null,
  type text not null,
  provider text not null,
  "time" timestamptz not null,
  data jsonb not null,
  received_at timestamptz not null default now(),
  unique (id, fingerprint)
);
comment on column public.events.id is
  'Of the fact. A provider may state one fact twice with more knowledge the second time (a price that came late).';
comment on column public.events.fingerprint is 'Of time and data: tells such statements apart; an exact repeat is dropped.';

create type frontdesk.target as (entity text, provider text, key text);
comment on type frontdesk.target is 'What an event says something about; entity is call, sms, consent or request.';

create table frontdesk.event_targets (
  entity text not null,
  provider text not null,
  key text not null,
  event bigint not null references public.events (seq) on delete cascade,
  primary key (entity, provider, key, event)
);
create index event_targets_event on frontdesk.event_targets (event);

create table public.phone_calls (
  provider text not null,
  call_sid text not null,
  account_sid text,
  direction text,
  status text,
  from_number text,
  to_number text,
  started_at timestamptz,
  ended_at timestamptz,
  duration integer,
  price numeric,
  price_unit text,
  recording_sid text,
  recording_url text,
  recording_duration integer,
  transcription_status text,
  transcription_text text,
  transcription jsonb,
  metadata jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, call_sid)
);
comment on column public.phone_calls.call_sid is 'recording:<recording_sid> while nobody said which call was recorded.';
create index phone_calls_of_late on public.phone_calls ((coalesce(started_at, created_at)) desc);

create table public.sms_conversations (
  provider text not null,
  message_sid text not null,
  conversation_id text,
  direction text not null,
  from_number text,
  to_number text,
  message text,
  status text,
  error_code text,
  error_message text,
  media jsonb not null,
  auto_response boolean not null,
  category text,
  in_reply_to text,
  metadata jsonb not null,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, message_sid)
);
comment on column public.sms_conversations.conversation_id is 'The two numbers in a fixed order: the same both ways.';
comment on column public.sms_conversations.message_sid is 'suppressed-<event id> for a reply that was withheld.';
create index sms_conversations_of_late on public.sms_conversations (occurred_at desc);
create index sms_conversations_thread on public.sms_conversations (conversation_id, occurred_at);

create table public.consent (
  number text primary key,
  state text not null,
  provider text not null,
  message_sid text not null,
  changed_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.alerts (
  id uuid primary key,
  provider text not null,
  kind text not null,
  origin text not null,
  from_number text not null,
  to_number text not null,
  raised_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.callback_requests (
  id uuid primary key,
  provider text not null,
  origin text not null,
  number text not null,
  name text,
  about text,
  requested_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.appointment_requests (
  id uuid primary key,
  provider text not null,
  origin text not null,
  number text not null,
  name text,
  wish text,
  requested_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create function frontdesk.touch() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := pg_catalog.clock_timestamp();
  return new;
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array[
    'phone_calls', 'sms_conversations', 'consent', 'alerts', 'callback_requests', 'appointment_requests'
  ] loop
    execute format(
      'create trigger touch before update on public.%I for each row
         when (old.* is distinct from new.*) execute function frontdesk.touch()', name);
  end loop;
end
$$;
