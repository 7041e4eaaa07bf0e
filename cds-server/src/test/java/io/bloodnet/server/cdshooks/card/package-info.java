@NullMarked
package io.bloodnet.server.cdshooks.card;

import org.jspecify.annotations.NullMarked;
