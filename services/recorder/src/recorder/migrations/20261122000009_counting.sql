-- Numbers for the charts, counted while rows are written: a year of them is read in milliseconds.
--
-- Every change of a row leaves a delta (the old row taken away, the new one added), so that the sums are always those of
-- the rows, whatever order the events came in. Deltas are only ever inserted: replicas that count the same hour do not
-- wait for each other. Now and then they are folded into frontdesk.stats.

create table frontdesk.stats (
  hour timestamptz not null,
  kind text not null,
  provider text not null,
  a text not null,
  b text not null,
  c text not null,
  n bigint not null,
  total numeric not null,
  cost numeric not null,
  primary key (hour, kind, provider, a, b, c)
);
comment on table frontdesk.stats is
  'Per UTC hour. kind call: a direction, b outcome, total seconds, cost price. kind text: a direction, b category, c
  status. kind reply: a upper bound of the seconds until the automatic answer, total seconds. kind transcript: a status,
  b upper bound of the seconds from recording to transcript, total seconds.';

create table frontdesk.stat_deltas (like frontdesk.stats);
create type frontdesk.stat as (
  hour timestamptz, kind text, provider text, a text, b text, c text, n bigint, total numeric, cost numeric
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

create function frontdesk.stats_of(c public.phone_calls) returns setof frontdesk.stat language sql stable
begin atomic
  select
    date_trunc('hour', coalesce(c.started_at, c.created_at), 'UTC'), 'call', c.provider, coalesce(c.direction, ''),
    coalesce(c.outcome, 'ongoing'), '', 1, coalesce(c.duration, 0), coalesce(c.price, 0);
end;

create function frontdesk.stats_of(m public.sms_conversations) returns setof frontdesk.stat language sql stable
begin atomic
  select
    date_trunc('hour', m.occurred_at, 'UTC'), 'text', m.provider, m.direction, coalesce(m.category, ''),
    coalesce(m.status, ''), 1, 0, 0
  union all
  select
    date_trunc('hour', m.occurred_at, 'UTC'), 'reply', m.provider, frontdesk.at_most(waited), '', '', 1, waited, 0
  from (select greatest(extract(epoch from m.answered_at - m.occurred_at), 0) as waited) w
  where m.direction = 'inbound' and m.answered_at is not null;
end;

create function frontdesk.stats_of(r public.recordings) returns setof frontdesk.stat language sql stable
begin atomic
  select
    date_trunc('hour', coalesce(r.ready_at, r.started_at, r.created_at), 'UTC'), 'transcript', r.provider,
    coalesce(r.transcription_status, 'pending'), coalesce(frontdesk.at_most(lag), ''), '', 1, coalesce(lag, 0), 0
  from (select greatest(extract(epoch from r.transcribed_at - r.ready_at), 0) as lag) l;
end;

do $$
declare
  name text;
begin
  foreach name in array array['phone_calls', 'sms_conversations', 'recordings'] loop
    execute format(
      'create function frontdesk.count_%1$s() returns trigger language plpgsql set search_path = '''' as $count$
      begin
        if tg_op <> ''DELETE'' then
          insert into frontdesk.stat_deltas
          select s.hour, s.kind, s.provider, s.a, s.b, s.c, sum(s.n), sum(s.total), sum(s.cost)
          from new_rows r, frontdesk.stats_of(row(r.*)::public.%1$I) s
          group by s.hour, s.kind, s.provider, s.a, s.b, s.c;
        end if;
        if tg_op <> ''INSERT'' then
          insert into frontdesk.stat_deltas
          select s.hour, s.kind, s.provider, s.a, s.b, s.c, -sum(s.n), -sum(s.total), -sum(s.cost)
          from old_rows r, frontdesk.stats_of(row(r.*)::public.%1$I) s
          group by s.hour, s.kind, s.provider, s.a, s.b, s.c;
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
      select s.hour, s.kind, s.provider, s.a, s.b, s.c, sum(s.n), sum(s.total), sum(s.cost)
      from public.%1$I r, frontdesk.stats_of(r) s group by s.hour, s.kind, s.provider, s.a, s.b, s.c;', name);
  end loop;
end
$$;

create view frontdesk.counts as
select * from frontdesk.stats union all select * from frontdesk.stat_deltas;
comment on view frontdesk.counts is 'What is folded and what is not: to be summed.';

create function public.fold_counts() returns integer
language plpgsql set search_path = '' as $$
declare
  folded integer := 0;
begin
  if pg_try_advisory_xact_lock(7420334) then
    with taken as (
      delete from frontdesk.stat_deltas returning *
    ), summed as (
      insert into frontdesk.stats
      select hour, kind, provider, a, b, c, sum(n), sum(total), sum(cost) from taken
      group by hour, kind, provider, a, b, c
      on conflict (hour, kind, provider, a, b, c) do update set
        n = stats.n + excluded.n, total = stats.total + excluded.total, cost = stats.cost + excluded.cost
    )
    select count(*) into folded from taken;
  end if;
  return folded;
end
$$;
comment on function public.fold_counts() is 'Folds the deltas into the sums; to be called now and then, by any replica.';

alter table frontdesk.stats enable row level security;
alter table frontdesk.stat_deltas enable row level security;
revoke all on all tables in schema frontdesk from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
revoke all on function public.fold_counts() from public, anon, authenticated;
grant select, insert, update, delete on all tables in schema frontdesk to service_role;
grant execute on all functions in schema frontdesk to service_role;
grant execute on function public.fold_counts() to service_role;

notify pgrst, 'reload schema';
