-- What applies to each dialled number; a change is a new version, and the versions before it stay.
create table line (
  number text not null,
  version integer not null check (version > 0),
  -- Everything of the policy but number and version; checked by the service when it is read.
  policy jsonb not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (number, version)
);

create unique index line_in_force on line (number) where active;

create function tell_line_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('line_changed', '');
  return null;
end
$$;

create trigger tell_change after insert or update or delete on line
  for each statement execute function tell_line_change();
