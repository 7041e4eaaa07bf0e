-- People who signed in. id_hash is the hash of what their browser's cookie holds.
create table web_session (
  id_hash  varchar(64)  not null primary key,
  person   varchar(200) not null,
  name     varchar(200) not null,
  roles    varchar(100) not null,
  id_token text         not null,
  begun_at timestamp(6) with time zone not null,
  used_at  timestamp(6) with time zone not null
);
create index web_session_used on web_session (used_at);
