-- A confidence is any number from 0 to 1, also one that is too small for a column of type real: Postgres takes that for
-- an error, and the whole reply was refused with it.
create or replace function frontdesk.sms_knowledge(type text, data jsonb, key text) returns jsonb
language sql immutable
return jsonb_strip_nulls(case
  when type = 'frontdesk.sms.received.v1' then
    data || '{"direction": "inbound", "status": "received"}'
  when data ->> 'in_reply_to' = key then -- the row of the text that was answered
    jsonb_build_object(
      'direction', 'inbound',
      'category', data -> 'category',
      'understood_by', data -> 'understood_by',
      'confidence', round((data ->> 'confidence')::numeric, 6),
      'language', data -> 'language',
      'needs_staff', data -> 'needs_staff',
      'unanswered_because', data -> 'reason')
  when type = 'frontdesk.sms.sent.v1' then
    (data - 'needs_staff' - 'confidence' - 'understood_by') || '{"direction": "outbound", "auto_response": true}'
  when type = 'frontdesk.sms.suppressed.v1' then
    (data - 'needs_staff' - 'confidence' - 'understood_by')
    || '{"direction": "outbound", "auto_response": true, "status": "suppressed"}'
    || jsonb_build_object(
      'metadata', jsonb_build_object('reason', data -> 'reason', 'error_code', data -> 'error_code'))
  when type = 'frontdesk.notice.sent.v1' then
    data || '{"direction": "outbound", "auto_response": true}' || jsonb_build_object(
      'metadata', jsonb_build_object('purpose', data -> 'purpose', 'cause', data -> 'cause', 'step', data -> 'step'))
  else data
end);
