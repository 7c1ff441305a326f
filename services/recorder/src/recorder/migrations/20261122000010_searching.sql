-- Full text search over texts and transcripts, English and Spanish, with or without accents.

create function frontdesk.plain(words text) returns text language sql immutable
return translate( -- the capitals as well: in the C locale `lower` leaves them
  lower(words), 'áàâäãåéèêëíìîïóòôöõúùûüñçÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇ', 'aaaaaaeeeeiiiiooooouuuuncaaaaaaeeeeiiiiooooouuuunc');

create function frontdesk.words(said text) returns tsvector language sql immutable
return to_tsvector('english'::regconfig, frontdesk.plain(said)) || to_tsvector('spanish'::regconfig, frontdesk.plain(said));

create function frontdesk.query(asked text) returns tsquery language sql immutable
return websearch_to_tsquery('english'::regconfig, frontdesk.plain(asked))
  || websearch_to_tsquery('spanish'::regconfig, frontdesk.plain(asked));

alter table public.sms_conversations
  add column words tsvector generated always as (frontdesk.words(coalesce(message, ''))) stored;
alter table public.recordings
  add column words tsvector generated always as (frontdesk.words(coalesce(transcription_text, ''))) stored;
create index sms_conversations_words on public.sms_conversations using gin (words);
create index recordings_words on public.recordings using gin (words);

revoke all on all functions in schema frontdesk from public, anon, authenticated;
grant execute on all functions in schema frontdesk to service_role;
