/** Where the time of an order goes: its steps, and how long a suspected bleed took to be told. */
@NullMarked
package io.bloodnet.server.trace;

import org.jspecify.annotations.NullMarked;
