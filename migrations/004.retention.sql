-- How long things are kept, who may stop that, and what was destroyed.

-- Destruction is always part of an act: one purge, one erasure, one withdrawal. It is opened before anything is
-- destroyed and closed, with its number, once all of it is gone; a run that was interrupted is taken up again.
create table act (
  id uuid primary key,
  -- Consecutive and without gaps; given when the act is about to be closed.
  number bigint unique,
  cause text not null check (cause in ('term', 'withdrawal', 'erasure')),
  reason text not null,
  -- Who did it: a member of staff, or the service itself.
  by text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  -- The day on which the act itself is destroyed.
  keep_until date
);

create index act_open on act (opened_at) where closed_at is null;
create index act_kept_until on act (keep_until);

-- The number of the last act: it counts on when the acts themselves have gone.
create table act_counter (
  single boolean primary key default true check (single),
  last bigint not null
);

insert into act_counter (last) values (0);
create index event_of_act on event ((data ->> 'act')) where type = 'act.closed';

alter table recording
  -- The caller took the yes back, or had to be forgotten: it is due whatever its day.
  add column revoked_at timestamptz,
  -- The act in which it is, or was, destroyed.
  add column act uuid references act on delete set null,
  add column destroyed_at timestamptz;

create index recording_revoked on recording (revoked_at) where revoked_at is not null and state <> 'destroyed';
create index recording_destroying on recording (act) where state = 'destroying';
create index recording_of_act on recording (act) where act is not null;

-- Whose recording was destroyed in which act: once each. The number is masked, so that the act can be shown for years.
create table act_item (
  recording uuid primary key,
  act uuid not null references act on delete cascade,
  person text not null
);

create index act_item_of_act on act_item (act);

-- Enough to find a person's calls by the last four digits, not enough to call them.
create function mask_number(number text) returns text language sql immutable parallel safe as $$
  select case
    when number is null or number = '' then ''
    when length(number) <= 4 then repeat('*', length(number))
    else repeat('*', length(number) - 4) || right(number, 4)
  end
$$;

-- Where the number of a call's caller stands; a correction writes another event.
alter table call add column caller_event uuid references event (uuid);
create index call_of_caller_event on call (coalesce(caller_event, started_event));

-- What is kept past its term. A block is kept too, and can neither be played nor exported meanwhile.
create table hold (
  id uuid primary key,
  kind text not null check (kind in ('hold', 'block')),
  recording uuid,
  call_id uuid,
  -- Of a caller, as the PBX gives it.
  number text,
  from_at timestamptz,
  to_at timestamptz,
  reason text not null check (reason <> ''),
  placed_by text not null,
  placed_at timestamptz not null default now(),
  -- Null: until it is released.
  expires_at timestamptz,
  released_at timestamptz,
  released_by text,
  check (num_nonnulls(recording, call_id, number, from_at) = 1 and num_nonnulls(from_at, to_at) <> 1)
);

create index hold_in_force on hold (placed_at) where released_at is null;
create index hold_of_number on hold (number) where number is not null;

create index recording_by_time on recording (prepared_at);

-- Which recordings are kept at a moment, and by which hold.
create function kept_recordings(moment timestamptz)
  returns table (recording uuid, hold uuid, kind text) language sql stable as $$
  with in_force as (
    select * from hold where released_at is null and (expires_at is null or expires_at > moment)
  )
  select r.id, h.id, h.kind from in_force h join recording r on r.id = h.recording
    where h.recording is not null
  union all
  select r.id, h.id, h.kind from in_force h join recording r on r.call_id = h.call_id
    where h.call_id is not null
  union all
  select r.id, h.id, h.kind from in_force h
    join event_personal p on p.data ? 'caller' and p.data ->> 'caller' = h.number
    join call c on coalesce(c.caller_event, c.started_event) = p.event
    join recording r on r.call_id = c.id
    where h.number is not null
  union all
  select r.id, h.id, h.kind from in_force h join recording r on r.prepared_at >= h.from_at and r.prepared_at < h.to_at
    where h.from_at is not null
$$;

-- The same, of some recordings alone: these are looked up first, so that it costs the same however much is held.
create function kept_among(recordings uuid[], moment timestamptz)
  returns table (recording uuid, hold uuid, kind text) language sql stable as $$
  with in_force as (
    select * from hold where released_at is null and (expires_at is null or expires_at > moment)
  ), asked as materialized (
    select r.id, r.call_id, r.prepared_at, p.data ->> 'caller' as caller
    from recording r join call c on c.id = r.call_id
      left join event_personal p on p.event = coalesce(c.caller_event, c.started_event)
    where r.id = any(recordings)
  )
  select a.id, h.id, h.kind from asked a join in_force h on h.recording = a.id
  union all
  select a.id, h.id, h.kind from asked a join in_force h on h.call_id = a.call_id
  union all
  select a.id, h.id, h.kind from asked a join in_force h on h.number = a.caller
  union all
  select a.id, h.id, h.kind from asked a join in_force h on a.prepared_at >= h.from_at and a.prepared_at < h.to_at
$$;

-- What a person asked for, and by when the law wants it answered.
create table rights_request (
  id uuid primary key,
  number text not null,
  kind text not null check (kind in ('access', 'correction', 'blocking', 'erasure')),
  law text not null check (law in ('152-fz', 'gdpr')),
  received_on date not null,
  due_on date not null,
  opened_by text not null,
  closed_at timestamptz,
  closed_by text,
  outcome text
);

create index rights_request_of_number on rights_request (number);
create index rights_request_open on rights_request (due_on) where closed_at is null;

-- Where a person's number stands in events that are about no call: searches, copies, holds, requests.
create index event_personal_number on event_personal ((data ->> 'number')) where data ? 'number';

-- Something got out, or may have: whom it concerns, and when we knew.
create table incident (
  id uuid primary key,
  number bigint generated always as identity unique,
  what text not null,
  noticed_at timestamptz not null,
  opened_by text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text
);

create table incident_item (
  incident uuid not null references incident,
  recording uuid not null,
  call_id uuid not null,
  -- As it was known when the incident was opened.
  person text not null,
  primary key (incident, recording)
);

create index incident_item_of_person on incident_item (person);

-- Only in the database of a lab: there, time may be said to be another.
create table lab (
  single boolean primary key default true check (single)
);
