package io.bloodnet.server.store;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a row of ours stands in a table: the one place that says which part goes into which column.
 *
 * @param <T> what one row is made of
 */
public record Table<T>(String name, List<Column<T>> columns) {

    /** Copies the list. */
    public Table {
        columns = List.copyOf(columns);
    }

    /** What a column holds, as PostgreSQL calls it; the Java type is what goes into an array for it. */
    public enum Kind {
        TEXT("varchar", String.class),
        BYTES("bytea", byte[].class),
        BOOLEAN("bool", Boolean.class),
        INT("int4", Integer.class),
        LONG("int8", Long.class),
        DOUBLE("float8", Double.class),
        /** An {@link Instant}, written as text. */
        TIME("timestamptz", String.class);

        final String postgres;
        final Class<?> java;

        Kind(String postgres, Class<?> java) {
            this.postgres = postgres;
            this.java = java;
        }
    }

    /** @param value what goes into the column, of the kind's Java type (an {@link Instant} for {@link Kind#TIME}); null for none */
    public record Column<T>(String name, Kind kind, Function<T, @Nullable Object> value) {

        /** A column. */
        public static <T> Column<T> of(String name, Kind kind, Function<T, @Nullable Object> value) {
            return new Column<>(name, kind, value);
        }

        /** What stands for one value in a statement. */
        public String parameter() {
            return kind == Kind.TIME ? "cast(? as timestamp(6) with time zone)" : "?";
        }

        /** The value as the drivers take it. */
        public @Nullable Object of(T row) {
            Object value = this.value.apply(row);
            return value instanceof Instant at ? at.toString() : value;
        }
    }

    private String names() {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    /** Adds one row; the parameters are the columns. */
    String insertOne() {
        String values = columns.stream().map(Column::parameter).collect(Collectors.joining(", "));
        return "insert into " + name + " (" + names() + ") values (" + values + ")";
    }

    /** Adds many rows on PostgreSQL; the parameters are arrays, one for each column. */
    String insertMany() {
        String arrays = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        return "insert into " + name + " (" + names() + ") select * from unnest(" + arrays + ")";
    }
}
