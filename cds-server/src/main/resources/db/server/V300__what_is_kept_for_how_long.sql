-- What a sweep must know of old rows (see the package retention).
-- inbox.job_id: the order of ours that the message was about; null for a stranger's, and for messages of before this version.
-- delivery.whole: whether the mask and the key image are still there, so that a look for old ones does not read what was erased long ago.
alter table inbox add column job_id varchar(36);
alter table delivery add column whole boolean default true not null;
create index delivery_whole_by_end on delivery (whole, ended_at);
create index made_resource_by_age on made_resource (delivered_at);
