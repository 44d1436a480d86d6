-- Makes the roles and the database of Consentry, as PostgreSQL's superuser. psql runs this file once, when the database is new. Role
-- and password are taken from the URLs that the other containers get as secrets.
\set owner `cat /run/secrets/database-owner-url`
\set service `cat /run/secrets/database-url`
\set console `cat /run/secrets/database-console-url`

select format('create role %I login password %L', parts[1], parts[2])
from (values (:'owner'), (:'service'), (:'console')) as secret (url),
  regexp_match(url, '^postgres://([^:]+):([^@]+)@') as parts
\gexec

create database consentry owner consentry_owner;
revoke all on database consentry from public;
grant connect on database consentry to consentry, consentry_console;
-- PostgreSQL's log must hold no callers' numbers.
alter role consentry set log_error_verbosity = terse;
alter role consentry set log_parameter_max_length = 0;
alter role consentry_console set log_error_verbosity = terse;
alter role consentry_console set log_parameter_max_length = 0;
