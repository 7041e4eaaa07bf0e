package io.bloodnet.audit.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Placeholder replaced below. */
final class AppendOnly {
    private AppendOnly() {}

    static void prepare(Connection connection, boolean required) throws SQLException {}
}
