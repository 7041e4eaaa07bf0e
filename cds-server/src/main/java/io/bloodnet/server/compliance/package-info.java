@NullMarked
package io.bloodnet.server.compliance;

import org.jspecify.annotations.NullMarked;
