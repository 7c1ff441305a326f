-- A practice's years: :calls calls and :texts texts over 730 days, written as rows (not through events) so that a
-- machine has them in minutes. The distributions are invented; the words repeat, some of them rarely.

set client_min_messages = warning;
set synchronous_commit = off;

create temporary table said (n int primary key, words text, category text, lang text);
insert into said
select n,
  (array['Hi, can I book a cleaning for next week?', 'what time do you close on friday', 'My tooth hurts a lot since last night',
         'do you take delta dental', 'where are you located? is there parking', 'Hola, necesito una cita para mi hija',
         'thanks!', 'Can I move my appointment to Thursday afternoon', 'running 10 min late sorry', 'cuanto cuesta una limpieza'])[1 + n % 10]
    || case when n % 997 = 0 then ' xylophone' when n % 89 = 0 then ' crown' else '' end,
  (array['appointment', 'hours', 'emergency', 'insurance', 'location', 'appointment', 'none', 'appointment', 'none', 'insurance'])[1 + n % 10],
  case when n % 10 in (5, 9) then 'es' else 'en' end
from generate_series(0, 9999) n;

create temporary sequence patient_numbers;

insert into public.phone_calls (
  provider, call_sid, direction, status, from_number, to_number, started_at, ended_at, duration, price, price_unit,
  recording_sid, recording_duration, transcription_status, transcription_text, metadata, outcome, answered_by)
select
  case when n % 3 = 0 then 'voipms' else 'twilio' end, 'CA' || lpad(n::text, 32, '0'),
  case when n % 5 = 0 then 'outbound' else 'inbound' end, case when n % 7 = 0 then 'no-answer' else 'completed' end,
  case when n % 5 = 0 then '+12125550100' else '+1646' || lpad((n % 400000 * 7919 % 40000)::text, 7, '0') end,
  case when n % 5 = 0 then '+1646' || lpad((n % 400000 * 7919 % 40000)::text, 7, '0') else '+12125550100' end,
  at, at + (30 + n % 300) * interval '1 second', 30 + n % 300, -0.0085, 'USD',
  case when n % 10 = 1 then 'RE' || lpad(n::text, 32, '0') end, case when n % 10 = 1 then 20 + n % 60 end,
  case when n % 10 = 1 then 'completed' end, case when n % 10 = 1 then (select words from said where said.n = c.n % 10000) end,
  '{}', case when n % 5 = 0 then 'outbound' when n % 10 = 1 then 'voicemail' when n % 7 = 0 then 'missed' else 'answered' end,
  case when n % 5 <> 0 and n % 10 <> 1 and n % 7 <> 0 then 'desk' end
from (
  select n::bigint as n, now() - (:calls - n) * (interval '730 days' / :calls) as at from generate_series(1, :calls) n
) c;

insert into public.recordings (
  provider, recording_sid, call_sid, linked_by, recording_duration, started_at, ready_at, transcribed_at,
  transcription_status, transcription_text, transcription, metadata)
select
  provider, recording_sid, call_sid, 'provider', recording_duration, started_at, ended_at,
  ended_at + interval '20 seconds', 'completed', transcription_text,
  jsonb_build_object('segments', jsonb_build_array(jsonb_build_object('start', 0, 'end', 3, 'speaker', 'unknown', 'text', transcription_text))),
  '{"RecordingSource": "RecordVerb"}'
from public.phone_calls where recording_sid is not null;

insert into public.sms_conversations (
  provider, message_sid, conversation_id, direction, from_number, to_number, message, status, media, auto_response,
  category, in_reply_to, metadata, occurred_at, language, needs_staff, answered_at)
select
  case when t.n % 4 = 0 then 'voipms' else 'twilio' end, 'SM' || lpad(t.n::text, 32, '0'),
  frontdesk.conversation(patient, '+12125550100'), case when t.n % 2 = 1 then 'inbound' else 'outbound' end,
  case when t.n % 2 = 1 then patient else '+12125550100' end, case when t.n % 2 = 1 then '+12125550100' else patient end,
  case when t.n % 2 = 1 then s.words else 'Bright Harbor Dental: thank you for your message. We will get back to you.' end,
  case when t.n % 2 = 1 then 'received' when t.n % 50 = 0 then 'failed' else 'delivered' end, '[]', t.n % 2 = 0, s.category,
  case when t.n % 2 = 0 then 'SM' || lpad((t.n - 1)::text, 32, '0') end, '{}', at, s.lang, t.n % 40 = 1,
  case when t.n % 2 = 1 and t.n % 30 <> 1 then at + (t.n % 9) * interval '1 second' end
from (
  select
    n::bigint as n, now() - (:texts - n) * (interval '730 days' / :texts) as at,
    '+1646' || lpad(((n::bigint + 1) / 2 * 104729 % 40000)::text, 7, '0') as patient
  from generate_series(1, :texts) n
) t
join said s on s.n = t.n % 10000;

insert into public.conversations (conversation_id, patient, practice, last_at, last_inbound_at, last_provider, last_message_sid)
select distinct on (conversation_id)
  conversation_id, frontdesk.patient(direction, from_number, to_number), '+12125550100', occurred_at,
  occurred_at, provider, message_sid
from public.sms_conversations order by conversation_id, occurred_at desc;

select public.fold_counts();
