package io.bloodnet.server.fhir;

import io.bloodnet.fhir.face.MadeResource;
import io.bloodnet.fhir.face.MadeResources;
import io.bloodnet.server.store.Database;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What we wrote into the EHR, in our database. Also where a job learns what the EHR calls its patient. Safe for all threads. */
public final class MadeResourceStore implements MadeResources {

    private final Database database;

    /** Over this database. */
    public MadeResourceStore(Database database) {
        this.database = database;
    }

    @Override
    public void keep(List<MadeResource> resources) {
        database.inTransaction(handle -> {
            resources.forEach(resource -> keep(handle, resource));
            return true;
        });
    }

    private static void keep(Handle handle, MadeResource made) {
        handle.execute("delete from made_identifier where type = ? and id = ?", made.type(), made.id());
        handle.execute("delete from made_resource where type = ? and id = ?", made.type(), made.id());
        Optional<String> job = handle.createQuery(
                        "select job_id from delivery where destination = 'ehr' and idempotency_key = :key limit 1")
                .bind("key", made.report())
                .mapTo(String.class)
                .findOne();
        handle.createUpdate("insert into made_resource (type, id, job_id, patient, report, delivered_at, json)"
                        + " values (:type, :id, :job, :patient, :report, :at, :json)")
                .bind("type", made.type())
                .bind("id", made.id())
                .bind("job", job.orElse(null))
                .bind("patient", made.patient())
                .bind("report", made.report())
                .bind("at", made.deliveredAt().atOffset(ZoneOffset.UTC))
                .bind("json", new String(made.json(), StandardCharsets.UTF_8))
                .execute();
        for (String identifier : made.identifiers()) {
            handle.execute(
                    "insert into made_identifier (type, id, identifier, value_only) values (?, ?, ?, ?)",
                    made.type(),
                    made.id(),
                    identifier,
                    identifier.substring(identifier.lastIndexOf('|') + 1));
        }
        if (job.isPresent() && made.patient() != null && made.patient().startsWith("Patient/")) {
            handle.execute(
                    "update job set ehr_patient = ? where id = ? and ehr_patient is null", made.patient(), job.get());
        }
    }

    @Override
    public Optional<MadeResource> read(String type, String id) {
        return database.read(handle -> handle.createQuery("select * from made_resource where type = :type and id = :id")
                .bind("type", type)
                .bind("id", id)
                .map((row, context) -> resource(handle, row))
                .findOne());
    }

    @Override
    public List<MadeResource> find(Query query) {
        StringBuilder sql = new StringBuilder("select * from made_resource m where m.type = :type");
        if (!query.ids().isEmpty()) {
            sql.append(" and m.id in (<ids>)");
        }
        if (query.patient() != null) {
            sql.append(" and m.patient = :patient");
        }
        if (query.identifier() != null) {
            sql.append(" and exists (select 1 from made_identifier i where i.type = m.type and i.id = m.id and ")
                    .append(query.identifier().contains("|") ? "i.identifier" : "i.value_only")
                    .append(" = :identifier)");
        }
        sql.append(" order by m.delivered_at desc, m.id limit :limit offset :offset");
        return database.read(handle -> {
            var statement = handle.createQuery(sql.toString()).bind("type", query.type());
            if (!query.ids().isEmpty()) {
                statement.bindList("ids", query.ids());
            }
            if (query.patient() != null) {
                statement.bind("patient", query.patient());
            }
            if (query.identifier() != null) {
                statement.bind("identifier", query.identifier());
            }
            return statement
                    .bind("limit", query.limit())
                    .bind("offset", query.offset())
                    .map((row, context) -> resource(handle, row))
                    .list();
        });
    }

    private static MadeResource resource(Handle handle, ResultSet row) throws SQLException {
        String type = row.getString("type");
        String id = row.getString("id");
        List<String> identifiers = handle.createQuery(
                        "select identifier from made_identifier where type = :type and id = :id")
                .bind("type", type)
                .bind("id", id)
                .mapTo(String.class)
                .list();
        return new MadeResource(
                type,
                id,
                identifiers,
                row.getString("patient"),
                row.getString("report"),
                row.getString("json").getBytes(StandardCharsets.UTF_8),
                row.getObject("delivered_at", OffsetDateTime.class).toInstant());
    }
}
