@NullMarked
package io.bloodnet.sandbox.ehr;

import org.jspecify.annotations.NullMarked;
