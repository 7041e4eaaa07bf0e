/** Links: the listener, the client, framing, TLS. */
@NullMarked
package io.bloodnet.hl7.mllp;

import org.jspecify.annotations.NullMarked;
