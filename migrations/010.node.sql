-- Every node that has worked on this database. One node is one data folder, whatever its host and CONSENTRY_NODE are called.
alter table service rename to node;
alter table node rename column node to name;
alter index service_pkey rename to node_pkey;

alter table node
  -- Of Consentry, at its last start. Null: it has not started since this column was added.
  add column version text,
  -- Its last heartbeat.
  add column seen_at timestamptz not null default now();

update node set seen_at = started_at;

-- The last start of each node by its name, as the journal has it.
create table node_start (
  name text primary key,
  event bigint not null references event,
  at timestamptz not null,
  -- Ids of the key pairs for which it seals. Null: its version did not say.
  keys text[]
);

insert into node_start (name, event, at, keys)
  select distinct on (data ->> 'node') data ->> 'node', id, at,
    case when jsonb_typeof(data -> 'keys') = 'array' then array(select jsonb_array_elements_text(data -> 'keys')) end
  from event where type = 'service.started' and data ->> 'node' is not null
  order by data ->> 'node', id desc;

-- To which node a call or a recording belongs. Older versions journalled only name and keeper, the oldest ones nothing.
alter table call
  add column node uuid,
  add column node_name text,
  add column keeper text;

alter table recording
  add column node uuid,
  add column node_name text,
  add column keeper text,
  -- Start time of the PBX that writes to the tap, as the PBX reports it.
  add column pbx text;

update call set node = (e.data ->> 'service')::uuid, node_name = e.data ->> 'node', keeper = e.data ->> 'keeper'
  from event e where e.uuid = call.started_event and e.data ?| array['service', 'node', 'keeper'];

update recording set node = (e.data ->> 'service')::uuid, node_name = e.data ->> 'node', keeper = e.data ->> 'keeper',
    pbx = e.data ->> 'pbx'
  from event e where e.call_id = recording.call_id and e.type = 'recording.prepared'
    and e.data ->> 'recording' = recording.id::text and e.data ?| array['service', 'node', 'keeper', 'pbx'];

-- Services of older versions may run on for a while after this migration. The rows that they insert state no owner, and without it
-- another node would take their calls and recordings for its own. So it is taken from the event.
create function take_owner_of_call() returns trigger language plpgsql as $$
begin
  select (data ->> 'service')::uuid, data ->> 'node', data ->> 'keeper' into new.node, new.node_name, new.keeper
  from event where uuid = new.started_event;
  return new;
end
$$;

create function take_owner_of_recording() returns trigger language plpgsql as $$
begin
  select (data ->> 'service')::uuid, data ->> 'node', data ->> 'keeper', data ->> 'pbx'
  into new.node, new.node_name, new.keeper, new.pbx
  from event where call_id = new.call_id and type = 'recording.prepared' and data ->> 'recording' = new.id::text
  order by id limit 1;
  return new;
end
$$;

create trigger take_owner before insert on call
  for each row when (new.node is null) execute function take_owner_of_call();
create trigger take_owner before insert on recording
  for each row when (new.node is null) execute function take_owner_of_recording();

-- They also count services of their name here.
create view service as select id, name as node, first_started_at, started_at from node;
