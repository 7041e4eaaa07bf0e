@NullMarked
package io.bloodnet.server.store;

import org.jspecify.annotations.NullMarked;
