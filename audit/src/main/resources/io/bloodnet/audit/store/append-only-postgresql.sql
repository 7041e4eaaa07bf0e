-- Run by the tables' owner at the first start: changes of the log are refused, whoever asks. Statements are separated by "----".
create or replace function audit_refuse_change() returns trigger language plpgsql as
$$ begin raise exception 'the audit log is append-only: % on % refused', tg_op, tg_table_name; end $$
----
create or replace trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function audit_refuse_change()
----
create or replace trigger audit_entry_append_only before update or delete or truncate on audit_entry
    for each statement execute function audit_refuse_change()
----
create or replace trigger audit_node_append_only before update or delete or truncate on audit_node
    for each statement execute function audit_refuse_change()
----
create or replace trigger audit_checkpoint_append_only before update or delete or truncate on audit_checkpoint
    for each statement execute function audit_refuse_change()
----
create or replace trigger audit_cosignature_append_only before update or delete or truncate on audit_cosignature
    for each statement execute function audit_refuse_change()
----
create or replace trigger audit_pending_append_only before update or truncate on audit_pending
    for each statement execute function audit_refuse_change()
----
-- A queue: swept whenever a few thousand rows were taken out, whatever its size, or its readers step over them all.
alter table audit_pending set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)
