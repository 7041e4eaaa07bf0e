package io.bloodnet.server.cdshooks;

import io.bloodnet.server.security.TokenUse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tokens that were used and are not dead yet, each under 64 bits of a hash of issuer and {@code jti}. Two tokens with one hash are so
 * unlikely (3 in 10^9 with 330,000 live ones) that the second may well be refused; a used token is never let pass. Plain JDBC in one
 * batch: every call comes here.
 */
final class UsedTokens {

    private static final String INSERT = """
            insert into cds_used_token (token_hash, forget_after)
            select v.token_hash, v.forget_after
            from (select cast(? as bigint) as token_hash, cast(? as timestamp(6) with time zone) as forget_after) v
            where not exists (select 1 from cds_used_token t where t.token_hash = v.token_hash)""";

    private UsedTokens() {}

    /** Marks the calls' tokens as used; returns which calls bring one that was used before, also by a call ahead of them. */
    static Set<Integer> use(Connection connection, List<CardStore.Call> calls) throws SQLException {
        List<Integer> withToken = new ArrayList<>();
        Set<Integer> replayed = new HashSet<>();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < calls.size(); i++) {
                TokenUse token = calls.get(i).token();
                if (token != null) {
                    withToken.add(i);
                    insert.setLong(1, hash(token));
                    insert.setObject(2, token.forgetAfter().atOffset(ZoneOffset.UTC));
                    insert.addBatch();
                }
            }
            int[] inserted = withToken.isEmpty() ? new int[0] : insert.executeBatch();
            for (int i = 0; i < inserted.length; i++) {
                if (inserted[i] == 0) {
                    replayed.add(withToken.get(i));
                }
            }
        }
        return replayed;
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
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(token.issuer().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0); // so that no issuer runs into its jti
            return ByteBuffer.wrap(sha.digest(token.tokenId().getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
