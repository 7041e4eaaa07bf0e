-- What the server's own role may do with the log, to be run by the tables' owner after the migration, in place of any wider grant:
-- add entries, read them, take them out of the waiting room. ROLE is the role's name. Statements are separated by "----".
revoke all on audit_log, audit_lock, audit_pending, audit_entry, audit_node, audit_checkpoint, audit_cosignature, audit_feed from ROLE
----
grant select, insert on audit_log, audit_entry, audit_node, audit_checkpoint, audit_cosignature to ROLE
----
grant select, insert, delete on audit_pending to ROLE
----
grant select, update on audit_lock to ROLE
----
grant select, insert, update on audit_feed to ROLE
