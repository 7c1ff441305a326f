-- Who may see what the practice has: people with passwords of their own, their sessions, and tokens for machines.
-- Passwords are kept as Argon2 hashes, session ids and tokens (256 random bits) as SHA-256: nothing here lets anybody in.

create table public.staff_users (
  name text primary key check (length(name) between 1 and 80),
  password_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index staff_users_whatever_the_case on public.staff_users (lower(name));
create trigger touch before update on public.staff_users for each row
  when (old.* is distinct from new.*) execute function frontdesk.touch();

create table public.staff_sessions (
  id_hash text primary key,
  name text not null,
  shared boolean not null,
  client text,
  began_at timestamptz not null,
  seen_at timestamptz not null,
  until timestamptz not null
);
comment on column public.staff_sessions.shared is 'Began with the shared password: the name is what its user said.';
create index staff_sessions_until on public.staff_sessions (until);

create table public.api_tokens (
  name text primary key check (length(name) between 1 and 80),
  token_hash text not null unique,
  scope text not null check (scope in ('read', 'write')),
  created_at timestamptz not null default now(),
  used_at timestamptz
);

create function public.set_staff_user(name text, password_hash text) returns setof jsonb
language sql set search_path = ''
begin atomic
  -- Whoever changes a password wants whoever knew the old one to be out.
  delete from public.staff_sessions s where not s.shared and lower(s.name) = lower(set_staff_user.name);
  insert into public.staff_users as u (name, password_hash)
  values (set_staff_user.name, set_staff_user.password_hash)
  on conflict (lower(name)) do update set password_hash = excluded.password_hash
  returning jsonb_build_object('name', u.name, 'new', u.created_at = u.updated_at);
end;

create function public.remove_staff_user(name text) returns setof jsonb
language sql set search_path = ''
begin atomic
  delete from public.staff_sessions s where not s.shared and lower(s.name) = lower(remove_staff_user.name);
  delete from public.staff_users u where lower(u.name) = lower(remove_staff_user.name)
  returning to_jsonb(u.name);
end;

create function public.list_staff_users() returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(u) - 'password_hash' from public.staff_users u order by lower(u.name);
end;

create function public.staff_user(name text) returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select jsonb_build_object('name', u.name, 'password_hash', u.password_hash)
  from public.staff_users u where lower(u.name) = lower(staff_user.name);
end;

create function public.begin_session(
  id_hash text, name text, shared boolean, client text, at timestamptz, until timestamptz
) returns setof jsonb
language sql set search_path = ''
begin atomic
  delete from public.staff_sessions s where s.until <= begin_session.at;
  insert into public.staff_sessions (id_hash, name, shared, client, began_at, seen_at, until)
  values (
    begin_session.id_hash, begin_session.name, begin_session.shared, begin_session.client, begin_session.at,
    begin_session.at, begin_session.until)
  returning to_jsonb(true);
end;

create function public.use_session(id_hash text, at timestamptz, idle_seconds integer) returns setof jsonb
language sql set search_path = '' set timezone = 'UTC'
begin atomic
  -- When it was last used is kept to the minute: a page with many requests does not write for each.
  update public.staff_sessions s set seen_at = use_session.at
  where s.id_hash = use_session.id_hash and s.until > use_session.at
    and s.seen_at + make_interval(secs => idle_seconds) > use_session.at
    and s.seen_at + interval '1 minute' <= use_session.at;
  select jsonb_build_object('name', s.name, 'shared', s.shared, 'until', s.until)
  from public.staff_sessions s
  where s.id_hash = use_session.id_hash and s.until > use_session.at
    and s.seen_at + make_interval(secs => idle_seconds) > use_session.at;
end;

create function public.end_session(id_hash text) returns setof jsonb
language sql set search_path = ''
begin atomic
  delete from public.staff_sessions s where s.id_hash = end_session.id_hash returning to_jsonb(s.name);
end;

create function public.add_token(name text, token_hash text, scope text) returns setof jsonb
language sql set search_path = ''
begin atomic
  insert into public.api_tokens as t (name, token_hash, scope)
  values (add_token.name, add_token.token_hash, add_token.scope)
  on conflict (name) do nothing
  returning to_jsonb(t.name);
end;
comment on function public.add_token(text, text, text) is 'Gives nothing when there is one of that name.';

create function public.use_token(token_hash text, at timestamptz) returns setof jsonb
language sql set search_path = ''
begin atomic
  update public.api_tokens t set used_at = use_token.at
  where t.token_hash = use_token.token_hash
    and (t.used_at is null or t.used_at + interval '1 minute' <= use_token.at);
  select jsonb_build_object('name', t.name, 'scope', t.scope)
  from public.api_tokens t where t.token_hash = use_token.token_hash;
end;

create function public.revoke_token(name text) returns setof jsonb
language sql set search_path = ''
begin atomic
  delete from public.api_tokens t where t.name = revoke_token.name returning to_jsonb(t.name);
end;

create function public.list_tokens() returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(t) - 'token_hash' from public.api_tokens t order by t.name;
end;

create function public.audit_entries(before bigint, how_many integer) returns setof jsonb
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select to_jsonb(a) from public.audit_log a
  where audit_entries.before is null or a.id < audit_entries.before
  order by a.id desc limit how_many;
end;

-- What `latest_change` is made of must change with every commit that changes what is shown. The greatest number alone
-- does not: a transaction that took an earlier number may commit later, and rows are deleted too.

create table frontdesk.removals (id bigint generated always as identity primary key);
comment on table frontdesk.removals is 'A number for each statement that deleted rows of what is shown; the last few.';

create function frontdesk.count_removal() returns trigger language plpgsql set search_path = '' as $$
begin
  if exists (select from gone) then
    insert into frontdesk.removals default values;
    delete from frontdesk.removals r where r.id < (select max(id) - 100 from frontdesk.removals);
  end if;
  return null;
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array['events', 'phone_calls', 'sms_conversations', 'staff_marks', 'notes'] loop
    execute format(
      'create trigger count_removal after delete on public.%I referencing old table as gone
         for each statement execute function frontdesk.count_removal()', name);
  end loop;
end
$$;

create or replace function public.latest_change() returns setof jsonb
language sql stable set search_path = ''
begin atomic
  select jsonb_build_object(
    'event', (select max(seq) from public.events),
    'events', (select sum(seq) from (select e.seq from public.events e order by e.seq desc limit 2000) late),
    'marks', (
      select sum(extract(epoch from updated_at))
      from (select m.updated_at from public.staff_marks m order by m.updated_at desc limit 100) late),
    'notes', (select sum(id) from (select n.id from public.notes n order by n.id desc limit 100) late),
    'removals', (select max(id) from frontdesk.removals));
end;

alter table public.staff_users enable row level security;
alter table public.staff_sessions enable row level security;
alter table public.api_tokens enable row level security;
alter table frontdesk.removals enable row level security;
revoke all on public.staff_users, public.staff_sessions, public.api_tokens from public, anon, authenticated;
revoke all on frontdesk.removals from public, anon, authenticated;
grant select, insert, update, delete on public.staff_users, public.staff_sessions, public.api_tokens to service_role;
grant select, insert, delete on frontdesk.removals to service_role;

do $$
declare
  signature text;
begin
  revoke all on all functions in schema frontdesk from public, anon, authenticated;
  grant execute on all functions in schema frontdesk to service_role;
  foreach signature in array array[
    'set_staff_user(text, text)', 'remove_staff_user(text)', 'list_staff_users()', 'staff_user(text)',
    'begin_session(text, text, boolean, text, timestamptz, timestamptz)', 'use_session(text, timestamptz, integer)',
    'end_session(text)', 'add_token(text, text, text)', 'use_token(text, timestamptz)', 'revoke_token(text)',
    'list_tokens()', 'audit_entries(bigint, integer)', 'latest_change()'
  ] loop
    execute format('revoke all on function public.%s from public, anon, authenticated', signature);
    execute format('grant execute on function public.%s to service_role', signature);
  end loop;
end
$$;

notify pgrst, 'reload schema';
