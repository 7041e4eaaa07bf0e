@NullMarked
package io.bloodnet.server.pipeline;

import org.jspecify.annotations.NullMarked;
