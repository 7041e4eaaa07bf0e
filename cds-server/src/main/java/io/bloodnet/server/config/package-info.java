/** The configuration: which keys there are, their defaults, ranges and secrets, and what each edge is given of them. */
@NullMarked
package io.bloodnet.server.config;

import org.jspecify.annotations.NullMarked;
