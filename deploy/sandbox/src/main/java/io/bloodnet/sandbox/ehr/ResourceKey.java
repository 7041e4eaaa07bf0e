package io.bloodnet.sandbox.ehr;

/** Type and id of one resource. */
record ResourceKey(String type, String id) {

    String reference() {
        return type + "/" + id;
    }
}
