@NullMarked
package io.bloodnet.server.cdshooks.drug;

import org.jspecify.annotations.NullMarked;
