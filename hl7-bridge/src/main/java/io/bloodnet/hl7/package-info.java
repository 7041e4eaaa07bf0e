@NullMarked
package io.bloodnet.hl7;

import org.jspecify.annotations.NullMarked;
