package io.bloodnet.audit.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/** H2's trigger on the log's tables: nothing is changed or deleted by an ordinary statement. Made by H2. */
public final class RefuseChange implements Trigger {

    @Override
    public void fire(Connection connection, Object @Nullable [] oldRow, Object @Nullable [] newRow)
            throws SQLException {
        throw new SQLException("the audit log is append-only: a change was refused");
    }
}
