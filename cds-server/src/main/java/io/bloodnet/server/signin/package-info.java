/** Who a person is: sign-in at the site's identity provider, sessions, roles, and what each caller may see and do. */
@NullMarked
package io.bloodnet.server.signin;

import org.jspecify.annotations.NullMarked;
