-- The verifier keys of the witnesses that this database's log has had. A receipt names the key of each cosignature, and a cosignature
-- itself has only the witness's name. Without this table, a receipt would lose cosignatures with a setting.
create table log_witness (
  key text primary key,
  seen_at timestamptz not null default now()
);

create trigger insert_only before update or delete or truncate on log_witness
  for each statement execute function refuse_change();
alter table log_witness enable always trigger insert_only;
