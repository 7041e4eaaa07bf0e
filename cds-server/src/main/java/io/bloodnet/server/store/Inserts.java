package io.bloodnet.server.store;

import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * New rows of several tables, written together. On PostgreSQL that is one trip, and one statement for each table however many rows it gets:
 * trips and statements are what a small transaction costs there. H2 is no trip away and takes row by row. For one thread.
 */
public final class Inserts {

    private record Part<T>(Table<T> table, List<T> rows) {}

    private final List<Part<?>> parts = new ArrayList<>();

    /** Adds rows, to be written after those that were added before. */
    public <T> Inserts add(Table<T> table, List<T> rows) {
        if (!rows.isEmpty()) {
            parts.add(new Part<>(table, List.copyOf(rows)));
        }
        return this;
    }

    /**
     * Writes all of them in the connection's transaction.
     *
     * @throws StoreException if the database rejects the rows; its cause says why
     */
    public void write(Connection transaction) {
        if (parts.isEmpty()) {
            return;
        }
        try {
            if (transaction.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                writeTogether(transaction);
                return;
            }
            for (Part<?> part : parts) {
                writeRows(transaction, part);
            }
        } catch (SQLException e) {
            throw new StoreException("the rows were not taken", e);
        }
    }

    private void writeTogether(Connection transaction) throws SQLException {
        String sql = parts.stream().map(part -> part.table().insertMany()).collect(Collectors.joining(";"));
        try (PreparedStatement insert = transaction.prepareStatement(sql)) {
            int parameter = 1;
            for (Part<?> part : parts) {
                parameter = bindArrays(transaction, insert, parameter, part);
            }
            insert.execute();
        }
    }

    private static <T> int bindArrays(Connection transaction, PreparedStatement insert, int first, Part<T> part)
            throws SQLException {
        int parameter = first;
        for (Table.Column<T> column : part.table().columns()) {
            Object values = Array.newInstance(column.kind().java, part.rows().size());
            for (int i = 0; i < part.rows().size(); i++) {
                Array.set(values, i, column.of(part.rows().get(i)));
            }
            insert.setArray(parameter++, transaction.createArrayOf(column.kind().postgres, (Object[]) values));
        }
        return parameter;
    }

    private static <T> void writeRows(Connection transaction, Part<T> part) throws SQLException {
        try (PreparedStatement insert =
                transaction.prepareStatement(part.table().insertOne())) {
            for (T row : part.rows()) {
                int parameter = 1;
                for (Table.Column<T> column : part.table().columns()) {
                    insert.setObject(parameter++, column.of(row));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
