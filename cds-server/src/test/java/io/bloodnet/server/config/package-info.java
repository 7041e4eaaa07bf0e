@NullMarked
package io.bloodnet.server.config;

import org.jspecify.annotations.NullMarked;
