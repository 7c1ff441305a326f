-- Sums of days that begin at 0, 6, 12 and 18 hours UTC: one of them begins within three hours of any zone's midnight, so
-- that a local day takes little from another one, and a year of them is read quickly in every zone.

drop view frontdesk.day_counts;
drop table frontdesk.day_stats;
create table frontdesk.day_stats (
  start integer not null,
  like frontdesk.stats,
  primary key (start, kind, hour, provider, a, b)
);
comment on table frontdesk.day_stats is
  'frontdesk.stats per day, four times: of days that begin at `start` o''clock UTC; hour is the first of its day.';

create function frontdesk.day_starts() returns setof integer language sql immutable rows 4
begin atomic
  select * from (values (0), (6), (12), (18)) starts;
end;

create function frontdesk.day_of(hour timestamptz, start integer) returns timestamptz language sql immutable
return date_trunc('day', hour - start * interval '1 hour', 'UTC') + start * interval '1 hour';
comment on function frontdesk.day_of(timestamptz, integer) is 'When the day began in which this hour lies.';

create view frontdesk.day_counts as
select * from frontdesk.day_stats
union all
select start, kind, frontdesk.day_of(hour, start), provider, a, b, n, total, cost
from frontdesk.stat_deltas, frontdesk.day_starts() start;

create or replace function public.fold_counts() returns integer
language plpgsql set search_path = '' as $$
declare
  folded integer := 0;
begin
  if pg_try_advisory_xact_lock(7420334) then
    with taken as (
      delete from frontdesk.stat_deltas returning *
    ), summed as materialized (
      select kind, hour, provider, a, b, sum(n) as n, sum(total) as total, sum(cost) as cost from taken
      group by kind, hour, provider, a, b
    ), by_hour as (
      insert into frontdesk.stats
      select * from summed
      on conflict (kind, hour, provider, a, b) do update set
        n = stats.n + excluded.n, total = stats.total + excluded.total, cost = stats.cost + excluded.cost
    ), by_day as (
      insert into frontdesk.day_stats
      select start, kind, frontdesk.day_of(hour, start) as day, provider, a, b, sum(n), sum(total), sum(cost)
      from summed, frontdesk.day_starts() start
      group by start, kind, day, provider, a, b
      on conflict (start, kind, hour, provider, a, b) do update set
        n = day_stats.n + excluded.n, total = day_stats.total + excluded.total, cost = day_stats.cost + excluded.cost
    )
    select count(*) into folded from taken;
  end if;
  return folded;
end
$$;

select pg_advisory_xact_lock(7420334); -- nobody folds while the sums are made anew from the hours
insert into frontdesk.day_stats
select start, kind, frontdesk.day_of(hour, start) as day, provider, a, b, sum(n), sum(total), sum(cost)
from frontdesk.stats, frontdesk.day_starts() start
group by start, kind, day, provider, a, b;

create function frontdesk.day_start(zone text, at timestamptz) returns integer
language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select (round(extract(hour from date_trunc('day', at at time zone zone) at time zone zone) / 6) * 6)::integer % 24;
end;
comment on function frontdesk.day_start(text, timestamptz) is 'Of frontdesk.day_starts, the nearest to midnight in `zone`.';

create or replace function frontdesk.torn(first_day timestamptz, end_day timestamptz, granularity text, zone text)
returns setof timestamptz language sql stable set search_path = '' set timezone = 'UTC'
begin atomic
  select h.hour
  from generate_series(first_day, end_day - interval '1 day', '1 day') d (day),
    generate_series(d.day, d.day + interval '23 hours', '1 hour') h (hour),
    lateral (select date_trunc(granularity, (d.day + interval '12 hours') at time zone zone) as local) its_middle
  where (
      date_trunc(granularity, d.day at time zone zone) <> its_middle.local
      or date_trunc(granularity, (d.day + interval '23 hours') at time zone zone) <> its_middle.local)
    and date_trunc(granularity, h.hour at time zone zone) <> its_middle.local;
end;
comment on function frontdesk.torn(timestamptz, timestamptz, text, text) is
  'The hours of summed days that another local day, week or month has than the middle of their day.';

create or replace function frontdesk.counted(
  kinds text[], since timestamptz, until timestamptz, granularity text, zone text
)
returns table (at timestamp, kind text, provider text, a text, b text, n numeric, total numeric, cost numeric)
language plpgsql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  begins constant integer := frontdesk.day_start(zone, until);
  first_hour constant timestamptz := date_trunc('hour', since);
  first_day timestamptz := frontdesk.day_of(since + interval '1 day' - interval '1 microsecond', begins);
  end_day timestamptz := frontdesk.day_of(until, begins);
  torn timestamptz[] := '{}';
begin
  -- Whole days are read as such, the hours before and after them one by one. A day counts where its middle does; its
  -- torn hours are moved to where they belong.
  if granularity = 'hour' or first_day >= end_day then
    first_day := first_hour;
    end_day := first_hour;
  else
    torn := array(select frontdesk.torn(first_day, end_day, granularity, zone));
  end if;
  return query
  select date_trunc(granularity, (c.hour + interval '12 hours') at time zone zone), c.kind, c.provider, c.a, c.b,
    c.n::numeric, c.total, c.cost
  from frontdesk.day_counts c
  where c.start = begins and c.kind = any (kinds) and c.hour >= first_day and c.hour < end_day
  union all
  select date_trunc(granularity, c.hour at time zone zone), c.kind, c.provider, c.a, c.b, c.n::numeric, c.total, c.cost
  from frontdesk.counts c
  where c.kind = any (kinds)
    and (c.hour >= first_hour and c.hour < first_day or c.hour >= end_day and c.hour < until)
  union all
  select m.place, c.kind, c.provider, c.a, c.b, m.sign * c.n, m.sign * c.total, m.sign * c.cost
  from (
    select
      h.hour, date_trunc(granularity, h.hour at time zone zone) as belongs,
      date_trunc(granularity, (frontdesk.day_of(h.hour, begins) + interval '12 hours') at time zone zone) as counted
    from unnest(torn) h (hour)
  ) t
  join frontdesk.counts c on c.kind = any (kinds) and c.hour = t.hour
  cross join lateral (values (t.belongs, 1), (t.counted, -1)) m (place, sign);
end
$$;

alter table frontdesk.day_stats enable row level security;
revoke all on frontdesk.day_stats, frontdesk.day_counts from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant select, insert, update, delete on frontdesk.day_stats, frontdesk.day_counts to service_role;
grant execute on all functions in schema frontdesk to service_role;
