-- H2 writes its catalogue and commits whenever it takes new ids; every audited call and order takes one.
alter table audit_pending alter column id set cache ${event-ids-at-once};
