package io.bloodnet.server;

import io.bloodnet.server.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Writes down each statement that passes, and asks the database afterwards how it runs it: which tables it reads from end to end and how many
 * rows it looks at. What the asking changes is rolled back.
 */
final class AskedAgain implements SqlLogger {

    /** Tables with a row for each order, or several. */
    private static final Set<String> BIG =
            Set.of("job", "delivery", "scheduled_job", "scheduled_ehr", "ehr_task", "order_name", "inbox");

    private static final Pattern H2_SCAN = Pattern.compile("PUBLIC\\.(\\w+)\\.tableScan");
    private static final Pattern H2_ROWS = Pattern.compile("scanCount: (\\d+)");
    private static final Pattern POSTGRES_SCAN = Pattern.compile("Seq Scan on (\\w+)");
    private static final Pattern POSTGRES_ROWS =
            Pattern.compile("(?:Index|Index Only|Heap|Seq) Scan.*\\(actual rows=([\\d.]+) loops=(\\d+)\\)");
    private static final Pattern POSTGRES_FILTERED = Pattern.compile("Rows Removed by Filter: (\\d+)");

    /** Statements with the same words, but other values, that are looked at. */
    private static final int SAME_MAX = 12;

    private final Map<String, List<Asked>> asked = new LinkedHashMap<>();

    private record Asked(String sql, List<Argument> arguments, StatementContext context, long micros) {}

    /**
     * How the database runs a statement.
     *
     * @param micros how long it took when it was asked
     * @param rows that were looked at
     * @param readWhole big tables that were read from end to end
     */
    record Plan(String sql, long micros, long rows, Set<String> readWhole, String words) {}

    /** From now on, statements of this database are written down. */
    AskedAgain(Database database) {
        database.jdbi().getConfig(SqlStatements.class).setSqlLogger(this);
    }

    /** Forgets what it has; the database's caches are warm then. */
    void begin() {
        asked.clear();
    }

    @Override
    @SuppressWarnings("removal") // there is nothing else yet that says what was bound
    public synchronized void logAfterExecution(StatementContext context) {
        ParsedSql sql = context.getParsedSql();
        List<Argument> arguments = new ArrayList<>();
        List<String> names = sql.getParameters().getParameterNames();
        for (int i = 0; i < sql.getParameters().getParameterCount(); i++) {
            var binding = context.getBinding();
            arguments.add((sql.getParameters().isPositional()
                            ? binding.findForPosition(i)
                            : binding.findForName(names.get(i), context))
                    .orElseThrow());
        }
        long micros = context.getElapsedTime(ChronoUnit.MICROS);
        List<Asked> same = asked.computeIfAbsent(sql.getSql(), text -> new ArrayList<>());
        if (same.size() < SAME_MAX) {
            same.add(new Asked(sql.getSql(), arguments, context, micros));
        }
    }

    /**
     * The plans of all that were written down.
     *
     * @param small whether the tables are so small that PostgreSQL may rightly read them whole: then it is asked how it would do without
     */
    Collection<Plan> plans(Database database, boolean small) throws SQLException {
        List<Plan> plans = new ArrayList<>();
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            if (!database.isH2() && small) {
                connection
                        .createStatement()
                        .execute("set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;"
                                + " set enable_bitmapscan = off; set enable_sort = off");
                connection.commit();
            }
            for (List<Asked> same : List.copyOf(asked.values())) {
                List<Plan> each = new ArrayList<>();
                for (Asked one : same) {
                    each.add(plan(connection, one, database.isH2()));
                    connection.rollback();
                }
                plans.add(Collections.max(each, Comparator.comparing(Plan::rows)));
            }
        }
        return plans;
    }

    private static Plan plan(Connection connection, Asked one, boolean h2) throws SQLException {
        String explain = h2 ? "explain analyze " : "explain (analyze, costs off, timing off, summary off) ";
        StringBuilder words = new StringBuilder();
        try (PreparedStatement statement = connection.prepareStatement(explain + one.sql())) {
            for (int i = 0; i < one.arguments().size(); i++) {
                one.arguments().get(i).apply(i + 1, statement, one.context());
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    words.append(rows.getString(1)).append('\n');
                }
            }
        }
        Set<String> whole = new java.util.TreeSet<>();
        Matcher scan = (h2 ? H2_SCAN : POSTGRES_SCAN).matcher(words);
        while (scan.find()) {
            whole.add(scan.group(1).toLowerCase(java.util.Locale.ROOT));
        }
        whole.retainAll(BIG);
        long rows = h2 ? sum(H2_ROWS, words) : sum(POSTGRES_ROWS, words) + sum(POSTGRES_FILTERED, words);
        return new Plan(one.sql(), one.micros(), rows, whole, words.toString());
    }

    private static long sum(Pattern pattern, CharSequence words) {
        long sum = 0;
        for (Matcher matcher = pattern.matcher(words); matcher.find(); ) {
            sum += (long) Double.parseDouble(matcher.group(1))
                    * (matcher.groupCount() == 2 ? Long.parseLong(matcher.group(2)) : 1);
        }
        return sum;
    }
}
