-- Before anything is destroyed by its term, the last moment at which the time was certain is looked up.
create index event_of_certain_time on event (id) where type in ('purge.finished', 'clock.checked', 'clock.settled');

-- When the personal data of a call was erased because its term was over.
alter table call add column forgotten_at timestamptz;
create index call_to_forget on call (started_at, id) where forgotten_at is null;
