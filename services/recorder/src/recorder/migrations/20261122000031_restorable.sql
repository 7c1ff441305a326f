-- A dump of the database must be restorable. Where a table has a generated column, Postgres makes no BEFORE trigger that
-- compares whole rows; those that were there before the column went on working, and were missing after a restore.
-- Whoever adds a column to one of these tables makes its trigger again.
do $$
declare
  name text;
begin
  foreach name in array array['sms_conversations', 'recordings'] loop
    execute format('drop trigger touch on public.%I', name);
    execute (
      select format(
        'create trigger touch before update on public.%I for each row
           when ((%s) is distinct from (%s)) execute function frontdesk.touch()',
        name,
        string_agg(format('old.%I', attname), ', ' order by attnum),
        string_agg(format('new.%I', attname), ', ' order by attnum))
      from pg_catalog.pg_attribute
      where attrelid = format('public.%I', name)::regclass and attnum > 0 and not attisdropped and attgenerated = '');
  end loop;
end
$$;
