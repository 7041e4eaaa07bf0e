@NullMarked
package io.bloodnet.server.fhir;

import org.jspecify.annotations.NullMarked;
