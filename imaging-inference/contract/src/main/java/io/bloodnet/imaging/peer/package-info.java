/** What every module that talks to another machine shares: secrets and certificates that lie in files. */
@NullMarked
package io.bloodnet.imaging.peer;

import org.jspecify.annotations.NullMarked;
