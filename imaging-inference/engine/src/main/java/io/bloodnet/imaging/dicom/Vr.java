package io.bloodnet.imaging.dicom;

import org.jspecify.annotations.Nullable;

/** Value Representations (PS3.5 section 6.2). */
public enum Vr {
    AE(Kind.TEXT, 16),
    AS(Kind.TEXT, 4),
    AT(Kind.NUMBER, 4),
    CS(Kind.TEXT, 16),
    DA(Kind.TEXT, 18),
    DS(Kind.TEXT, 16),
    DT(Kind.TEXT, 54),
    FD(Kind.NUMBER, 8),
    FL(Kind.NUMBER, 4),
    IS(Kind.TEXT, 12),
    LO(Kind.LOCAL_TEXT, 64),
    LT(Kind.LOCAL_TEXT, 10240),
    OB(Kind.BINARY, 1),
    OD(Kind.BINARY, 8),
    OF(Kind.BINARY, 4),
    OL(Kind.BINARY, 4),
    OV(Kind.BINARY, 8),
    OW(Kind.BINARY, 2),
    PN(Kind.LOCAL_TEXT, 324),
    SH(Kind.LOCAL_TEXT, 16),
    SL(Kind.NUMBER, 4),
    SQ(Kind.SEQUENCE, 0),
    SS(Kind.NUMBER, 2),
    ST(Kind.LOCAL_TEXT, 1024),
    SV(Kind.NUMBER, 8),
    TM(Kind.TEXT, 28),
    UC(Kind.LOCAL_TEXT, Integer.MAX_VALUE),
    UI(Kind.TEXT, 64),
    UL(Kind.NUMBER, 4),
    UN(Kind.BINARY, 1),
    UR(Kind.TEXT, Integer.MAX_VALUE),
    US(Kind.NUMBER, 2),
    UT(Kind.LOCAL_TEXT, Integer.MAX_VALUE),
    UV(Kind.NUMBER, 8);

    /** What the value bytes are. LOCAL_TEXT follows Specific Character Set (0008,0005); TEXT is always ASCII. */
    public enum Kind {
        TEXT,
        LOCAL_TEXT,
        NUMBER,
        BINARY,
        SEQUENCE
    }

    private static final @Nullable Vr[] BY_CODE = new Vr[26 * 26];

    static {
        for (Vr vr : values()) {
            BY_CODE[(vr.name().charAt(0) - 'A') * 26 + vr.name().charAt(1) - 'A'] = vr;
        }
    }

    private final Kind kind;
    private final int size;

    Vr(Kind kind, int size) {
        this.kind = kind;
        this.size = size;
    }

    public Kind kind() {
        return kind;
    }

    boolean isText() {
        return kind == Kind.TEXT || kind == Kind.LOCAL_TEXT;
    }

    /** Bytes of one number, or the most characters of one text value. */
    int size() {
        return size;
    }

    /** Texts in which a backslash is a character and not a separator (PS3.5 section 6.2). */
    boolean isSingleText() {
        return switch (this) {
            case LT, ST, UR, UT -> true;
            case AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, OB, OD, OF, OL, OV, OW -> false;
            case PN, SH, SL, SQ, SS, SV, TM, UC, UI, UL, UN, US, UV -> false;
        };
    }

    /** Whether Explicit VR carries a 32-bit length after two reserved bytes (PS3.5 section 7.1.2). */
    boolean hasLongLength() {
        return switch (this) {
            case OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV -> true;
            case AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US -> false;
        };
    }

    /** The byte that makes an odd value even: a space in texts, zero in UIDs and binary (PS3.5 section 6.2). */
    byte padding() {
        return (byte) (isText() && this != UI ? ' ' : 0);
    }

    /** @return the VR of two ASCII bytes, or null when there is none of that name */
    public static @Nullable Vr of(int first, int second) {
        if (first < 'A' || first > 'Z' || second < 'A' || second > 'Z') {
            return null;
        }
        return BY_CODE[(first - 'A') * 26 + second - 'A'];
    }
}
