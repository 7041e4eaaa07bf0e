@NullMarked
package io.bloodnet.fhir;

import org.jspecify.annotations.NullMarked;
