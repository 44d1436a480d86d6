-- The alarms that stand are found from the latest start of a service on.
create index event_of_alarm on event (id) where type in ('alarm.raised', 'alarm.cleared', 'service.started');
