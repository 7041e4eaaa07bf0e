@NullMarked
package io.bloodnet.sandbox;

import org.jspecify.annotations.NullMarked;
