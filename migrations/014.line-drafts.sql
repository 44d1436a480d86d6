-- Drafts of lines: what somebody has typed and not put into force yet.
create table line_draft (
  id uuid primary key,
  line text not null,
  -- The version in force when the draft was begun or rebased. 0: the number was no line.
  base integer not null check (base >= 0),
  -- As it was typed. It may be incomplete or wrong.
  input json not null,
  -- Counts the changes of input and base.
  revision integer not null check (revision > 0),
  state text not null default 'open' check (
    state in ('open', 'awaiting-approval', 'approved', 'scheduled', 'published', 'discarded')
  ),
  made_at timestamptz not null,
  made_by text not null,
  made_way text not null,
  changed_at timestamptz not null,
  changed_by text not null,
  changed_way text not null,
  -- The approval counts while its revision is that of the draft.
  approved_revision integer,
  approved_at timestamptz,
  approved_by text,
  approved_way text,
  -- SHA-256 of the whole line as it was approved: what its group shares may change afterwards.
  approved_hash text,
  publish_at timestamptz,
  scheduled_by text,
  scheduled_way text,
  -- Why the draft was not published at its time. Null after the next change.
  failure text,
  failed_at timestamptz,
  published_version integer,
  check (state <> 'scheduled' or (publish_at is not null and scheduled_by is not null and scheduled_way is not null)),
  check (state <> 'published' or published_version is not null),
  check (num_nonnulls(approved_revision, approved_at, approved_by, approved_way, approved_hash) in (0, 5))
);

create index line_draft_of_line on line_draft (line, changed_at desc);
create index line_draft_due on line_draft (publish_at) where state = 'scheduled';

create function tell_draft_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('line_draft_changed', '');
  return null;
end
$$;

create trigger tell_change after insert or update on line_draft
  for each statement execute function tell_draft_change();

-- What several lines share. A change is a new version, and the versions before it stay.
create table line_group (
  name text not null,
  version integer not null check (version > 0),
  -- Fields of a line, each of which may be absent; checked by the service when it is read.
  fields jsonb not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  -- Its `line.group-changed` event.
  event uuid not null,
  primary key (name, version)
);

create unique index line_group_in_force on line_group (name) where active;

alter table line
  -- The group from which the version inherited. Null: from none.
  add column group_name text,
  add column group_version integer,
  -- Paths of the fields that the line states itself. Null: the version is older than this column.
  add column stated jsonb;

create index line_of_group on line (group_name) where active;

-- Calls of numbers that are no lines, by time.
create index call_unknown on call (started_at desc) where line is null;
