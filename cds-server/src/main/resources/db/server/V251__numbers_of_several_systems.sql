-- A number names an order together with who gave it and whom it is about: several jobs may have one number. The primary key still makes two
-- sources that race meet: both would be the nth of that name, and one of them begins again and sees the other.
create table order_name (
  name      varchar(300) not null,
  nth       int not null,
  namespace varchar(200),
  job_id    varchar(36) not null references job (id),
  primary key (name, nth)
);
insert into order_name (name, nth, job_id) select alias, 0, job_id from job_alias;
create index order_name_by_job on order_name (job_id);
drop table job_alias;
