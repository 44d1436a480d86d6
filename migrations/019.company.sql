-- What callers call the company, and the language that most of them speak. Null: not set; CONSENTRY_OPERATOR has the default of the name.
alter table installation
  add column company text,
  add column language text check (language in ('ru', 'en'));
