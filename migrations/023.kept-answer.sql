-- The words of a spoken yes may be kept as a recording of the purpose `consent`, which no question asked for.
alter table recording
  -- Of such a recording: the purpose whose question was answered.
  add column keeps text check (keeps is null or purpose = 'consent'),
  -- The purpose of the answer on which the recording rests.
  add column answer_purpose text generated always as (coalesce(keeps, purpose)) stored,
  drop constraint recording_basis_call_id_purpose_on_positive_fkey,
  add foreign key (basis, call_id, answer_purpose, on_positive) references answer (event, call_id, purpose, positive);
