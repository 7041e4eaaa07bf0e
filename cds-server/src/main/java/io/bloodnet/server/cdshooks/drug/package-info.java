/** The drugs of a draft order that matter with a bleed, in the forms and languages in which they are written. */
@NullMarked
package io.bloodnet.server.cdshooks.drug;

import org.jspecify.annotations.NullMarked;
