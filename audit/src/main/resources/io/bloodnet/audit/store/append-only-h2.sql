-- Run at the first start. H2 tells triggers of UPDATE and DELETE only, and its administrator can drop them: evidence is in the checkpoints.
create trigger if not exists audit_log_append_only before update, delete on audit_log
    for each row call 'io.bloodnet.audit.store.RefuseChange'
----
create trigger if not exists audit_entry_append_only before update, delete on audit_entry
    for each row call 'io.bloodnet.audit.store.RefuseChange'
----
create trigger if not exists audit_node_append_only before update, delete on audit_node
    for each row call 'io.bloodnet.audit.store.RefuseChange'
----
create trigger if not exists audit_checkpoint_append_only before update, delete on audit_checkpoint
    for each row call 'io.bloodnet.audit.store.RefuseChange'
----
create trigger if not exists audit_cosignature_append_only before update, delete on audit_cosignature
    for each row call 'io.bloodnet.audit.store.RefuseChange'
