-- A thread's last message is the last that somebody wrote, not a reply that was withheld: the text it would have
-- answered says why (unanswered_because). Until such a text is known, the withheld reply stands for its thread.

create or replace function frontdesk.write_conversations(touched frontdesk.target[]) returns void
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
    select * from (
      (select 1 as choice, m.* from public.sms_conversations m
       where m.conversation_id = h.conversation_id and m.status is distinct from 'suppressed'
       order by m.occurred_at desc, m.provider desc, m.message_sid desc limit 1)
      union all
      (select 2, m.* from public.sms_conversations m
       where m.conversation_id = h.conversation_id
       order by m.occurred_at desc, m.provider desc, m.message_sid desc limit 1)
    ) either order by choice limit 1
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

-- When a thread's last message goes because it is old, and an older one stays because something is new about it.
create function frontdesk.rewrite_threads() returns trigger language plpgsql set search_path = '' as $$
declare
  staying frontdesk.target[] := array(
    select row('sms', m.provider, m.message_sid)::frontdesk.target
    from gone g
    join public.conversations c
      on c.conversation_id = g.conversation_id and c.last_provider = g.provider and c.last_message_sid = g.message_sid
    cross join lateral (
      select * from public.sms_conversations m where m.conversation_id = c.conversation_id limit 1
    ) m);
begin
  perform frontdesk.lock_threads(staying);
  perform frontdesk.write_conversations(staying);
  return null;
end
$$;
create trigger rewrite_threads after delete on public.sms_conversations referencing old table as gone
  for each statement execute function frontdesk.rewrite_threads();

select frontdesk.write_conversations(array(
  select row('sms', m.provider, m.message_sid)::frontdesk.target
  from public.conversations c
  join public.sms_conversations m on m.provider = c.last_provider and m.message_sid = c.last_message_sid
  where m.status = 'suppressed'));

revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant execute on all functions in schema frontdesk to service_role;
