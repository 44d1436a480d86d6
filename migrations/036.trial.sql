-- Whether somebody has said that this installation is a trial, so that callers may hear the company of the shipped prompts, an example.
alter table installation add column trial boolean not null default false;
