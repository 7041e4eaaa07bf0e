@NullMarked
package io.bloodnet.server.cdshooks.memory;

import org.jspecify.annotations.NullMarked;
