/** Our audit events as FHIR AuditEvents (IHE Basic Audit Log Patterns). */
@NullMarked
package io.bloodnet.fhir.auditout;

import org.jspecify.annotations.NullMarked;
