-- Numbers for the charts, counted while rows are written: a year of them is read in milliseconds.
--
-- Every change of a row leaves a delta (the old row taken away, the new one added), so that the sums are always those of
-- the rows, whatever order the events came in. Deltas are only ever inserted: replicas that count the same hour do not
-- wait for each other. Now and then they are folded into frontdesk.stats, and into days for the long ranges.

create table frontdesk.stats (
  kind text not null,
  hour timestamptz not null,
  provider text not null,
  a text not null,
  b text not null,
  n bigint not null,
  total numeric not null,
  cost numeric not null,
  primary key (kind, hour, provider, a, b)
);
comment on table frontdesk.stats is
  'Per UTC hour. kind call: a direction, b outcome, total seconds, cost price. kind text: a direction, b status. kind
  category: of inbound texts, a category. kind busy: what patients began, a call or text, of all providers. kind reply: a
  upper bound of the seconds until the automatic answer, total seconds. kind transcript: a status, b upper bound of the
  seconds from recording to transcript, total seconds.';

create table frontdesk.day_stats (like frontdesk.stats including all);
comment on table frontdesk.day_stats is 'The same per UTC day; hour is its first.';

create table frontdesk.stat_deltas (like frontdesk.stats);
create type frontdesk.stat as (
  kind text, hour timestamptz, provider text, a text, b text, n bigint, total numeric, cost numeric
);

create function frontdesk.at_most(seconds numeric) returns text language sql immutable
return case
  when seconds <= 1 then '1'
  when seconds <= 2 then '2'
  when seconds <= 5 then '5'
  when seconds <= 10 then '10'
  when seconds <= 30 then '30'
  when seconds <= 60 then '60'
  when seconds <= 300 then '300'
  when seconds <= 900 then '900'
  when seconds <= 3600 then '3600'
  when seconds <= 14400 then '14400'
  when seconds <= 86400 then '86400'
  else 'more'
end;

-- Quoted bodies: with `begin atomic`, older Postgres (15, 16) lets no generated column be added to the table afterwards.
create function frontdesk.stats_of(c public.phone_calls) returns setof frontdesk.stat
language sql stable set search_path = ''
as $$
  select k.kind, date_trunc('hour', coalesce(c.started_at, c.created_at), 'UTC'), k.provider, k.a, k.b, 1, k.total, k.cost
  from (
    select 'call', c.provider, coalesce(c.direction, ''), coalesce(c.outcome, 'ongoing'), coalesce(c.duration, 0),
      coalesce(c.price, 0)
    union all
    select 'busy', '', 'call', '', 0, 0 where c.direction is distinct from 'outbound'
  ) k (kind, provider, a, b, total, cost)
$$;

create function frontdesk.stats_of(m public.sms_conversations) returns setof frontdesk.stat
language sql stable set search_path = ''
as $$
  select k.kind, date_trunc('hour', m.occurred_at, 'UTC'), k.provider, k.a, k.b, 1, k.total, 0
  from (
    select 'text', m.provider, m.direction, coalesce(m.status, ''), 0
    union all
    select 'category', m.provider, m.category, '', 0 where m.direction = 'inbound' and m.category is not null
    union all
    select 'busy', '', 'text', '', 0 where m.direction = 'inbound'
    union all
    select 'reply', m.provider, frontdesk.at_most(w.waited), '', w.waited
    from (select greatest(extract(epoch from m.answered_at - m.occurred_at), 0) as waited) w
    where m.direction = 'inbound' and m.answered_at is not null
  ) k (kind, provider, a, b, total)
$$;

create function frontdesk.stats_of(r public.recordings) returns setof frontdesk.stat
language sql stable set search_path = ''
as $$
  select
    'transcript', date_trunc('hour', coalesce(r.ready_at, r.started_at, r.created_at), 'UTC'), r.provider,
    coalesce(r.transcription_status, 'pending'), coalesce(frontdesk.at_most(l.lag), ''), 1, coalesce(l.lag, 0), 0
  from (select greatest(extract(epoch from r.transcribed_at - r.ready_at), 0) as lag) l
$$;

do $$
declare
  name text;
begin
  foreach name in array array['phone_calls', 'sms_conversations', 'recordings'] loop
    execute format(
      'create function frontdesk.count_%1$s() returns trigger language plpgsql set search_path = '''' as $count$
      begin
        if current_setting(''frontdesk.keeps_counts'', true) = ''on'' then
          return null; -- rows that go because they are old or of somebody who is forgotten did happen
        end if;
        if tg_op <> ''DELETE'' then
          insert into frontdesk.stat_deltas
          select s.kind, s.hour, s.provider, s.a, s.b, sum(s.n), sum(s.total), sum(s.cost)
          from new_rows r, frontdesk.stats_of(row(r.*)::public.%1$I) s
          group by s.kind, s.hour, s.provider, s.a, s.b;
        end if;
        if tg_op <> ''INSERT'' then
          insert into frontdesk.stat_deltas
          select s.kind, s.hour, s.provider, s.a, s.b, -sum(s.n), -sum(s.total), -sum(s.cost)
          from old_rows r, frontdesk.stats_of(row(r.*)::public.%1$I) s
          group by s.kind, s.hour, s.provider, s.a, s.b;
        end if;
        return null;
      end
      $count$;
      create trigger count_insert after insert on public.%1$I referencing new table as new_rows
        for each statement execute function frontdesk.count_%1$s();
      create trigger count_update after update on public.%1$I referencing old table as old_rows new table as new_rows
        for each statement execute function frontdesk.count_%1$s();
      create trigger count_delete after delete on public.%1$I referencing old table as old_rows
        for each statement execute function frontdesk.count_%1$s();
      insert into frontdesk.stat_deltas
      select s.kind, s.hour, s.provider, s.a, s.b, sum(s.n), sum(s.total), sum(s.cost)
      from public.%1$I r, frontdesk.stats_of(r) s group by s.kind, s.hour, s.provider, s.a, s.b;', name);
  end loop;
end
$$;

create view frontdesk.counts as
select * from frontdesk.stats union all select * from frontdesk.stat_deltas;
comment on view frontdesk.counts is 'What is folded and what is not: to be summed.';

create view frontdesk.day_counts as
select * from frontdesk.day_stats
union all
select kind, date_trunc('day', hour, 'UTC'), provider, a, b, n, total, cost from frontdesk.stat_deltas;

create function public.fold_counts() returns integer
language plpgsql set search_path = '' as $$
declare
  folded integer := 0;
begin
  if pg_try_advisory_xact_lock(7420334) then
    with taken as (
      delete from frontdesk.stat_deltas returning *
    ), by_hour as (
      insert into frontdesk.stats
      select kind, hour, provider, a, b, sum(n), sum(total), sum(cost) from taken
      group by kind, hour, provider, a, b
      on conflict (kind, hour, provider, a, b) do update set
        n = stats.n + excluded.n, total = stats.total + excluded.total, cost = stats.cost + excluded.cost
    ), by_day as (
      insert into frontdesk.day_stats
      select kind, date_trunc('day', hour, 'UTC') as day, provider, a, b, sum(n), sum(total), sum(cost) from taken
      group by kind, day, provider, a, b
      on conflict (kind, hour, provider, a, b) do update set
        n = day_stats.n + excluded.n, total = day_stats.total + excluded.total, cost = day_stats.cost + excluded.cost
    )
    select count(*) into folded from taken;
  end if;
  return folded;
end
$$;
comment on function public.fold_counts() is 'Folds the deltas into the sums; to be called now and then, by any replica.';

alter table frontdesk.stats enable row level security;
alter table frontdesk.day_stats enable row level security;
alter table frontdesk.stat_deltas enable row level security;
revoke all on all tables in schema frontdesk from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
revoke all on function public.fold_counts() from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema frontdesk to service_role;
grant execute on all functions in schema frontdesk to service_role;
grant execute on function public.fold_counts() to service_role;

notify pgrst, 'reload schema';
