package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.security.TokenUse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The store in memory; kept honest by {@link CardStoreContract}. */
public final class FakeCardStore implements CardStore {

    private final AuditLog audit;
    private final InstantSource clock;
    private final Map<String, ShownCard> cards = new LinkedHashMap<>();
    private final Map<List<Object>, Acknowledgement> feedback = new LinkedHashMap<>();
    private final Set<List<String>> tokens = new HashSet<>();
    private Runnable before = () -> {};

    public FakeCardStore(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** Runs before each write, outside the lock: to stall, or to throw. */
    public synchronized void beforeWrite(Runnable action) {
        before = action;
    }

    public synchronized List<ShownCard> cards() {
        return List.copyOf(cards.values());
    }

    @Override
    public synchronized List<Acknowledgement> acknowledgements(Collection<String> jobIds) {
        return feedback.values().stream()
                .filter(a -> jobIds.contains(a.topic().jobId()))
                .toList();
    }

    @Override
    public synchronized Optional<ShownCard> card(String uuid) {
        return Optional.ofNullable(cards.get(uuid));
    }

    @Override
    public Written write(Call call) {
        Runnable action;
        synchronized (this) {
            action = before;
        }
        action.run();
        return store(call);
    }

    private synchronized Written store(Call call) {
        TokenUse token = call.token();
        if (token != null && tokens.contains(List.of(token.issuer(), token.tokenId()))) {
            return new Written.Replayed();
        }
        try {
            call.events().forEach(audit::record);
        } catch (AuditUnavailableException e) {
            throw new CardStoreException(CardStoreException.Fault.AUDIT, "the audit log cannot be written", e);
        }
        if (token != null) {
            tokens.add(List.of(token.issuer(), token.tokenId()));
        }
        call.cards().forEach(card -> cards.put(card.uuid(), card));
        List<Feedback> fresh = new ArrayList<>();
        for (Feedback f : call.feedback()) {
            ShownCard card = cards.get(f.cardUuid());
            List<Object> key = List.of(f.cardUuid(), f.outcome());
            if (card != null && !feedback.containsKey(key)) {
                feedback.put(
                        key,
                        new Acknowledgement(
                                card.topic(), card.userId(), card.encounterId(), f.outcome(), clock.instant()));
                fresh.add(f);
            }
        }
        return new Written.Stored(fresh);
    }
}
