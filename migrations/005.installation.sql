-- Which installation this is: each folder in which it keeps keys or recordings carries this as its mark, so that no other
-- folder is taken for it.
create table installation (
  single boolean primary key default true check (single),
  id uuid not null default gen_random_uuid(),
  -- When its folders were made; null: nothing was kept yet.
  placed_at timestamptz
);

insert into installation default values;
