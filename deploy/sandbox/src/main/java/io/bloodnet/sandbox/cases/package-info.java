@NullMarked
package io.bloodnet.sandbox.cases;

import org.jspecify.annotations.NullMarked;
