-- A message's key was the hash of its channel, sender and id: each new row was written at another place of the key's index. Now it is that
-- text itself (see Arrivals.key), so that rows of one moment lie side by side. Where the columns do not hold the whole text (it did not fit),
-- the hash stays, as it does for new messages. The new name makes a server of an older version that still runs fail, and its senders try
-- again; it would not know the new keys and take a message twice.
alter table inbox alter column dedupe_key set data type varchar(510);
update inbox set dedupe_key = channel || chr(10) || sender || chr(10) || message_id
  where dedupe_key = ${sha256-begin}channel || chr(10) || sender || chr(10) || message_id${sha256-end};
alter table inbox rename column dedupe_key to known_by;
