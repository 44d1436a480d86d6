-- The journal: what happened, in order, never changed afterwards.
create table event (
  id bigint generated always as identity primary key,
  -- Given by the writer, so that a replayed event enters once.
  uuid uuid not null unique,
  -- Null for events of the service itself.
  call_id uuid,
  at timestamptz not null,
  type text not null check (type ~ '^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$'),
  data jsonb not null check (jsonb_typeof(data) = 'object')
);

create index event_of_call on event (call_id, id) where call_id is not null;

-- The only place where a person's data stands: a row may be erased, the event stays.
-- The salt keeps a hash of the row from being guessed once the row is gone.
create table event_personal (
  event uuid primary key references event (uuid),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  salt bytea not null check (octet_length(salt) = 16)
);

create index event_personal_caller on event_personal ((data ->> 'caller')) where data ? 'caller';

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is insert-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger insert_only before update or delete or truncate on event
  for each statement execute function refuse_change();

-- "Always": not even a session that plays a replica passes by it.
alter table event enable always trigger insert_only;
