package io.bloodnet.imaging.geometry;

/** A point or direction in the patient's coordinates (PS3.3 C.7.6.2.1.1), mm: x to the left, y to the back, z to the head. */
public record Vector3(double x, double y, double z) {

    public Vector3 minus(Vector3 o) {
        return new Vector3(x - o.x, y - o.y, z - o.z);
    }

    public Vector3 plus(Vector3 o) {
        return new Vector3(x + o.x, y + o.y, z + o.z);
    }

    public Vector3 times(double factor) {
        return new Vector3(x * factor, y * factor, z * factor);
    }

    public Vector3 negated() {
        return new Vector3(-x, -y, -z);
    }

    public Vector3 cross(Vector3 o) {
        return new Vector3(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x);
    }

    public double dot(Vector3 o) {
        return x * o.x + y * o.y + z * o.z;
    }

    public double length() {
        return Math.sqrt(dot(this));
    }

    /** Angle between both lines, 0 to 90 degrees, whatever way they point. */
    public double degreesTo(Vector3 o) {
        double cosine = Math.abs(dot(o)) / (length() * o.length());
        return Math.toDegrees(Math.acos(Math.min(1, cosine)));
    }

    public static Vector3 of(double[] values, int from) {
        return new Vector3(values[from], values[from + 1], values[from + 2]);
    }
}
