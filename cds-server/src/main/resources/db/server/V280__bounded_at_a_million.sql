-- What pages, metrics and chores ask again and again, without reading what ended long ago: the newest of each state, and deliveries by state.
create index job_by_state_newest on job (state, updated_at desc, id);
create index delivery_by_state on delivery (state, destination, id);
