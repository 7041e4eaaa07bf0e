@NullMarked
package io.bloodnet.server.worklist;

import org.jspecify.annotations.NullMarked;
