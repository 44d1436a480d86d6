-- When the person last proved passphrase and second factor in this session. Null: the session is older than this column.
alter table user_session add column proven_at timestamptz;

-- The secret of a second factor that is to replace the present one, sealed by the console's key. Null: none is being replaced.
alter table user_credential add column next_totp bytea;
