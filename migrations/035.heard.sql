-- In which recorded calls a person was, besides the one of their own.
create index event_of_party on event ((data ->> 'party')) where type in ('call.party-joined', 'call.party-agreed');
-- The yeses that were taken back. What was said before may be in recordings of others.
create index answer_withdrawn on answer (call_id) where withdrawn_at is not null;
