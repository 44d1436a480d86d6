-- The `line.changed` event of each version. Null: the version is older than this event.
alter table line add column event uuid;

update line set event = e.uuid
from event e
where e.type = 'line.changed' and e.data -> 'after' ->> 'number' = line.number
  and (e.data -> 'after' ->> 'version')::int = line.version;
