-- Prompts that were made while the service runs. A version is never changed and never removed: receipts and calls name it.
-- Its sound is kept here, so that every service of this database and the console have it.
create table prompt_audio (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  -- The master: one channel of 16 bit at 16 kHz, as WAV.
  wav bytea not null check (length(wav) between 45 and 2000000)
);

alter table prompt_audio alter column wav set storage external;

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

-- The last call that heard a prompt, by its master.
create index event_prompt_heard on event ((data ->> 'sha256'), id) where type = 'prompt.ended';
