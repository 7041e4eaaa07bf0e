/** The running server: configuration, composition root and entry point. */
@NullMarked
package io.bloodnet.server;

import org.jspecify.annotations.NullMarked;
