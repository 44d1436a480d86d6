-- The event in which a proposed change of a group was refused. Its personal part has what was said.
alter table line_group_proposal add column refusal_event uuid;
