@NullMarked
package io.bloodnet.hl7.view;

import org.jspecify.annotations.NullMarked;
