@NullMarked
package io.bloodnet.server.cli;

import org.jspecify.annotations.NullMarked;
