-- The bytes of a row that an erasure has deleted stay in the table's file, also after a vacuum, until another row takes their place. A table that is
-- written anew leaves them behind. Only its owner may do that, and VACUUM runs in no function, so CLUSTER does it.
alter table event_personal cluster on event_personal_pkey;
alter table hold cluster on hold_pkey;
alter table act cluster on act_pkey;
alter table incident cluster on incident_pkey;
alter table rights_request cluster on rights_request_pkey;
alter table user_training cluster on user_training_pkey;

-- Writes a table anew from which erasures remove numbers, and locks it meanwhile. Deleted rows that a transaction may still read are written, too.
create function rewrite_personal(relation text) returns void language plpgsql security definer as $$
begin
  if relation not in ('event_personal', 'hold', 'act', 'incident', 'rights_request', 'user_training') then
    raise exception 'no erasure removes numbers from the table %', relation using errcode = 'insufficient_privilege';
  end if;
  execute format('cluster %I', relation);
end
$$;
revoke all on function rewrite_personal(text) from public;

-- It runs with the owner's privileges, so it finds only the tables of this schema, and no temporary ones of its caller.
do $$
begin
  execute format('alter function rewrite_personal(text) set search_path = %I, pg_temp', current_schema());
end
$$;
