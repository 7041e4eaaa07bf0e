package io.bloodnet.server.cdshooks.request;

/** A request that cannot be answered as it is. The message names the field and the rule, never what the field held. */
public final class RequestException extends RuntimeException {

    private final int status;
    private final String what;

    private RequestException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
        this.what = message;
    }

    /** Not as the protocol says (400). */
    static RequestException bad(String message) {
        return new RequestException(400, message);
    }

    /** Larger than the limit (413). */
    static RequestException tooLarge(String message) {
        return new RequestException(413, message);
    }

    /** Data that is needed did not come along, and is not fetched (412). */
    public static RequestException dataMissing(String message) {
        return new RequestException(412, message);
    }

    /** Not JSON (415). */
    static RequestException notJson() {
        return new RequestException(415, "Content-Type must be application/json");
    }

    /** Too much at once (503): the same call may be sent again. */
    static RequestException notNow(String message) {
        return new RequestException(503, message);
    }

    /** HTTP status of the answer. */
    public int status() {
        return status;
    }

    /** The field and the rule. */
    public String what() {
        return what;
    }
}
