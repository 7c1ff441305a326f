-- Only the service may do anything. Supabase grants new tables and functions of `public` to everybody by default, and
-- Postgres grants every new function to PUBLIC: both are taken back by name.

alter table public.events enable row level security;
alter table frontdesk.event_targets enable row level security;
alter table public.phone_calls enable row level security;
alter table public.sms_conversations enable row level security;
alter table public.consent enable row level security;
alter table public.alerts enable row level security;
alter table public.callback_requests enable row level security;
alter table public.appointment_requests enable row level security;

revoke all on
  public.events, public.phone_calls, public.sms_conversations, public.consent, public.alerts,
  public.callback_requests, public.appointment_requests
from public, anon, authenticated;
revoke all on sequence public.events_seq_seq from public, anon, authenticated;
revoke all on function
  public.record_events(jsonb), public.recent_calls(integer), public.recent_messages(integer)
from public, anon, authenticated;
revoke all on schema frontdesk from public, anon, authenticated;
revoke all on all tables in schema frontdesk from public, anon, authenticated;
revoke all on all functions in schema frontdesk from public, anon, authenticated;

grant usage on schema public, frontdesk to service_role;
grant select, insert, update, delete on
  public.events, public.phone_calls, public.sms_conversations, public.consent, public.alerts,
  public.callback_requests, public.appointment_requests
to service_role;
grant select, insert, update, delete on all tables in schema frontdesk to service_role;
grant execute on function
  public.record_events(jsonb), public.recent_calls(integer), public.recent_messages(integer)
to service_role;
grant execute on all functions in schema frontdesk to service_role;

notify pgrst, 'reload schema'; -- PostgREST looks for functions in what it remembers of the schema
