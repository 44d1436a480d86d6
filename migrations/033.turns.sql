-- Tables without rows, which transactions lock so that one at a time does something. Only the roles of service and console may lock
-- them: an advisory lock could be taken, and kept, by every role that may connect.
create table turn_drafts ();
create table turn_holds ();
create table turn_lines ();
create table turn_people ();
create table turn_sessions ();
