-- Consentry placed the call itself, to see how it runs. No count of calls has it.
alter table call add column probe boolean not null default false;
