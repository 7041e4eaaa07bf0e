-- Attempts of a delivery that began one after the other and never ended: whoever made them died. One that kills its process must not do so
-- for ever.
alter table delivery add column unfinished int default 0 not null;
alter table delivery add column begun_at timestamp(6) with time zone;
