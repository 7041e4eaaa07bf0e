package io.bloodnet.fhir.eventin;

/** Asked for when events may have been missed: the server polls soon, from its last watermark on. Must return at once. */
public interface CatchUp {
    /** Something may have been missed. */
    void soon();
}
