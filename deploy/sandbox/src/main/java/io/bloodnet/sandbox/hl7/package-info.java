@NullMarked
package io.bloodnet.sandbox.hl7;

import org.jspecify.annotations.NullMarked;
