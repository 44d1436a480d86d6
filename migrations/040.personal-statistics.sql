-- PostgreSQL keeps samples of columns and indexed expressions for its planner, and every role that may read a table reads them in pg_stats.
-- An erasure does not reach them. So there are none of what is personal. A column that gets its type anew loses those that it has.
alter table event_personal alter column data type jsonb;
alter table event_personal alter column data set statistics 0;
alter index event_personal_caller alter column 1 set statistics 0;
alter index event_personal_number alter column 1 set statistics 0;

do $$
declare
  one record;
begin
  for one in
    select t as relation, c as field from (values
      ('hold', array['number', 'reason', 'placed_by', 'released_by']),
      ('act', array['reason', 'by']),
      ('incident', array['what', 'opened_by', 'closed_by']),
      ('incident_item', array['person']),
      ('rights_request', array['number', 'outcome', 'opened_by', 'closed_by']),
      ('user_training', array['what'])
    ) as personal (t, cs) cross join unnest(cs) as c
  loop
    execute format('alter table %I alter column %I type text', one.relation, one.field);
    execute format('alter table %I alter column %I set statistics 0', one.relation, one.field);
  end loop;
end
$$;

-- Rows that an erasure has deleted or masked are removed at the next round of the autovacuum, within a minute by default, and so are the
-- entries of indexes that led to them.
alter table event_personal set (
  autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on
);
alter table hold set (
  autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on
);
alter table rights_request set (
  autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on
);
