package io.bloodnet.audit.verify;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Reading one state of the database while servers go on writing. The connection goes back as it came. */
final class Snapshot {

    private Snapshot() {}

    /** Reads what it needs over the connection. */
    interface Reading<T, E extends Exception> {
        T from(Connection connection) throws SQLException, E;
    }

    static <T, E extends Exception> T read(DataSource database, Reading<T, E> reading) throws SQLException, E {
        try (Connection connection = database.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            int isolation = connection.getTransactionIsolation();
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                return reading.from(connection);
            } finally {
                connection.rollback();
                connection.setTransactionIsolation(isolation);
                connection.setAutoCommit(autoCommit);
            }
        }
    }
}
