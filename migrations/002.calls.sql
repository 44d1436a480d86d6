-- What the journal says of each call, kept in step with it by the transaction that appends an event.
-- Nothing else writes these tables.
create table call (
  id uuid primary key,
  -- Null when the dialled number is no line of ours.
  line text,
  policy integer not null,
  language text not null,
  mode text not null,
  channel text not null,
  -- The caller's number is in event_personal under this event.
  started_event uuid not null unique references event (uuid),
  started_at timestamptz not null,
  answered_at timestamptz,
  decision text check (decision in ('granted', 'refused', 'silent', 'abandoned', 'failed', 'notice')),
  decided_at timestamptz,
  next text,
  tapped boolean not null default false,
  released_at timestamptz,
  rescued_at timestamptz,
  ended_at timestamptz,
  cause integer,
  phase text
);

create index call_by_time on call (started_at desc, id);
create index call_by_line on call (line, started_at desc);
create index call_open on call (started_at desc) where ended_at is null;

create table answer (
  call_id uuid not null references call,
  purpose text not null,
  answer text not null check (answer in ('granted', 'refused', 'silent', 'abandoned', 'failed', 'notice')),
  method text not null,
  legal_basis text not null,
  retention_days integer not null check (retention_days > 0),
  event uuid not null references event (uuid),
  answered_at timestamptz not null,
  withdrawn_at timestamptz,
  positive boolean not null generated always as (answer in ('granted', 'notice')) stored,
  primary key (call_id, purpose),
  unique (event, call_id, purpose, positive)
);

create table recording (
  id uuid primary key,
  call_id uuid not null,
  purpose text not null,
  basis uuid not null,
  -- With the foreign key below: a recording rests on a positive answer, to its own purpose, in its own call.
  on_positive boolean not null default true check (on_positive),
  -- The day on which it must be destroyed.
  due date not null,
  tap text not null,
  state text not null default 'recording' check (
    state in ('recording', 'finished', 'truncated', 'empty', 'failed', 'held', 'blocked', 'destroying', 'destroyed')
  ),
  seconds double precision,
  lost_bytes bigint not null default 0,
  prepared_at timestamptz not null,
  ended_at timestamptz,
  foreign key (basis, call_id, purpose, on_positive) references answer (event, call_id, purpose, positive)
);

create index recording_of_call on recording (call_id);
create index recording_due on recording (due) where state <> 'destroyed';
create index recording_open on recording (prepared_at) where state = 'recording';
-- An answer carries one recording at most; also serves the foreign key.
create unique index recording_of_answer on recording (basis, purpose);

create table part (
  id uuid primary key,
  recording_id uuid not null references recording,
  number integer not null check (number > 0),
  -- Name of the container in the object store.
  object text not null unique,
  started_at timestamptz not null,
  ended_at timestamptz,
  chunks bigint not null default 0,
  bytes bigint not null default 0,
  -- Running hash over the chunks so far, hex.
  hash text,
  samples bigint,
  complete boolean,
  unique (recording_id, number)
);
