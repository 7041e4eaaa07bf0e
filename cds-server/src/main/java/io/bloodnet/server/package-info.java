@NullMarked
package io.bloodnet.server;

import org.jspecify.annotations.NullMarked;
