@NullMarked
package io.bloodnet.audit;

import org.jspecify.annotations.NullMarked;
