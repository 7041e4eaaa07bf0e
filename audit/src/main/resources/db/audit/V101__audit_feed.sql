-- How far each destination of the log came, such as an audit repository: entries before next_seq have arrived there.
create table audit_feed (
    name     varchar(256) primary key,
    next_seq bigint not null
);
