-- What the EHR was last told of orders that have no result yet. The row goes when the order ends.
create table ehr_task (
    job_id varchar(36) not null primary key references job (id),
    state  varchar(30) not null
);
