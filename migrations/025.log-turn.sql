-- A service locks this row while it extends the log, so that one service at a time does so. Only the service's role may lock it:
-- an advisory lock could be taken, and kept, by every role that may connect.
create table log_turn (
  single boolean primary key default true check (single)
);

insert into log_turn default values;
