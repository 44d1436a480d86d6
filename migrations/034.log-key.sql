-- The statements by which the keys of the log were rotated. Whoever signs or follows the log looks for them in every round.
create index event_of_log_key on event (id) where type = 'log.key-rotated';
