package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/** Numbers in binary VRs and in IS and DS texts (PS3.5 section 6.2). */
final class NumberValues {

    // Wider than IS (12) and DS (16) allow, since DICOM JSON servers write DS as longer numbers. No "NaN", "0x1p3" or
    // "1f".
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(?:[0-9]{1,32}\\.?[0-9]{0,32}|\\.[0-9]{1,32})(?:[eE][+-]?[0-9]{1,3})?");

    private static final int DS_LENGTH_MAX = 16;

    private NumberValues() {}

    static long[] integers(DataElement.Value value, DicomObject owner) {
        return switch (value.vr()) {
            case US -> binary(value, bytes -> Short.toUnsignedLong(bytes.getShort()));
            case SS -> binary(value, ByteBuffer::getShort);
            case UL -> binary(value, bytes -> Integer.toUnsignedLong(bytes.getInt()));
            case SL -> binary(value, ByteBuffer::getInt);
            case UV, SV -> binary(value, ByteBuffer::getLong);
            case AT ->
                binary(
                        value,
                        bytes -> Short.toUnsignedLong(bytes.getShort()) << 16 | Short.toUnsignedLong(bytes.getShort()));
            case IS ->
                texts(value, owner, INTEGER).stream().mapToLong(Long::parseLong).toArray();
            case AE, AS, CS, DA, DS, DT, FD, FL, LO, LT, OB, OD, OF, OL, OV, OW -> throw DicomObject.wrongVr(value);
            case PN, SH, SQ, ST, TM, UC, UI, UN, UR, UT -> throw DicomObject.wrongVr(value);
        };
    }

    static double[] decimals(DataElement.Value value, DicomObject owner) {
        return switch (value.vr()) {
            case FD -> real(value, ByteBuffer::getDouble);
            case FL -> real(value, ByteBuffer::getFloat);
            case DS ->
                finite(
                        value.tag(),
                        texts(value, owner, DECIMAL).stream()
                                .mapToDouble(Double::parseDouble)
                                .toArray());
            case US, SS, UL, SL, UV, SV, IS -> toDoubles(integers(value, owner));
            case AE, AS, AT, CS, DA, DT, LO, LT, OB, OD, OF, OL, OV, OW -> throw DicomObject.wrongVr(value);
            case PN, SH, SQ, ST, TM, UC, UI, UN, UR, UT -> throw DicomObject.wrongVr(value);
        };
    }

    /** The shortest DS of at most 16 characters that is nearest to the number. */
    static String decimalString(int tag, double number) {
        if (!Double.isFinite(number)) {
            throw invalid(tag);
        }
        BigDecimal exact = BigDecimal.valueOf(number).stripTrailingZeros();
        for (int digits = 17; digits > 0; digits--) {
            BigDecimal rounded =
                    exact.round(new MathContext(digits, RoundingMode.HALF_EVEN)).stripTrailingZeros();
            String plain = rounded.toPlainString();
            String shortest = plain.length() <= DS_LENGTH_MAX ? plain : rounded.toString();
            if (shortest.length() <= DS_LENGTH_MAX) {
                return shortest;
            }
        }
        throw invalid(tag);
    }

    private static List<String> texts(DataElement.Value value, DicomObject owner, Pattern form) {
        List<String> texts = owner.strings(value.tag());
        if (!texts.stream().allMatch(text -> form.matcher(text).matches())) {
            throw invalid(value.tag());
        }
        return texts;
    }

    private static long[] binary(DataElement.Value value, ToLongFunction<ByteBuffer> next) {
        ByteBuffer bytes = whole(value);
        long[] numbers = new long[bytes.remaining() / value.vr().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = next.applyAsLong(bytes);
        }
        return numbers;
    }

    private static double[] real(DataElement.Value value, ToDoubleFunction<ByteBuffer> next) {
        ByteBuffer bytes = whole(value);
        double[] numbers = new double[bytes.remaining() / value.vr().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = next.applyAsDouble(bytes);
        }
        return finite(value.tag(), numbers);
    }

    private static ByteBuffer whole(DataElement.Value value) {
        int length = value.bytes().length();
        if (length % value.vr().size() != 0) {
            throw new DicomException(
                    Code.INVALID_VALUE,
                    Tag.text(value.tag()) + " of " + length + " bytes is no multiple of "
                            + value.vr().size());
        }
        if (length > DicomObject.TEXT_BYTES_MAX) {
            throw new DicomException(
                    Code.TOO_LARGE, Tag.text(value.tag()) + " has more than " + DicomObject.TEXT_BYTES_MAX + " bytes");
        }
        return value.bytes().buffer();
    }

    private static double[] toDoubles(long[] integers) {
        double[] numbers = new double[integers.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = integers[i];
        }
        return numbers;
    }

    private static double[] finite(int tag, double[] numbers) {
        for (double number : numbers) {
            if (!Double.isFinite(number)) {
                throw invalid(tag);
            }
        }
        return numbers;
    }

    private static DicomException invalid(int tag) {
        return new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " holds what is no finite number of its VR");
    }
}
