-- Open pages hear of everything that goes: also of words that are taken out of events that stay (transcripts that are
-- old, a number that somebody wants forgotten), and of two removals that commit in another order than they began.

comment on table frontdesk.removals is
  'A number for each statement that took away something that is shown; the last few.';

create or replace function frontdesk.count_removal() returns trigger language plpgsql set search_path = '' as $$
begin
  if exists (select from gone) then
    insert into frontdesk.removals default values;
    -- whoever removes at the same time tidies as well: nobody waits for that
    delete from frontdesk.removals r where r.id in (
      select o.id from frontdesk.removals o
      where o.id < (select max(id) - 100 from frontdesk.removals) for update skip locked);
  end if;
  return null;
end
$$;

-- Recording only ever adds events and notes: whoever changes one takes something out of it.
create trigger count_changed after update on public.events referencing old table as gone
  for each statement execute function frontdesk.count_removal();
create trigger count_changed after update on public.notes referencing old table as gone
  for each statement execute function frontdesk.count_removal();

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
    'removals', (select sum(id) from (select r.id from frontdesk.removals r order by r.id desc limit 50) late));
end;

grant update on frontdesk.removals to service_role; -- which locking rows needs
