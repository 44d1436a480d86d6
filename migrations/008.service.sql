-- Every service that has worked on this database. One service is one data folder, whatever its host and CONSENTRY_NODE are called.
create table service (
  -- From the file service.id of the data folder.
  id uuid primary key,
  -- CONSENTRY_NODE at its last start.
  node text not null,
  first_started_at timestamptz not null default now(),
  started_at timestamptz not null default now()
);
