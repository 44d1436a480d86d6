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
  -- Null: whoever answers it.
  user_id uuid references "user",
  expires_at timestamptz not null
);
create index passkey_challenge_end on passkey_challenge (expires_at);

-- A user who has accepted the invitation by a passkey has no passphrase.
alter table user_credential alter column passphrase drop not null;
-- What the command may know of it: it reads nothing that proves who somebody is.
alter table user_credential
  add column has_passphrase boolean not null generated always as (passphrase is not null) stored,
  add column has_code boolean not null generated always as (totp is not null) stored;
