package io.bloodnet.imaging.bloodnet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes small ONNX graphs (onnx.proto3, IR version 8, opset 17), for measuring the engine and for tests with a network whose answers are
 * known. Only what those need: float inputs and outputs, nodes with integer attributes, float and int64 constants.
 */
public final class OnnxGraph {

    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;

    private final Message graph = new Message();
    private int nodes;

    /** Protocol buffer fields in the order in which they are added. */
    private static final class Message {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.out.toByteArray());
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }

    /** @param shape a number for a fixed size, any other text for an open one */
    public OnnxGraph input(String name, String... shape) {
        graph.message(11, value(name, shape));
        return this;
    }

    /** @param shape as for {@link #input} */
    public OnnxGraph output(String name, String... shape) {
        graph.message(12, value(name, shape));
        return this;
    }

    /** A node with one output; inputs by name, in order. */
    public OnnxGraph node(String operator, String output, String... inputs) {
        graph.message(1, nodeMessage(operator, output, inputs));
        return this;
    }

    /** As above with one list of integers as attribute, {@code kernel_shape} and the like. */
    public OnnxGraph node(String operator, String output, String attribute, long[] values, String... inputs) {
        Message message = new Message().text(1, attribute);
        for (long value : values) {
            message.number(8, value);
        }
        graph.message(1, nodeMessage(operator, output, inputs).message(5, message.number(20, ATTRIBUTE_INTS)));
        return this;
    }

    /** As above with one integer as attribute. */
    public OnnxGraph node(String operator, String output, String attribute, long value, String... inputs) {
        Message message = new Message().text(1, attribute).number(3, value).number(20, ATTRIBUTE_INT);
        graph.message(1, nodeMessage(operator, output, inputs).message(5, message));
        return this;
    }

    private Message nodeMessage(String operator, String output, String... inputs) {
        Message node = new Message();
        for (String input : inputs) {
            node.text(1, input);
        }
        return node.text(2, output).text(3, "node" + nodes++).text(4, operator);
    }

    /** A constant of floats. */
    public OnnxGraph floats(String name, long[] shape, float... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return constant(name, FLOAT, shape, raw.array());
    }

    /** A constant list of integers. */
    public OnnxGraph integers(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return constant(name, INT64, new long[] {values.length}, raw.array());
    }

    private OnnxGraph constant(String name, int type, long[] shape, byte[] raw) {
        Message tensor = new Message();
        for (long size : shape) {
            tensor.number(1, size);
        }
        graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
        return this;
    }

    private static Message value(String name, String... shape) {
        Message dimensions = new Message();
        for (String size : shape) {
            boolean fixed = size.chars().allMatch(Character::isDigit);
            Message dimension = fixed ? new Message().number(1, Long.parseLong(size)) : new Message().text(2, size);
            dimensions.message(1, dimension);
        }
        Message tensor = new Message().number(1, FLOAT).message(2, dimensions);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** The model as a file's bytes. */
    public byte[] toBytes() {
        Message model = new Message()
                .number(1, IR_VERSION)
                .message(7, graph.text(2, "bloodnet"))
                .message(8, new Message().text(1, "").number(2, OPSET));
        return model.out.toByteArray();
    }
}
