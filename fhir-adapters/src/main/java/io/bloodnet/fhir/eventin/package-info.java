/** What the EHR tells us: rest-hook and topic notifications, polling, our own subscription. */
@NullMarked
package io.bloodnet.fhir.eventin;

import org.jspecify.annotations.NullMarked;
