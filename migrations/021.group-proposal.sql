-- Changes of groups of lines that wait for a second person's approval. A group has one at most.
create table line_group_proposal (
  id uuid primary key,
  name text not null,
  -- The version of the group that it changes. 0: a new group.
  base integer not null,
  fields jsonb not null,
  made_at timestamptz not null,
  made_by text not null,
  made_way text not null,
  -- When it was approved, withdrawn or replaced.
  ended_at timestamptz
);
create unique index line_group_proposal_open on line_group_proposal (name) where ended_at is null;
