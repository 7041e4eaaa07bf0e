-- What the pipeline must not forget while it works on an order.
-- version: every save counts it up; a save from a row that was read before another save is refused.
-- waiting_since: since when the images could be expected; the give-up clock runs from then.
-- outages: looks in a row that the archive's bad weather ended; they are not attempts that broke in us.
-- in_doubt: whether it is doubtful that the finding is this patient's; no card then.
-- incomplete_since: when the archive itself first said that images are missing.
-- images_digest: which images were analyzed, by their UIDs; null when the archive could not list them.
alter table job add column version bigint default 0 not null;
alter table job add column waiting_since timestamp(6) with time zone;
update job set waiting_since = accepted_at;
alter table job add column outages int default 0 not null;
alter table job add column in_doubt boolean default false not null;
update job set in_doubt = true where state = 'ON_HOLD';
alter table job add column incomplete_since timestamp(6) with time zone;
alter table job add column images_digest varchar(64);
