-- The page of the system shows the last audit, and a purge that was refused since the last one.
create index event_of_upkeep on event (id) where type in ('audit.finished', 'purge.refused');
