/** What was shown, answered and acknowledged, and which tokens were used. */
@NullMarked
package io.bloodnet.server.cdshooks.memory;

import org.jspecify.annotations.NullMarked;
