-- The journal: what happened, in order, never changed afterwards.
create table event (
  id bigint generated always as identity primary key,
  -- Given by the writer, so that a replayed event enters once.
  uuid uuid not null unique,
  -- Null for events of the service itself.
  call_id uuid,
  at timestamptz not null,
  type text not null check (length(type) <= 64 and type ~ '^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$'),
  -- A leaf of the log holds it, and is at most 65,535 bytes long.
  data jsonb not null check (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 60000),
  -- SHA-256 over salt and canonical JSON of the row in event_personal; it outlives that row.
  personal_hash bytea check (octet_length(personal_hash) = 32)
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

-- The log over the journal: which it is, and under which key. One row, made by the first service.
create table log (
  single boolean primary key default true check (single),
  origin text not null,
  -- C2SP verifier key; its secret half is in a file of the service, never here.
  key text not null
);

-- Every state of the log that was signed: a tree over the events up to last_event, in the order of their ids.
create table log_checkpoint (
  size bigint primary key check (size > 0),
  last_event bigint not null unique,
  root bytea not null check (octet_length(root) = 32),
  -- The signed note (C2SP tlog-checkpoint), without cosignatures.
  note text not null,
  signed_at timestamptz not null default now()
);

-- What witnesses signed of it, as lines of the same note.
create table log_cosignature (
  size bigint not null references log_checkpoint,
  line text not null,
  primary key (size, line)
);

create trigger insert_only before update or delete or truncate on log
  for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on log_checkpoint
  for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on log_cosignature
  for each statement execute function refuse_change();

alter table log enable always trigger insert_only;
alter table log_checkpoint enable always trigger insert_only;
alter table log_cosignature enable always trigger insert_only;
