-- Who has seen a suspicion. finding names what was seen: another result is unseen again.
create table suspicion_seen (
  job_id  varchar(36)  not null primary key references job (id),
  finding varchar(200) not null,
  person  varchar(200) not null,
  name    varchar(200) not null,
  seen_at timestamp(6) with time zone not null
);
create index suspicion_seen_at on suspicion_seen (seen_at);

-- What people say of a result. Nothing is ever changed or removed here; a person's newest word counts.
create table opinion (
  id       varchar(36)  not null primary key,
  job_id   varchar(36)  not null references job (id),
  finding  varchar(200) not null,
  person   varchar(200) not null,
  name     varchar(200) not null,
  agrees   boolean      not null,
  reason   varchar(20),
  note     varchar(500),
  said_at  timestamp(6) with time zone not null
);
create index opinion_of_job on opinion (job_id, said_at);
