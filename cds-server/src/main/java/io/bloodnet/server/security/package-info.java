/** Who may call us: the JSON Web Tokens of CDS Hooks clients and the keys that verify them. */
@NullMarked
package io.bloodnet.server.security;

import org.jspecify.annotations.NullMarked;
