-- A role that may call what the recorder calls and nothing else. The functions run with the rights of their owner, so
-- their callers need none on tables; in return their search_path is pinned, with pg_temp last, where a caller may put
-- things of the same name.

do $$
begin
  -- Roles belong to the server, so another database of it may have made this one, or be making it at this very moment.
  if not exists (select from pg_roles where rolname = 'frontdesk_recorder') then
    create role frontdesk_recorder nologin;
    comment on role frontdesk_recorder is 'May call the functions of Frontdesk''s recorder, and nothing else.';
  end if;
exception when duplicate_object or unique_violation then
  null;
end
$$;

create function frontdesk.grant_rights(functions text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  each record;
begin
  for each in
    select p.oid::regprocedure as signature
    from pg_proc p
    where p.pronamespace = 'frontdesk'::regnamespace and p.prokind = 'f'
      and p.proconfig && array['search_path=""', 'search_path=']
  loop
    execute format('alter function %s set search_path = pg_catalog, pg_temp', each.signature);
  end loop;

  for each in
    select p.oid::regprocedure as signature
    from pg_proc p
    where p.oid in (select to_regprocedure('public.' || signature) from unnest(functions) as f (signature))
      and not (
        p.prosecdef and 'search_path=pg_catalog, pg_temp' = any (p.proconfig)
        and has_function_privilege('frontdesk_recorder', p.oid, 'execute'))
  loop
    execute format('alter function %s security definer set search_path = pg_catalog, pg_temp', each.signature);
    execute format('revoke all on function %s from public', each.signature);
    execute format('grant execute on function %s to frontdesk_recorder', each.signature);
  end loop;
end
$$;
comment on function frontdesk.grant_rights(text[]) is
  'Called with the signatures of the recorder''s functions after every migration: one made anew has lost its rights.';
revoke all on function frontdesk.grant_rights(text[]) from public, anon, authenticated;

grant usage on schema public to frontdesk_recorder;
