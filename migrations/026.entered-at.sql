-- When the database inserted an event, by its own clock. The role of a service cannot state it. Null: the event is older than this column.
alter table event add column entered_at timestamptz;
alter table event alter column entered_at set default clock_timestamp();
