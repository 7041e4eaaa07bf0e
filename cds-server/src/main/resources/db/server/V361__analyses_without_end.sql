-- Analyses of a study that began one after the other and never ended: whoever ran them died. One that kills its process must not do so for
-- ever. The row goes when an analysis ends.
create table analysis_attempt (
  study_uid  varchar(64) not null primary key,
  unfinished int not null,
  begun_at   timestamp(6) with time zone not null
);
