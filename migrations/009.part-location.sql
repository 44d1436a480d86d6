-- In which store the container of a part lies. Those of older versions lie in the store that CONSENTRY_STORE names.
alter table part add column location text not null default 'disk';
