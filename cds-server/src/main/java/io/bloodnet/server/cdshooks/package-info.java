/**
 * The card a clinician sees: CDS Hooks 2.0.1 (https://cds-hooks.hl7.org/STU2), accepting what 3.0 adds. A call reads top-down in
 * {@link io.bloodnet.server.cdshooks.HookCall}.
 */
@NullMarked
package io.bloodnet.server.cdshooks;

import org.jspecify.annotations.NullMarked;
