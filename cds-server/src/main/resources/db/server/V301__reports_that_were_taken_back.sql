-- When a person's final report on the study was taken back; null while it stands, or there is none. human_read_at stays: what is not newer than
-- that does not come back to life.
-- human_report: which of the EHR's reports counts, so that another one that is cancelled takes nothing back; null when that is not known.
alter table job add column human_taken_back_at timestamp(6) with time zone;
alter table job add column human_report varchar(200);
