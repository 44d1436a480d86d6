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
  -- argon2id (RFC 9106), as a PHC string.
  passphrase text not null,
  -- The secret of the second factor (RFC 6238), sealed by the console's key. Null: there is none.
  totp bytea,
  -- The last time step whose code was accepted. A code of this step or an earlier one is refused.
  totp_step bigint,
  set_at timestamptz not null
);

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
  ended_at timestamptz
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
