/** What is told and to whom: results, their deliveries in the outbox, and when each is due. */
@NullMarked
package io.bloodnet.server.result;

import org.jspecify.annotations.NullMarked;
