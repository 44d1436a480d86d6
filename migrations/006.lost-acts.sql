-- Of an act whose recordings were found in no store: nothing of them was there to be overwritten or removed, and it says so.
alter table act add column lost boolean not null default false;
