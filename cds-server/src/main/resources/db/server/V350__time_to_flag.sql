-- How long the first word of a suspected bleed took: from when its order and images were both there (flag_from) until it could be seen, and until
-- each receiver acknowledged it.
alter table job add column flag_from timestamp(6) with time zone;
alter table job add column flag_card_ms bigint;
alter table job add column flag_ehr_ms bigint;
alter table job add column flag_hl7_ms bigint;
