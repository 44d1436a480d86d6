-- The schema, by subject: the journal, its log, the installation, lines, prompts, acts of destruction, calls, holds, requests and
-- incidents, people and tokens, turns, and what an erasure asks of the storage.

--
-- The journal
--

-- The journal: what happened, in order, never changed afterwards.
create table event (
  id bigint generated always as identity primary key,
  -- Given by the writer, so that a replayed event enters once.
  uuid uuid not null unique,
  -- Null for events of the service itself.
  call_id uuid,
  at timestamptz not null,
  type text not null check (length(type) <= 64 and type ~ '^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$'),
  -- A leaf of the log holds it, and is at most 65,535 bytes long.
  data jsonb not null check (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 60000),
  -- SHA-256 over salt and canonical JSON of the row in event_personal; it outlives that row.
  personal_hash bytea check (octet_length(personal_hash) = 32),
  -- When the database inserted it, by its own clock. The role of a service cannot state it.
  entered_at timestamptz not null default clock_timestamp()
);

create index event_of_call on event (call_id, id) where call_id is not null;
create index event_of_act on event ((data ->> 'act')) where type = 'act.closed';
-- The alarms that stand are found from the latest start of a service on.
create index event_of_alarm on event (id) where type in ('alarm.raised', 'alarm.cleared', 'service.started');
-- Whether a phone was ever answered, which the steps of setting up show.
create index event_of_answered_trial on event (id) where type = 'trial.ended' and data -> 'answered' = 'true'::jsonb;
-- Before anything is destroyed by its term, the last moment at which the time was certain is looked up.
create index event_of_certain_time on event (id) where type in ('purge.finished', 'clock.checked', 'clock.settled');
-- Destruction looks up the holds in force in the journal itself.
create index event_of_hold on event ((data ->> 'hold')) where type in ('hold.placed', 'hold.released');
-- The statements by which the keys of the log were rotated. Each round of signing or following the log looks for them.
create index event_of_log_key on event (id) where type = 'log.key-rotated';
-- In which recorded calls a person was, besides the one of their own.
create index event_of_party on event ((data ->> 'party')) where type in ('call.party-joined', 'call.party-agreed');
-- The page of the system shows the last audit, and a purge that was refused since the last one.
create index event_of_upkeep on event (id) where type in ('audit.finished', 'purge.refused');
-- The last call that heard a prompt, by its master.
create index event_prompt_heard on event ((data ->> 'sha256'), id) where type = 'prompt.ended';

-- The only place where a person's data stands, and what people type: a row may be erased, the event stays.
create table event_personal (
  event uuid primary key references event (uuid),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  -- It keeps a hash of the row from being guessed once the row is gone. Once what was typed is erased, the name of who acted may stay
  -- without a salt: it is then no longer proved by the log.
  salt bytea not null check (octet_length(salt) in (0, 16))
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on);

create index event_personal_caller on event_personal ((data ->> 'caller')) where data ? 'caller';
-- Where a person's number stands in events that are about no call: searches, copies, holds, requests.
create index event_personal_number on event_personal ((data ->> 'number')) where data ? 'number';
-- An erasure searches what was typed for the number.
create index event_personal_typed on event_personal (event) where data ?| array['by', 'name'];

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is insert-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger insert_only before update or delete or truncate on event
  for each statement execute function refuse_change();

-- "Always": not even a session that plays a replica passes by it.
alter table event enable always trigger insert_only;

-- Each role inserts only the types of events that it may write: src/db/grants.ts adds a policy for each.
alter table event enable row level security;
create policy read on event for select using (true);

--
-- The log over the journal
--

-- Which log it is, and under which key. One row, made by the first service.
create table log (
  single boolean primary key default true check (single),
  origin text not null,
  -- C2SP verifier key; its secret half is in a file of the service, never here.
  key text not null
);

-- Every state of the log that was signed: a tree over the events up to last_event, in the order of their ids.
create table log_checkpoint (
  size bigint primary key check (size > 0),
  last_event bigint not null unique,
  root bytea not null check (octet_length(root) = 32),
  -- The signed note (C2SP tlog-checkpoint), without cosignatures.
  note text not null,
  signed_at timestamptz not null default now()
);

-- What witnesses signed of it, as lines of the same note.
create table log_cosignature (
  size bigint not null references log_checkpoint,
  line text not null,
  primary key (size, line)
);

-- The verifier keys of the witnesses that this database's log has had. A receipt names the key of each cosignature, and a cosignature
-- itself has only the witness's name. Without this table, a receipt would lose cosignatures with a setting.
create table log_witness (
  key text primary key,
  seen_at timestamptz not null default now()
);

create trigger insert_only before update or delete or truncate on log
  for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on log_checkpoint
  for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on log_cosignature
  for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on log_witness
  for each statement execute function refuse_change();

alter table log enable always trigger insert_only;
alter table log_checkpoint enable always trigger insert_only;
alter table log_cosignature enable always trigger insert_only;
alter table log_witness enable always trigger insert_only;

--
-- The installation and its nodes
--

-- Which installation this is: each folder in which it keeps keys or recordings carries this as its mark, so that no other
-- folder is taken for it.
create table installation (
  single boolean primary key default true check (single),
  id uuid not null default gen_random_uuid(),
  -- When its folders were made; null: nothing was kept yet.
  placed_at timestamptz,
  -- What callers call the company. Null: not set; CONSENTRY_OPERATOR has the default.
  company text,
  -- The language that most callers speak, one of those that have a folder (docs/configure.md). The console checks which. Null: not set.
  language text,
  -- Whether somebody has said that this is a trial, so that callers may hear the company of the shipped prompts, an example.
  trial boolean not null default false
);

insert into installation default values;

-- Every node that has worked on this database. One node is one data folder, whatever its host and CONSENTRY_NODE are called.
create table node (
  -- From the file service.id of the data folder.
  id uuid primary key,
  -- CONSENTRY_NODE at its last start.
  name text not null,
  first_started_at timestamptz not null default now(),
  started_at timestamptz not null default now(),
  -- Of Consentry, at its last start.
  version text,
  -- Its last heartbeat.
  seen_at timestamptz not null default now(),
  -- When its data folder was lost, and another node has taken its place (CONSENTRY_REPLACES). A database serves one node.
  forgotten_at timestamptz
);

-- The last start of each node by its name, as the journal has it.
create table node_start (
  name text primary key,
  event bigint not null references event,
  at timestamptz not null,
  -- Ids of the key pairs for which it seals.
  keys text[] not null
);

-- Only in the database of a lab: there, time may be said to be another.
create table lab (
  single boolean primary key default true check (single)
);

--
-- Lines
--

-- What applies to each dialled number; a change is a new version, and the versions before it stay.
create table line (
  number text not null,
  version integer not null check (version > 0),
  -- Everything of the policy but number and version; checked by the service when it is read.
  policy jsonb not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  -- Its `line.changed` event.
  event uuid not null,
  -- The group from which the version inherited. Null: from none.
  group_name text,
  group_version integer,
  -- Paths of the fields that the line states itself.
  stated jsonb not null,
  primary key (number, version)
);

create unique index line_in_force on line (number) where active;
create index line_of_group on line (group_name) where active;

create function tell_line_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('line_changed', '');
  return null;
end
$$;

create trigger tell_change after insert or update or delete on line
  for each statement execute function tell_line_change();

-- Drafts of lines: what somebody has typed and not put into force yet.
create table line_draft (
  id uuid primary key,
  line text not null,
  -- The version in force when the draft was begun or rebased. 0: the number was no line.
  base integer not null check (base >= 0),
  -- As it was typed. It may be incomplete or wrong.
  input json not null,
  -- Counts the changes of input and base.
  revision integer not null check (revision > 0),
  state text not null default 'open' check (
    state in ('open', 'awaiting-approval', 'approved', 'scheduled', 'published', 'discarded')
  ),
  made_at timestamptz not null,
  made_by text not null,
  made_way text not null,
  changed_at timestamptz not null,
  changed_by text not null,
  changed_way text not null,
  -- Everybody who has changed it, each as `{by, way}`. None of them approves it.
  changers jsonb not null,
  -- The approval counts while its revision is that of the draft.
  approved_revision integer,
  approved_at timestamptz,
  approved_by text,
  approved_way text,
  -- SHA-256 of the whole line as it was approved: what its group shares may change afterwards.
  approved_hash text,
  publish_at timestamptz,
  scheduled_by text,
  scheduled_way text,
  -- Why the draft was not published at its time. Null after the next change.
  failure text,
  failed_at timestamptz,
  published_version integer,
  -- The event in which the revision was approved. Its personal part has what was said.
  approval_event uuid,
  -- The one in which an approval was refused. It stays while the draft is changed, until another approval is requested.
  refusal_event uuid,
  check (state <> 'scheduled' or (publish_at is not null and scheduled_by is not null and scheduled_way is not null)),
  check (state <> 'published' or published_version is not null),
  check (num_nonnulls(approved_revision, approved_at, approved_by, approved_way, approved_hash) in (0, 5))
);

create index line_draft_of_line on line_draft (line, changed_at desc);
create index line_draft_due on line_draft (publish_at) where state = 'scheduled';

create function tell_draft_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('line_draft_changed', '');
  return null;
end
$$;

create trigger tell_change after insert or update on line_draft
  for each statement execute function tell_draft_change();

-- What several lines share. A change is a new version, and the versions before it stay.
create table line_group (
  name text not null,
  version integer not null check (version > 0),
  -- Fields of a line, each of which may be absent; checked by the service when it is read.
  fields jsonb not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  -- Its `line.group-changed` event.
  event uuid not null,
  primary key (name, version)
);

create unique index line_group_in_force on line_group (name) where active;

-- Changes of groups of lines and of prompts that wait for a second person's approval. Each has one at most.
create table proposal (
  id uuid primary key,
  kind text not null check (kind in ('line-group', 'prompt')),
  -- The name of the group, or the name and the language of the prompt, as `NAME/LANGUAGE`.
  name text not null,
  -- The version in force that it changes. 0: a new group, or a shipped prompt, or none.
  base integer not null,
  -- The fields of the group, or the version of the prompt and what is done with it.
  change jsonb not null,
  made_at timestamptz not null,
  made_by text not null,
  made_way text not null,
  -- When it was approved, withdrawn, refused or replaced.
  ended_at timestamptz,
  -- The event in which it was refused. Its personal part has what was said.
  refusal_event uuid
);

create unique index proposal_open on proposal (kind, name) where ended_at is null;

--
-- Prompts
--

-- The sound of prompts that were made while the service runs. It is kept here, so that service and console have it.
create table prompt_audio (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  -- The master: one channel of 16 bit at 16 kHz, as WAV.
  wav bytea not null check (length(wav) between 45 and 2000000)
);

alter table prompt_audio alter column wav set storage external;

-- Prompts that were made while the service runs. A version is never changed and never removed: receipts and calls name it.
create table prompt_version (
  name text not null,
  language text not null,
  version integer not null check (version > 0),
  -- The words with their variables, the values of the variables, and the words as they are heard.
  template text not null,
  variables jsonb not null,
  text text not null,
  -- What the words tell callers of a line.
  says jsonb not null,
  sha256 text not null references prompt_audio,
  length_ms integer not null,
  lufs double precision not null,
  true_peak double precision not null,
  made_how text not null check (made_how in ('speech', 'upload', 'browser', 'telephone')),
  engine text,
  voice text,
  made_by text not null,
  made_at timestamptz not null,
  -- Everybody whose words or sound it has, each as `{by, way}`. None of them approves it.
  changers jsonb not null,
  state text not null default 'draft' check (state in ('draft', 'published', 'replaced', 'withdrawn')),
  published_by text,
  published_at timestamptz,
  ended_by text,
  ended_at timestamptz,
  primary key (name, language, version)
);

-- One version is in force.
create unique index prompt_in_force on prompt_version (name, language) where state = 'published';

create function tell_prompt_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('prompt_changed', '');
  return null;
end
$$;

create trigger tell_change after insert or update on prompt_version
  for each statement execute function tell_prompt_change();

--
-- Acts of destruction
--

-- Destruction is always part of an act: one purge, one erasure, one withdrawal. It is opened before anything is
-- destroyed and closed, with its number, once all of it is gone; a run that was interrupted is taken up again.
create table act (
  id uuid primary key,
  -- Consecutive and without gaps; given when the act is about to be closed.
  number bigint unique,
  cause text not null check (cause in ('term', 'withdrawal', 'erasure')),
  reason text not null,
  -- Who did it: a member of staff, or the service itself.
  by text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  -- The day on which the act itself is destroyed.
  keep_until date,
  -- Its recordings were found in no store: nothing of them was there to be overwritten or removed, and it says so.
  lost boolean not null default false
);

create index act_open on act (opened_at) where closed_at is null;
create index act_kept_until on act (keep_until);

-- The number of the last act: it counts on when the acts themselves have gone.
create table act_counter (
  single boolean primary key default true check (single),
  last bigint not null
);

insert into act_counter (last) values (0);

-- Whose recording was destroyed in which act: once each. The number is masked, so that the act can be shown for years.
create table act_item (
  recording uuid primary key,
  act uuid not null references act on delete cascade,
  person text not null
);

create index act_item_of_act on act_item (act);

-- Enough to find a person's calls by the last four digits, not enough to call them.
create function mask_number(number text) returns text language sql immutable parallel safe as $$
  select case
    when number is null or number = '' then ''
    when length(number) <= 4 then repeat('*', length(number))
    else repeat('*', length(number) - 4) || right(number, 4)
  end
$$;

--
-- Calls and their recordings. They are what the journal says of each call, kept in step with it by the transaction that appends an
-- event.
--

-- Calls, from their first event on.
create table call (
  id uuid primary key,
  -- Null when the dialled number is no line of ours.
  line text,
  policy integer not null,
  language text not null,
  mode text not null,
  channel text not null,
  -- The caller's number is in event_personal under this event.
  started_event uuid not null unique references event (uuid),
  started_at timestamptz not null,
  answered_at timestamptz,
  decision text check (decision in ('granted', 'refused', 'silent', 'abandoned', 'failed', 'notice')),
  decided_at timestamptz,
  next text,
  tapped boolean not null default false,
  released_at timestamptz,
  rescued_at timestamptz,
  ended_at timestamptz,
  cause integer,
  phase text,
  -- Where the number of the caller stands, if not under started_event: a correction writes another event.
  caller_event uuid references event (uuid),
  -- When the personal data of the call was erased because its term was over.
  forgotten_at timestamptz,
  -- To which node the call belongs.
  node uuid not null,
  -- Consentry placed the call itself, to see how it runs. No count of calls has it.
  probe boolean not null default false
);

create index call_by_time on call (started_at desc, id);
create index call_by_line on call (line, started_at desc);
-- Calls of a decision that is rare are found without reading all others.
create index call_by_decision on call (decision, started_at desc, id);
create index call_open on call (started_at desc) where ended_at is null;
create index call_to_forget on call (started_at, id) where forgotten_at is null;
-- Calls of numbers that are no lines, by time.
create index call_unknown on call (started_at desc) where line is null;
create index call_of_caller_event on call (coalesce(caller_event, started_event));

-- What a caller answered to the question about each purpose.
create table answer (
  call_id uuid not null references call,
  purpose text not null,
  answer text not null check (answer in ('granted', 'refused', 'silent', 'abandoned', 'failed', 'notice')),
  method text not null,
  legal_basis text not null,
  retention_days integer not null check (retention_days > 0),
  event uuid not null references event (uuid),
  answered_at timestamptz not null,
  withdrawn_at timestamptz,
  positive boolean not null generated always as (answer in ('granted', 'notice')) stored,
  primary key (call_id, purpose),
  unique (event, call_id, purpose, positive)
);

-- The yeses that were taken back. What was said before may be in recordings of others.
create index answer_withdrawn on answer (call_id) where withdrawn_at is not null;

-- Recordings, each of which rests on an answer.
create table recording (
  id uuid primary key,
  call_id uuid not null,
  purpose text not null,
  basis uuid not null,
  -- With the foreign key below: a recording rests on a positive answer, to its own purpose, in its own call.
  on_positive boolean not null default true check (on_positive),
  -- The day on which it must be destroyed.
  due date not null,
  tap text not null,
  state text not null default 'recording' check (
    state in ('recording', 'finished', 'truncated', 'empty', 'failed', 'held', 'blocked', 'destroying', 'destroyed')
  ),
  seconds double precision,
  lost_bytes bigint not null default 0,
  prepared_at timestamptz not null,
  ended_at timestamptz,
  -- The caller took the yes back, or had to be forgotten: it is due whatever its day.
  revoked_at timestamptz,
  -- The act in which it is, or was, destroyed.
  act uuid references act on delete set null,
  destroyed_at timestamptz,
  -- To which node it belongs.
  node uuid not null,
  -- Start time of the PBX that writes to the tap, as the PBX reports it.
  pbx text,
  -- Of a recording of the purpose `consent`, which holds the words of a spoken yes: the purpose whose question was answered.
  keeps text check (keeps is null or purpose = 'consent'),
  -- The purpose of the answer on which the recording rests.
  answer_purpose text not null generated always as (coalesce(keeps, purpose)) stored,
  foreign key (basis, call_id, answer_purpose, on_positive) references answer (event, call_id, purpose, positive)
);

create index recording_of_call on recording (call_id);
create index recording_by_time on recording (prepared_at);
create index recording_due on recording (due) where state <> 'destroyed';
create index recording_open on recording (prepared_at) where state = 'recording';
create index recording_revoked on recording (revoked_at) where revoked_at is not null and state <> 'destroyed';
create index recording_destroying on recording (act) where state = 'destroying';
create index recording_of_act on recording (act) where act is not null;
-- An answer carries one recording of a purpose at most; also serves the foreign key.
create unique index recording_of_answer on recording (basis, purpose);

-- The containers of a recording, in order.
create table part (
  id uuid primary key,
  recording_id uuid not null references recording,
  number integer not null check (number > 0),
  -- Name of the container in the object store.
  object text not null unique,
  started_at timestamptz not null,
  ended_at timestamptz,
  chunks bigint not null,
  bytes bigint not null,
  -- Running hash over the chunks so far, hex.
  hash text not null,
  samples bigint,
  complete boolean,
  -- In which store the container lies.
  location text not null,
  unique (recording_id, number)
);

--
-- Holds, requests and incidents
--

-- What is kept past its term. A block is kept too, and can neither be played nor exported meanwhile.
create table hold (
  id uuid primary key,
  kind text not null check (kind in ('hold', 'block')),
  recording uuid,
  call_id uuid,
  -- Of a caller, as the PBX gives it.
  number text,
  from_at timestamptz,
  to_at timestamptz,
  reason text not null check (reason <> ''),
  placed_by text not null,
  placed_at timestamptz not null default now(),
  -- Null: until it is released.
  expires_at timestamptz,
  released_at timestamptz,
  released_by text,
  check (num_nonnulls(recording, call_id, number, from_at) = 1 and num_nonnulls(from_at, to_at) <> 1)
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on);

create index hold_in_force on hold (placed_at) where released_at is null;
create index hold_of_number on hold (number) where number is not null;

-- What a person asked for, and by when the law wants it answered.
create table rights_request (
  id uuid primary key,
  number text not null,
  kind text not null check (kind in ('access', 'correction', 'blocking', 'erasure')),
  law text not null check (law in ('152-fz', 'gdpr')),
  received_on date not null,
  due_on date not null,
  opened_by text not null,
  closed_at timestamptz,
  closed_by text,
  outcome text
) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, vacuum_index_cleanup = on);

create index rights_request_of_number on rights_request (number);
create index rights_request_open on rights_request (due_on) where closed_at is null;

-- Something got out, or may have: whom it concerns, and when we knew.
create table incident (
  id uuid primary key,
  number bigint generated always as identity unique,
  what text not null,
  noticed_at timestamptz not null,
  opened_by text not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text
);

-- The recordings that an incident concerns.
create table incident_item (
  incident uuid not null references incident,
  recording uuid not null,
  call_id uuid not null,
  -- As it was known when the incident was opened.
  person text not null,
  primary key (incident, recording)
);

create index incident_item_of_person on incident_item (person);

--
-- People and tokens
--

-- People who sign in to the console.
create table "user" (
  id uuid primary key,
  name text not null unique,
  roles text[] not null,
  made_at timestamptz not null,
  made_by text not null,
  disabled_at timestamptz
);

-- What proves who somebody is. A user without a row has accepted no invitation yet, or was reset.
create table user_credential (
  user_id uuid primary key references "user",
  -- argon2id (RFC 9106), as a PHC string. Null: the user has accepted the invitation by a passkey.
  passphrase text,
  -- The secret of the second factor (RFC 6238), sealed by the console's key. Null: there is none.
  totp bytea,
  -- The last time step whose code was accepted. A code of this step or an earlier one is refused.
  totp_step bigint,
  set_at timestamptz not null,
  -- The secret of a second factor that is to replace the present one, sealed by the console's key. Null: none is being replaced.
  next_totp bytea,
  -- What the command may know of it: it reads nothing that proves who somebody is.
  has_passphrase boolean not null generated always as (passphrase is not null) stored,
  has_code boolean not null generated always as (totp is not null) stored
);

-- Passkeys (WebAuthn) by which users sign in. A user may have several.
create table user_passkey (
  id uuid primary key,
  user_id uuid not null references "user",
  -- The id that the passkey gave itself, base64url.
  credential text not null unique,
  -- COSE_Key (RFC 9052). It verifies, and proves nothing.
  public_key bytea not null,
  -- How often it was used, as it counts itself. A proof with a lower number is refused.
  counter bigint not null,
  transports text[] not null,
  -- The person's own word for it.
  name text not null,
  made_at timestamptz not null,
  used_at timestamptz
);

create index user_passkey_user on user_passkey (user_id);

-- Challenges that wait for an answer, once each. Only the SHA-256 is stored.
create table passkey_challenge (
  hash bytea primary key,
  purpose text not null check (purpose in ('register', 'sign-in', 'prove', 'accept')),
  -- Null: any user may answer it.
  user_id uuid references "user",
  expires_at timestamptz not null
);

create index passkey_challenge_end on passkey_challenge (expires_at);

-- Codes that stand in for the second factor, once each. Only their SHA-256 is stored.
create table user_recovery_code (
  user_id uuid not null references "user",
  hash bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);

-- Links by which a user sets passphrase and second factor. Only the SHA-256 of the secret is stored.
create table user_invitation (
  hash bytea primary key,
  user_id uuid not null references "user",
  made_at timestamptz not null,
  expires_at timestamptz not null,
  -- The secret of the second factor that is shown and not yet confirmed, sealed by the console's key.
  totp bytea
);

create index user_invitation_user on user_invitation (user_id);

-- Sessions of browsers. Only the SHA-256 of a cookie is stored.
create table user_session (
  id uuid primary key,
  hash bytea not null unique,
  user_id uuid not null references "user",
  -- The address that signed in.
  address text not null,
  made_at timestamptz not null,
  -- Of the last request, to the minute.
  seen_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  -- When the person last proved passphrase and second factor in this session.
  proven_at timestamptz
);

create index user_session_open on user_session (user_id) where ended_at is null;

-- Failed sign-ins. `subject` is a keyed hash of a typed name with an address, of an address, or of all.
create table sign_in_attempt (
  subject bytea primary key,
  failures integer not null,
  last_at timestamptz not null,
  -- Until then attempts are refused at once.
  until timestamptz,
  -- When a sign-in last succeeded.
  succeeded_at timestamptz
);

create index sign_in_attempt_last on sign_in_attempt (last_at);

-- The rules that people acknowledge before they may hear recordings. The last row is in force.
create table rules (
  id bigint generated always as identity primary key,
  -- SHA-256 of the text, hex.
  version text not null,
  text text not null,
  published_at timestamptz not null,
  published_by text not null
);

-- Which rules each person has acknowledged.
create table rules_acknowledged (
  user_id uuid not null references "user",
  version text not null,
  acknowledged_at timestamptz not null,
  primary key (user_id, version)
);

-- Trainings of people.
create table user_training (
  id uuid primary key,
  user_id uuid not null references "user",
  what text not null,
  held_on date not null,
  recorded_at timestamptz not null,
  recorded_by text not null
);

create index user_training_user on user_training (user_id);

-- Tokens with which programs use the API. A token itself is nowhere stored, only its SHA-256.
create table token (
  id uuid primary key,
  name text not null,
  hash bytea not null unique,
  roles text[] not null,
  made_at timestamptz not null,
  made_by text not null,
  -- Null: it is valid until it is revoked.
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);

-- A name that was revoked may be given again.
create unique index token_name on token (name) where revoked_at is null;

--
-- What an erasure asks of the storage
--

-- Rows that an erasure has deleted or masked are removed at the next round of the autovacuum, within a minute by default, and so are the
-- entries of indexes that led to them: the tables event_personal, hold and rights_request are made so, above.

-- PostgreSQL keeps samples of columns and indexed expressions for its planner, and every role that may read a table reads them in pg_stats.
-- An erasure does not reach them. So there are none of what is personal.
alter table event_personal alter column data set statistics 0;
alter index event_personal_caller alter column 1 set statistics 0;
alter index event_personal_number alter column 1 set statistics 0;
alter table act alter column reason set statistics 0, alter column by set statistics 0;
alter table hold alter column number set statistics 0, alter column reason set statistics 0,
  alter column placed_by set statistics 0, alter column released_by set statistics 0;
alter table rights_request alter column number set statistics 0, alter column outcome set statistics 0,
  alter column opened_by set statistics 0, alter column closed_by set statistics 0;
alter table incident alter column what set statistics 0, alter column opened_by set statistics 0,
  alter column closed_by set statistics 0;
alter table incident_item alter column person set statistics 0;
alter table user_training alter column what set statistics 0;

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
