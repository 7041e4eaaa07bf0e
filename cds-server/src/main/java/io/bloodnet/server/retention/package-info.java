/** What the site keeps for how long: a sweep that erases what is older, in small batches, and never what is open. */
@NullMarked
package io.bloodnet.server.retention;

import org.jspecify.annotations.NullMarked;
