/** A pretend identity provider: OpenID Connect on loopback, with one invented person a role and no passwords. */
@NullMarked
package io.bloodnet.sandbox.idp;

import org.jspecify.annotations.NullMarked;
