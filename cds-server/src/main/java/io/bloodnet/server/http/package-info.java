@NullMarked
package io.bloodnet.server.http;

import org.jspecify.annotations.NullMarked;
