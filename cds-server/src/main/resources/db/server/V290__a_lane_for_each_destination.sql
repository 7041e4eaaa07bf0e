-- A queue for each destination: one that hangs must not keep the others' deliveries from being tried. The same documented layout of
-- db-scheduler as before. What waits moves along; the sweep would find it too.
create table scheduled_pacs (
  task_name            varchar(40) not null,
  task_instance        varchar(36) not null,
  task_data            ${blob},
  execution_time       timestamp(6) with time zone not null,
  picked               boolean not null,
  picked_by            varchar(60),
  last_success         timestamp(6) with time zone,
  last_failure         timestamp(6) with time zone,
  consecutive_failures int,
  last_heartbeat       timestamp(6) with time zone,
  version              bigint not null,
  priority             smallint,
  primary key (task_name, task_instance)
);
create index scheduled_pacs_due on scheduled_pacs (execution_time);
create index scheduled_pacs_heartbeat on scheduled_pacs (last_heartbeat);
create index scheduled_pacs_priority on scheduled_pacs (priority desc, execution_time asc);

create table scheduled_ehr (
  task_name            varchar(40) not null,
  task_instance        varchar(36) not null,
  task_data            ${blob},
  execution_time       timestamp(6) with time zone not null,
  picked               boolean not null,
  picked_by            varchar(60),
  last_success         timestamp(6) with time zone,
  last_failure         timestamp(6) with time zone,
  consecutive_failures int,
  last_heartbeat       timestamp(6) with time zone,
  version              bigint not null,
  priority             smallint,
  primary key (task_name, task_instance)
);
create index scheduled_ehr_due on scheduled_ehr (execution_time);
create index scheduled_ehr_heartbeat on scheduled_ehr (last_heartbeat);
create index scheduled_ehr_priority on scheduled_ehr (priority desc, execution_time asc);

create table scheduled_hl7 (
  task_name            varchar(40) not null,
  task_instance        varchar(36) not null,
  task_data            ${blob},
  execution_time       timestamp(6) with time zone not null,
  picked               boolean not null,
  picked_by            varchar(60),
  last_success         timestamp(6) with time zone,
  last_failure         timestamp(6) with time zone,
  consecutive_failures int,
  last_heartbeat       timestamp(6) with time zone,
  version              bigint not null,
  priority             smallint,
  primary key (task_name, task_instance)
);
create index scheduled_hl7_due on scheduled_hl7 (execution_time);
create index scheduled_hl7_heartbeat on scheduled_hl7 (last_heartbeat);
create index scheduled_hl7_priority on scheduled_hl7 (priority desc, execution_time asc);

insert into scheduled_pacs (task_name, task_instance, execution_time, picked, version, priority)
  select s.task_name, s.task_instance, s.execution_time, false, s.version, s.priority
    from scheduled_delivery s join delivery d on d.id = s.task_instance where d.destination = 'pacs';
insert into scheduled_ehr (task_name, task_instance, execution_time, picked, version, priority)
  select s.task_name, s.task_instance, s.execution_time, false, s.version, s.priority
    from scheduled_delivery s join delivery d on d.id = s.task_instance where d.destination = 'ehr';
insert into scheduled_hl7 (task_name, task_instance, execution_time, picked, version, priority)
  select s.task_name, s.task_instance, s.execution_time, false, s.version, s.priority
    from scheduled_delivery s join delivery d on d.id = s.task_instance where d.destination = 'hl7';
drop table scheduled_delivery;
