/** The demo: the server beside the sandbox hospital, on loopback, with sample orders and a pretend chart. */
@NullMarked
package io.bloodnet.demo;

import org.jspecify.annotations.NullMarked;
