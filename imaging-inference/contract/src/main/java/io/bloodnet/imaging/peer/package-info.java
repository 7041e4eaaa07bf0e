/** What every module shares beside orders and findings: secrets and certificates in files, Retry-After, SHA-256. */
@NullMarked
package io.bloodnet.imaging.peer;

import org.jspecify.annotations.NullMarked;
