@NullMarked
package io.bloodnet.sandbox.ct;

import org.jspecify.annotations.NullMarked;
