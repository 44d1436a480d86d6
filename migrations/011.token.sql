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
