-- A database serves one node. When its data folder was lost, and another node has taken its place (CONSENTRY_REPLACES).
alter table node add column forgotten_at timestamptz;

-- Of several nodes, the one that was seen last is the one that goes on.
update node set forgotten_at = now()
  where id <> (select id from node order by seen_at desc, started_at desc, id limit 1);
