-- Destruction looks up the holds in force in the journal itself.
create index event_of_hold on event ((data ->> 'hold')) where type in ('hold.placed', 'hold.released');
