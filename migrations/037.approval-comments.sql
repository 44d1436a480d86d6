-- The event in which the revision of a draft was approved, and the one in which an approval was refused. Their personal parts have what was said.
alter table line_draft
  add column approval_event uuid,
  -- Stays while the draft is changed, until another approval is requested.
  add column refusal_event uuid;
