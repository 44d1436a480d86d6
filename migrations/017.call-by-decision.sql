-- Calls of a decision that is rare are found without reading all others.
create index call_by_decision on call (decision, started_at desc, id);
