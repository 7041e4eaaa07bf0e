/** What an EHR sends: calls, feedback, and what is wrong with them. */
@NullMarked
package io.bloodnet.server.cdshooks.request;

import org.jspecify.annotations.NullMarked;
