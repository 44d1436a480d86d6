-- Whether a phone was ever answered, which the steps of setting up show.
create index event_of_answered_trial on event (id) where type = 'trial.ended' and data -> 'answered' = 'true'::jsonb;
