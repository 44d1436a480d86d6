-- Callers hear more languages than two: those that have a folder (docs/configure.md). The console checks which.
alter table installation drop constraint installation_language_check;
