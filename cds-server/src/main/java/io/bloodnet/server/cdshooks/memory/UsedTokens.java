package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.security.TokenUse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The tokens that were used and are not dead yet, each under 64 bits of a hash of issuer and {@code jti}. Two tokens with one hash are so
 * unlikely (3 in 10^9 with 330,000 live ones) that the second may well be refused; a used token is never let pass. Plain JDBC and one
 * statement for all tokens of a commit: every call comes here.
 */
final class UsedTokens {

    private static final String INSERT = """
            insert into cds_used_token (token_hash, forget_after)
            select e.h, cast(e.f as timestamp(6) with time zone)
            from unnest(cast(? as bigint array), cast(? as varchar array)) as e(h, f)
            where not exists (select 1 from cds_used_token t where t.token_hash = e.h)""";
    private static final String[] INSERTED = {"token_hash"};

    private UsedTokens() {}

    /** Marks the calls' tokens as used; returns which calls bring one that was used before, also by a call ahead of them. */
    static Set<Integer> use(Connection connection, List<CardStore.Call> calls) throws SQLException {
        Map<Long, Integer> firstUses = new LinkedHashMap<>();
        Set<Integer> replayed = new HashSet<>();
        for (int i = 0; i < calls.size(); i++) {
            TokenUse token = calls.get(i).token();
            if (token != null && firstUses.putIfAbsent(hash(token), i) != null) {
                replayed.add(i);
            }
        }
        Set<Long> inserted = firstUses.isEmpty() ? Set.of() : insert(connection, calls, firstUses);
        firstUses.forEach((hash, i) -> {
            if (!inserted.contains(hash)) {
                replayed.add(i);
            }
        });
        return replayed;
    }

    /** The hashes that were not there yet. */
    private static Set<Long> insert(Connection connection, List<CardStore.Call> calls, Map<Long, Integer> firstUses)
            throws SQLException {
        Object[] forgetAfter = firstUses.values().stream()
                .map(i -> Objects.requireNonNull(calls.get(i).token())
                        .forgetAfter()
                        .toString())
                .toArray();
        Set<Long> inserted = new HashSet<>();
        try (PreparedStatement insert = connection.prepareStatement(INSERT, INSERTED)) {
            insert.setArray(
                    1, connection.createArrayOf("bigint", firstUses.keySet().toArray()));
            insert.setArray(2, connection.createArrayOf("varchar", forgetAfter));
            insert.executeUpdate();
            try (ResultSet rows = insert.getGeneratedKeys()) {
                while (rows.next()) {
                    inserted.add(rows.getLong(1));
                }
            }
        }
        return inserted;
    }

    /** Forgets the tokens that would be refused as expired; returns how many there were. */
    static int forgetDead(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from cds_used_token where forget_after < ?")) {
            delete.setObject(1, now.atOffset(ZoneOffset.UTC));
            return delete.executeUpdate();
        }
    }

    private static long hash(TokenUse token) {
        MessageDigest sha = Sha256.begin();
        sha.update(token.issuer().getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0); // so that no issuer runs into its jti
        return ByteBuffer.wrap(sha.digest(token.tokenId().getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }
}
