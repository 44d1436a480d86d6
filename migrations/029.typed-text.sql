-- What people type (names, reasons, outcomes) is in the personal part of its event. Once it is erased, the name of who acted may stay
-- without a salt: it is then no longer proved by the log.
alter table event_personal drop constraint event_personal_salt_check;
alter table event_personal add constraint event_personal_salt_check check (octet_length(salt) in (0, 16));

-- An erasure searches what was typed for the number.
create index event_personal_typed on event_personal (event) where data ?| array['by', 'name'];
